import { KitError } from '../base/errors.ts';
import { ciLog } from '../logging/ci-log.ts';
import { createLogger, wantsColour, type LogFormat } from '../logging/create-logger.ts';
import type { Logger } from '../logging/logger.ts';
import { formatError, jsonError } from '../logging/format-error.ts';
import { exitCodeOf } from './exit-codes.ts';

const DEFAULT_COLUMNS = 80;

let logFormat: LogFormat = 'auto';

/** Applies `--log-format` to everything on stderr: JSON lines only, or no colours. */
export function useLogFormat(format: LogFormat): void {
  logFormat = format;
}

/** Width of the terminal, read each time because it can be resized. */
export function columns(): number {
  return process.stderr.columns || DEFAULT_COLUMNS;
}

/** The logger that was opened last; once closed it shows no live lines. */
let logger: Logger | undefined;

export function openLogger(format: LogFormat): Logger {
  logger = createLogger({
    format,
    stream: process.stderr,
    isTty: process.stderr.isTTY,
    columns,
    env: process.env,
    now: () => performance.now(),
  });
  return logger;
}

// A second Ctrl-C does not wait for anything, but the terminal still gets its cursor back.
process.on('exit', () => {
  logger?.close();
});

export function colour(): boolean {
  return logFormat !== 'plain' && wantsColour(process.stderr.isTTY, process.env);
}

// `lxc-kit plan | head` closes the pipe early; no one reads the rest.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  const lost = new KitError('OUT_UNWRITABLE', `stdout cannot be written: ${error.message}`);
  printError(lost);
  process.exit(exitCodeOf(lost));
});

// A build goes on when its progress can no longer be shown.
process.stderr.on('error', () => undefined);

/** Results go to stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Everything else goes to stderr. */
export function printStatus(text: string): void {
  const json = logFormat === 'json';
  if (!json && logger?.line !== undefined) {
    logger.line(text);
    return;
  }
  process.stderr.write(json ? `${JSON.stringify({ type: 'note', message: text })}\n` : `${text}\n`);
}

export function printError(error: unknown): void {
  if (logFormat === 'json') {
    process.stderr.write(`${jsonError(error)}\n`);
    return;
  }
  const lines = formatError(error, { colour: colour() }).split('\n');
  // They include the last lines of a log.
  const ci = ciLog(process.env);
  process.stderr.write(`${lines.map((line) => ci?.line(line) ?? line).join('\n')}\n`);
}
