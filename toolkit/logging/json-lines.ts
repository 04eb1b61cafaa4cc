import type { LogStream } from './logger.ts';
import type { Logger } from './logger.ts';

export interface JsonLinesOptions {
  readonly stream: LogStream;
  readonly now: () => number;
}

/** Writes one JSON object per event and line: `timeMs` since the start, then the event's own keys. */
export function jsonLines({ stream, now }: JsonLinesOptions): Logger {
  const startMs = now();
  let closed = false;
  return {
    emit: (event) => {
      if (closed) return;
      stream.write(`${JSON.stringify({ timeMs: Math.round(now() - startMs), ...event })}\n`);
    },
    close: () => {
      closed = true;
    },
  };
}
