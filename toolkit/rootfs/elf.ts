import { open } from 'node:fs/promises';

/** What an ELF file says of itself. Source: System V ABI, "Object Files" and "Program Loading and Dynamic Linking". */
export interface Elf {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** e_machine: 8 is MIPS. */
  readonly machine: number;
  /** PT_INTERP: the dynamic linker; undefined for a static program or a library. */
  readonly interpreter: string | undefined;
  /** DT_NEEDED: names of the libraries it needs. */
  readonly needed: readonly string[];
  readonly soname: string | undefined;
  /** DT_RUNPATH and DT_RPATH, split at colons. */
  readonly runPath: readonly string[];
}

/** A file that begins as an ELF file and is none, or is damaged. */
export class ElfError extends Error {}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
/** Real programs have some thirty; a file that claims millions would keep us busy for hours. */
const MAX_DYNAMIC_TAGS = 4_096;

/** PATH_MAX of Linux: no name in a program can be longer. */
const MAX_STRING_LENGTH = 4_096;

const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/**
 * Reads the headers of an ELF file; undefined when the file is not ELF.
 * Throws an ElfError, with the name it is shown by, when the file is cut short or nonsense.
 */
export async function readElf(file: string, shownAs = file): Promise<Elf | undefined> {
  const handle = await open(file, 'r');
  try {
    const magic = Buffer.alloc(4);
    const { bytesRead } = await handle.read(magic, 0, 4, 0);
    if (bytesRead < 4 || magic.toString('latin1') !== '\x7fELF') return undefined;
    return parseElf(await handle.readFile(), shownAs);
  } finally {
    await handle.close();
  }
}

function parseElf(bytes: Buffer, file: string): Elf {
  const bits = bytes[4] === 2 ? 64 : 32;
  const littleEndian = bytes[5] === 1;
  const read = new Reader(bytes, bits, littleEndian, file);
  const machine = read.half(18);
  const segments = readSegments(read, bits);
  const interp = segments.find((segment) => segment.type === PT_INTERP);
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  const tags = dynamic === undefined ? [] : readDynamic(read, dynamic);
  const tableAddress = tags.find(([tag]) => tag === DT_STRTAB)?.[1];
  const table = tableAddress === undefined ? 0 : fileOffset(segments, tableAddress);
  const strings = (wanted: number): string[] =>
    tags.filter(([tag]) => tag === wanted).map(([, value]) => read.string(table + value));
  return {
    bits,
    littleEndian,
    machine,
    interpreter: interp === undefined ? undefined : read.string(interp.offset),
    needed: strings(DT_NEEDED),
    soname: strings(DT_SONAME)[0],
    runPath: [...strings(DT_RUNPATH), ...strings(DT_RPATH)].flatMap((path) => path.split(':')),
  };
}

function readSegments(read: Reader, bits: 32 | 64): Segment[] {
  const tableOffset = read.word(bits === 64 ? 32 : 28);
  const entrySize = read.half(bits === 64 ? 54 : 42);
  const count = read.half(bits === 64 ? 56 : 44);
  return Array.from({ length: count }, (_, index) => {
    const at = tableOffset + index * entrySize;
    return bits === 64
      ? {
          type: read.int(at),
          offset: read.word(at + 8),
          address: read.word(at + 16),
          size: read.word(at + 32),
        }
      : {
          type: read.int(at),
          offset: read.word(at + 4),
          address: read.word(at + 8),
          size: read.word(at + 16),
        };
  });
}

function readDynamic(read: Reader, dynamic: Segment): [tag: number, value: number][] {
  const tags: [number, number][] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += read.wordSize * 2) {
    const tag = read.word(at);
    if (tag === 0) break;
    if (tags.length === MAX_DYNAMIC_TAGS) throw read.error('its dynamic section has no end');
    tags.push([tag, read.word(at + read.wordSize)]);
  }
  return tags;
}

function fileOffset(segments: readonly Segment[], address: number): number {
  const load = segments.find(
    (segment) =>
      segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.size,
  );
  return load === undefined ? address : address - load.address + load.offset;
}

/** Reads numbers and strings in the file's own width and byte order. */
class Reader {
  readonly wordSize: number;
  readonly #bytes: Buffer;
  readonly #littleEndian: boolean;
  readonly #file: string;

  constructor(bytes: Buffer, bits: 32 | 64, littleEndian: boolean, file: string) {
    this.#bytes = bytes;
    this.wordSize = bits / 8;
    this.#littleEndian = littleEndian;
    this.#file = file;
  }

  half(at: number): number {
    this.#check(at, 2);
    return this.#littleEndian ? this.#bytes.readUInt16LE(at) : this.#bytes.readUInt16BE(at);
  }

  int(at: number): number {
    this.#check(at, 4);
    return this.#littleEndian ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at);
  }

  word(at: number): number {
    if (this.wordSize === 4) return this.int(at);
    this.#check(at, 8);
    return Number(this.#littleEndian ? this.#bytes.readBigUInt64LE(at) : this.#bytes.readBigUInt64BE(at));
  }

  string(at: number): string {
    this.#check(at, 1);
    const end = this.#bytes.subarray(at, at + MAX_STRING_LENGTH).indexOf(0);
    if (end < 0) throw this.error(`the name at byte ${at} has no end`);
    return this.#bytes.toString('utf8', at, at + end);
  }

  error(what: string): ElfError {
    return new ElfError(`${this.#file} is no sound ELF file: ${what}`);
  }

  #check(at: number, length: number): void {
    if (at + length > this.#bytes.length)
      throw this.error(`it is cut short before byte ${at + length}, or what it says of itself is wrong`);
  }
}

/** In what an ELF file differs from the board's machine, in words; undefined when it fits. */
export function describeElfMismatch(
  elf: Elf,
  wanted: { readonly bits: 32 | 64; readonly littleEndian: boolean; readonly machine: number },
): string | undefined {
  if (elf.bits === wanted.bits && elf.littleEndian === wanted.littleEndian && elf.machine === wanted.machine)
    return undefined;
  const words = (some: typeof wanted): string =>
    `${some.bits}-bit ${some.littleEndian ? 'little' : 'big'}-endian ${MACHINE_NAMES[some.machine] ?? `machine ${some.machine}`}`;
  return `it is ${words(elf)}, the board is ${words(wanted)}`;
}

/** e_machine in words; System V ABI and its supplements. */
const MACHINE_NAMES: Readonly<Record<number, string>> = {
  3: 'x86',
  8: 'MIPS',
  20: 'PowerPC',
  40: 'Arm',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
};
