import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** A place of bytes on the host: a whole file, or a part of one. */
export interface FilePart {
  readonly source: string;
  /** Offset in the file, in bytes; absent for a whole file. */
  readonly offset?: number | undefined;
  readonly sizeBytes: number;
}

/**
 * Reads its bytes, or the first `mostBytes` of them. A whole file is read as it is now, even if its size has changed.
 * Throws the system's error.
 */
export function readPart({ source, offset, sizeBytes }: FilePart, mostBytes = Infinity): Buffer {
  if (offset === undefined && mostBytes === Infinity) return readFileSync(source);
  const descriptor = openSync(source, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(offset === undefined ? Infinity : sizeBytes, mostBytes));
    return buffer.subarray(0, readFully(descriptor, buffer, offset ?? 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Fills a buffer from a position in an open file, and returns the number of bytes read. */
export function readFully(descriptor: number, buffer: Buffer, position: number): number {
  let filled = 0;
  while (filled < buffer.length) {
    const bytesRead = readSync(descriptor, buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** The bytes of a file with many parts that are read at once. */
const WINDOW_BYTES = 1 << 16;

/** Reads small parts of one file, mostly adjacent ones, without opening it for each. */
export class PartReader {
  #source = '';
  #start = 0;
  #window: Buffer = Buffer.of();

  /** The bytes of a part that has an offset, or the first `mostBytes`; valid until the file changes. */
  read({ source, offset = 0, sizeBytes }: FilePart, mostBytes = Infinity): Buffer {
    const wanted = Math.min(sizeBytes, mostBytes);
    const at = offset - this.#start;
    if (source !== this.#source || at < 0 || at + wanted > this.#window.length) {
      this.#window = readPart({ source, offset, sizeBytes: Math.max(wanted, WINDOW_BYTES) });
      [this.#source, this.#start] = [source, offset];
      return this.#window.subarray(0, wanted);
    }
    return this.#window.subarray(at, at + wanted);
  }
}
