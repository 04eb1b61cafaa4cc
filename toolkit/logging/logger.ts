import type { KitEvent } from '../base/event.ts';

/** Shows events to people or to another program. */
export interface Logger {
  emit(event: KitEvent): void;
  /** Writes a line that is not an event, immediately. Only loggers with live lines have it. */
  line?(text: string): void;
  /** Stops all timers and restores the terminal; later events are dropped. */
  close(): void;
}

/** The part of a `WriteStream` that the sinks use. */
export interface LogStream {
  write(text: string): unknown;
}
