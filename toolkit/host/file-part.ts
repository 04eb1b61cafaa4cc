import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Where bytes lie on the host: they are a whole file, or a part of one that holds the bytes of many. */
export interface FilePart {
  readonly source: string;
  /** Where in the file they begin, in bytes; absent where they are all of it. */
  readonly offset?: number | undefined;
  readonly sizeBytes: number;
}

/**
 * Reads its bytes, or the first `mostBytes` of them. A whole file is read as it is now, also where its size is another.
 * Throws what the system says.
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

/** Fills a buffer from a place in an open file, and gives how many bytes there were. */
export function readFully(descriptor: number, buffer: Buffer, position: number): number {
  let filled = 0;
  while (filled < buffer.length) {
    const bytesRead = readSync(descriptor, buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** How much of a file of many parts is read at once, in bytes. */
const WINDOW_BYTES = 1 << 16;

/** Reads small parts of one file, which mostly lie side by side, without opening it for each. */
export class PartReader {
  #source = '';
  #start = 0;
  #window: Buffer = Buffer.of();

  /** The bytes of a part that has an offset, or the first `mostBytes`; good until they are changed in the file. */
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
