import { readSync } from 'node:fs';

/** Thrown for a damaged file that begins like an ELF file. */
export class ElfError extends Error {}

/** The number of bytes read at once. */
const PAGE_BYTES = 16_384;

/** PATH_MAX of Linux: no name in a program can be longer. */
const MAX_STRING_LENGTH = 4_096;

/**
 * Reads numbers and strings of an open ELF file in its own width and byte order, a page at a time, so that a program of
 * several hundred megabytes needs no more memory than a small one.
 */
export class ElfBytes {
  /** The bytes of an address: 4 or 8. */
  readonly wordSize: 4 | 8;
  readonly #descriptor: number;
  /** The offset of the ELF file in the open file. */
  readonly #offset: number;
  readonly #sizeBytes: number;
  readonly #littleEndian: boolean;
  readonly #file: string;
  readonly #pages = new Map<number, Buffer>();

  constructor(
    descriptor: number,
    { offset, sizeBytes }: { readonly offset: number; readonly sizeBytes: number },
    {
      bits,
      littleEndian,
      file,
    }: { readonly bits: 32 | 64; readonly littleEndian: boolean; readonly file: string },
  ) {
    this.#descriptor = descriptor;
    this.#offset = offset;
    this.#sizeBytes = sizeBytes;
    this.wordSize = bits === 64 ? 8 : 4;
    this.#littleEndian = littleEndian;
    this.#file = file;
  }

  byte(at: number): number {
    return this.#take(at, 1)[0] ?? 0;
  }

  half(at: number): number {
    const bytes = this.#take(at, 2);
    return this.#littleEndian ? bytes.readUInt16LE() : bytes.readUInt16BE();
  }

  int(at: number): number {
    const bytes = this.#take(at, 4);
    return this.#littleEndian ? bytes.readUInt32LE() : bytes.readUInt32BE();
  }

  word(at: number): number {
    if (this.wordSize === 4) return this.int(at);
    const bytes = this.#take(at, 8);
    return Number(this.#littleEndian ? bytes.readBigUInt64LE() : bytes.readBigUInt64BE());
  }

  string(at: number): string {
    this.#check(at, 1);
    const found = this.find(at);
    if (found === undefined) throw this.error(`the name at byte ${at} has no end`);
    return found;
  }

  /** Returns the string at a place; undefined when there is none. */
  find(at: number): string | undefined {
    if (at >= this.#sizeBytes) return undefined;
    const bytes = this.#take(at, Math.min(MAX_STRING_LENGTH, this.#sizeBytes - at));
    const end = bytes.indexOf(0);
    return end < 0 ? undefined : bytes.toString('utf8', 0, end);
  }

  error(what: string): ElfError {
    return new ElfError(`${this.#file} is a damaged ELF file: ${what}`);
  }

  #check(at: number, length: number): void {
    if (at + length > this.#sizeBytes)
      throw this.error(`it is truncated before byte ${at + length}, or its headers are wrong`);
  }

  #take(at: number, length: number): Buffer {
    this.#check(at, length);
    const start = at % PAGE_BYTES;
    const first = this.#page((at - start) / PAGE_BYTES);
    if (start + length <= first.length) return first.subarray(start, start + length);
    const second = this.#page((at - start) / PAGE_BYTES + 1);
    const bytes = Buffer.concat([first.subarray(start), second.subarray(0, start + length - first.length)]);
    // The file was truncated after it was opened.
    if (bytes.length < length) throw this.error(`it is truncated before byte ${at + length}`);
    return bytes;
  }

  #page(index: number): Buffer {
    const known = this.#pages.get(index);
    if (known !== undefined) return known;
    const page = Buffer.alloc(PAGE_BYTES);
    const at = index * PAGE_BYTES;
    const wanted = Math.min(PAGE_BYTES, this.#sizeBytes - at);
    const length = readSync(this.#descriptor, page, 0, wanted, this.#offset + at);
    // A program's tables are in few places, so these pages are enough.
    if (this.#pages.size >= 8) this.#pages.clear();
    const read = page.subarray(0, length);
    this.#pages.set(index, read);
    return read;
  }
}
