import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { FilePart } from '../host/file-part.ts';
import { ElfBytes, ElfError } from './elf-bytes.ts';
import { readHardening, type ElfHardening } from './elf-hardening.ts';
import { readVersionTables, type NeededVersions } from './elf-versions.ts';

export { ElfError };

/** The headers of an ELF file. Source: System V ABI, "Object Files" and "Program Loading and Dynamic Linking". */
export interface Elf {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** e_machine: 8 is MIPS. */
  readonly machine: number;
  /** e_type: only `program` and `shared` are executed or loaded; a program may be `shared` (PIE). */
  readonly type: 'object' | 'program' | 'shared' | 'core' | 'other';
  /** e_flags: their meaning depends on the machine. */
  readonly flags: number;
  /** PT_INTERP: the dynamic linker; undefined for a static program or a library. */
  readonly interpreter: string | undefined;
  /** DT_NEEDED: names of the libraries it needs. */
  readonly needed: readonly string[];
  readonly soname: string | undefined;
  /** DT_RPATH, split at colons. */
  readonly rpath: readonly string[];
  /** DT_RUNPATH, split at colons; undefined if the file has none, which differs from an empty one. */
  readonly runPath: readonly string[] | undefined;
  /** DF_1_NODEFLIB: the directories of the dynamic linker itself are not searched (`-z nodefaultlib`). */
  readonly noDefaultDirs: boolean;
  /** Symbol versions it needs of each library, without optional ones (VER_FLG_WEAK). */
  readonly neededVersions: readonly NeededVersions[];
  /** Symbol versions it defines; undefined for a library without any. */
  readonly definedVersions: readonly string[] | undefined;
  /** .MIPS.abiflags, which only MIPS has. Source: "MIPS O32 ABI - FR0 and FR1 interlinking". */
  readonly mipsAbiFlags: MipsAbiFlags | undefined;
  /** The bytes of its writable segments in memory: variables, including zero-initialized ones. */
  readonly variableBytes: number;
  readonly hardening: ElfHardening;
}

export interface MipsAbiFlags {
  /** 1 to 5, 32 or 64. */
  readonly isaLevel: number;
  readonly isaRevision: number;
  /** Val_GNU_MIPS_ABI_FP_*: 0 any, 1 double, 2 single, 3 soft, 4 old 64, 5 xx, 6 64, 7 64A. */
  readonly floatAbi: number;
}

const PF_X = 1;
const PF_W = 2;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const PT_MIPS_ABIFLAGS = 0x7000_0003;
const EM_MIPS = 8;
const TYPES: Readonly<Record<number, Elf['type']>> = { 1: 'object', 2: 'program', 3: 'shared', 4: 'core' };

/** Real programs have about thirty; a file that claims millions would take hours. */
const MAX_DYNAMIC_TAGS = 4_096;

const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const DT_FLAGS_1 = 0x6fff_fffb;
const DF_1_NODEFLIB = 0x800;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  /** The offset in the file. */
  readonly size: number;
  readonly memorySize: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

/**
 * Reads the headers of an ELF file; undefined when the file is not ELF.
 * Throws an ElfError, with the displayed name of the file, when it is truncated or invalid.
 */
export async function readElf(
  file: string | FilePart,
  shownAs = typeof file === 'string' ? file : file.source,
): Promise<Elf | undefined> {
  const {
    source,
    offset,
    sizeBytes = 0,
  }: Partial<FilePart> & { source: string } = typeof file === 'string' ? { source: file } : file;
  const descriptor = openSync(source, 'r');
  try {
    const ident = Buffer.alloc(6);
    const length = readSync(descriptor, ident, 0, 6, offset ?? 0);
    if (length < 4 || ident.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
    const bits = ident[4] === 2 ? 64 : 32;
    const littleEndian = ident[5] === 1;
    const place =
      offset === undefined ? { offset: 0, sizeBytes: fstatSync(descriptor).size } : { offset, sizeBytes };
    const bytes = new ElfBytes(descriptor, place, { bits, littleEndian, file: shownAs });
    return await Promise.resolve(parseElf(bytes, bits, littleEndian));
  } finally {
    closeSync(descriptor);
  }
}

function parseElf(read: ElfBytes, bits: 32 | 64, littleEndian: boolean): Elf {
  const machine = read.half(18);
  const type = TYPES[read.half(16)] ?? 'other';
  const segments = readSegments(read, bits);
  const interp = segments.find((segment) => segment.type === PT_INTERP);
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  const tags = dynamic === undefined ? [] : readDynamic(read, dynamic);
  const offsetOf = (address: number): number => fileOffset(segments, address);
  const valueOf = (wanted: number): number | undefined => tags.find(([tag]) => tag === wanted)?.[1];
  const tableAddress = valueOf(DT_STRTAB);
  const table = tableAddress === undefined ? 0 : offsetOf(tableAddress);
  const stringAt = (offset: number): string => read.string(table + offset);
  const strings = (wanted: number): string[] =>
    tags.filter(([tag]) => tag === wanted).map(([, value]) => stringAt(value));
  const paths = (wanted: number): string[] => strings(wanted).flatMap((path) => path.split(':'));
  const hasRunPath = valueOf(DT_RUNPATH) !== undefined;
  return {
    bits,
    littleEndian,
    machine,
    type,
    flags: read.int(bits === 64 ? 48 : 36),
    interpreter: interp === undefined ? undefined : read.string(interp.offset),
    needed: strings(DT_NEEDED),
    soname: strings(DT_SONAME)[0],
    rpath: paths(DT_RPATH),
    runPath: hasRunPath ? paths(DT_RUNPATH) : undefined,
    noDefaultDirs: ((valueOf(DT_FLAGS_1) ?? 0) & DF_1_NODEFLIB) !== 0,
    ...readVersionTables({ read, valueOf, offsetOf, stringAt }),
    mipsAbiFlags: machine === EM_MIPS ? readMipsAbiFlags(read, segments) : undefined,
    variableBytes: segments
      .filter((segment) => segment.type === PT_LOAD && segment.writable)
      .reduce((sum, { memorySize }) => sum + memorySize, 0),
    hardening: readHardening({
      read,
      type,
      isProgram: interp !== undefined,
      segments,
      valueOf,
      stringTable: tableAddress === undefined ? undefined : table,
    }),
  };
}

function readSegments(read: ElfBytes, bits: 32 | 64): Segment[] {
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
          memorySize: read.word(at + 40),
          writable: (read.int(at + 4) & PF_W) !== 0,
          executable: (read.int(at + 4) & PF_X) !== 0,
        }
      : {
          type: read.int(at),
          offset: read.word(at + 4),
          address: read.word(at + 8),
          size: read.word(at + 16),
          memorySize: read.word(at + 20),
          writable: (read.int(at + 24) & PF_W) !== 0,
          executable: (read.int(at + 24) & PF_X) !== 0,
        };
  });
}

function readDynamic(read: ElfBytes, dynamic: Segment): [tag: number, value: number][] {
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

/** Elf_MIPS_ABIFlags_v0: version (2 bytes), isa_level, isa_rev, gpr_size, cpr1_size, cpr2_size, fp_abi. */
function readMipsAbiFlags(read: ElfBytes, segments: readonly Segment[]): MipsAbiFlags | undefined {
  const segment = segments.find(({ type }) => type === PT_MIPS_ABIFLAGS);
  if (segment === undefined || segment.size < 24 || read.half(segment.offset) !== 0) return undefined;
  return {
    isaLevel: read.byte(segment.offset + 2),
    isaRevision: read.byte(segment.offset + 3),
    floatAbi: read.byte(segment.offset + 7),
  };
}
