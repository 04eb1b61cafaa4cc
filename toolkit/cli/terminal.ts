import { createLogger, wantsColour, type LogFormat, type Logger } from '../logging/create-logger.ts';
import { formatError } from '../logging/format-error.ts';

const DEFAULT_COLUMNS = 80;

/** Width of the terminal, asked anew each time because it can be resized. */
export function columns(): number {
  return process.stderr.columns || DEFAULT_COLUMNS;
}

export function openLogger(format: LogFormat): Logger {
  return createLogger({
    format,
    stream: process.stderr,
    isTty: process.stderr.isTTY,
    columns,
    env: process.env,
    now: () => performance.now(),
  });
}

export function colour(): boolean {
  return wantsColour(process.stderr.isTTY, process.env);
}

/** Results go to stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Everything else goes to stderr. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function tellError(error: unknown): void {
  tell(formatError(error, { colour: colour() }));
}
