import type { LogStream } from './logger.ts';
import type { Logger } from './logger.ts';
import { redactValue } from '../base/redact-secrets.ts';
import { ciLog, type CiEnvironment } from './ci-log.ts';
import { jsonLines } from './json-lines.ts';
import { plainLines } from './plain-lines.ts';
import { statusLine } from './status-line.ts';

export type LogFormat = 'auto' | 'plain' | 'json';

/** The variables that decide how events are shown. */
export interface LoggerEnvironment extends CiEnvironment {
  readonly CI?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

export interface LoggerOptions {
  readonly format: LogFormat;
  readonly stream: LogStream;
  readonly isTty: boolean;
  /** Called before every drawing, because a terminal can be resized. */
  readonly columns: () => number;
  readonly env: LoggerEnvironment;
  /** A clock in milliseconds; only differences count. */
  readonly now: () => number;
}

/**
 * Chooses the sink: JSON or plain lines on request, otherwise a status line if the terminal can show one. No sink sees
 * the password of a URL, whatever a tool or a server printed.
 */
export function createLogger(options: LoggerOptions): Logger {
  const sink = chooseSink(options);
  return {
    ...sink,
    emit: (event) => {
      sink.emit(redactValue(event));
    },
  };
}

function chooseSink(options: LoggerOptions): Logger {
  const { format, stream, columns, now, isTty, env } = options;
  if (format === 'json') return jsonLines({ stream, now });
  if (format === 'plain' || !canMoveCursor(isTty, env)) return plainLines({ stream, now, ci: ciLog(env) });
  return statusLine({ stream, now, columns, colour: wantsColour(isTty, env) });
}

/** Whether the text written to a terminal may have colours; https://no-color.org says what NO_COLOR means. */
export function wantsColour(isTty: boolean, env: LoggerEnvironment): boolean {
  return canMoveCursor(isTty, env) && (env.NO_COLOR ?? '') === '';
}

function canMoveCursor(isTty: boolean, env: LoggerEnvironment): boolean {
  // Without TERM nothing is known about the terminal; git and ncurses treat it as dumb, too.
  const dumb = ['', 'dumb'].includes(env.TERM ?? '');
  const ci = [env.CI, env.GITHUB_ACTIONS, env.GITLAB_CI].some(
    (value) => !['', '0', 'false'].includes(value ?? ''),
  );
  return isTty && !dumb && !ci;
}
