import { integers, versionDefinitions, versionNeeds, withoutMark } from './elf-version-tables.ts';

/** Machines that fake tools can claim to build for: byte order, `e_machine` and `e_flags`. */
const MACHINES = {
  /** noreorder, pic, cpic, o32, mips32r2: what Debian's mipsel compiler writes. */
  mipsel: { little: true, machine: 8, flags: 0x7000_1007 },
  mips: { little: false, machine: 8, flags: 0x7000_1007 },
  arm: { little: true, machine: 40, flags: 0x0500_0400 },
} as const;

export type ElfMachine = keyof typeof MACHINES;

export interface ElfOptions {
  readonly machine?: ElfMachine;
  readonly kind: 'static' | 'exec' | 'shared' | 'object';
  /** The dynamic loader; `exec` has /lib/ld.so.1 when none is given. */
  readonly interp?: string;
  /** DT_NEEDED, in this order. */
  readonly needed?: readonly string[];
  readonly soname?: string;
  /** e_flags in place of the machine's usual ones. */
  readonly flags?: number;
  /** DT_RUNPATH and DT_RPATH. */
  readonly runPath?: string;
  readonly rpath?: string;
  /** DF_1_NODEFLIB. */
  readonly noDefaultDirs?: boolean;
  /** Symbol versions it needs, by library; a name that ends in "?" is weak. */
  readonly needsVersions?: Readonly<Record<string, readonly string[]>>;
  /** Symbol versions it defines beside its own name. */
  readonly definesVersions?: readonly string[];
  /** .MIPS.abiflags: ISA level and revision, and the number of the floating-point ABI. */
  readonly abiFlags?: { readonly level: number; readonly revision: number; readonly float: number };
  /** Goes into .text as it is, so that files made of different things differ. */
  readonly content?: string;
}

const HEADER_SIZE = 52;
const PROGRAM_HEADER_SIZE = 32;
const SECTION_HEADER_SIZE = 40;
const EXECUTABLE_ADDRESS = 0x40_0000;

const ET = { object: 1, static: 2, exec: 2, shared: 3 } as const;
const PT = { load: 1, dynamic: 2, interp: 3, abiFlags: 0x7000_0003 } as const;
const SHT = {
  progbits: 1,
  strtab: 3,
  hash: 5,
  dynamic: 6,
  dynsym: 11,
  abiFlags: 0x7000_002a,
  verdef: 0x6fff_fffd,
  verneed: 0x6fff_fffe,
} as const;
const SHF = { write: 1, alloc: 2, code: 4 } as const;
const DT = {
  needed: 1,
  hash: 4,
  strtab: 5,
  symtab: 6,
  strsz: 10,
  syment: 11,
  soname: 14,
  rpath: 15,
  runPath: 29,
  flags1: 0x6fff_fffb,
  verdef: 0x6fff_fffc,
  verdefnum: 0x6fff_fffd,
  verneed: 0x6fff_fffe,
  verneednum: 0x6fff_ffff,
} as const;
const DF_1_NODEFLIB = 0x800;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly bytes: Buffer;
  /** Name of the section that sh_link points to. */
  readonly link?: string;
  readonly entrySize?: number;
  /** How many entries it has, for readelf. */
  readonly info?: number;
  readonly offset: number;
}

/**
 * Makes a small but valid 32-bit ELF file that `readelf -a` reads without a complaint: headers, a loaded
 * segment and, where it is dynamic, .interp, .dynamic, .dynsym, .dynstr and .hash. Its code is no code.
 * Source: System V ABI, "Object files" and "Program loading and dynamic linking".
 */
export function makeElf(options: ElfOptions): Buffer {
  const { kind, content = '', needed = [], soname, abiFlags, needsVersions = {}, definesVersions } = options;
  const { little, machine, flags: usualFlags } = MACHINES[options.machine ?? 'mipsel'];
  const flags = options.flags ?? usualFlags;
  const words = (...values: number[]): Buffer => integers(4, values, little);
  const interp = options.interp ?? (kind === 'exec' ? '/lib/ld.so.1' : undefined);
  const dynamic = kind === 'exec' || kind === 'shared';
  const segmentCount =
    kind === 'object'
      ? 0
      : 1 + Number(interp !== undefined) + Number(dynamic) + Number(abiFlags !== undefined);
  const base = kind === 'static' || kind === 'exec' ? EXECUTABLE_ADDRESS : 0;

  const sections: Section[] = [];
  let end = HEADER_SIZE + segmentCount * PROGRAM_HEADER_SIZE;
  const add = (section: Omit<Section, 'offset'>): void => {
    const offset = align(end);
    sections.push({ ...section, offset });
    end = offset + section.bytes.length;
  };
  const find = (name: string): Section | undefined => sections.find((section) => section.name === name);
  const address = (name: string): number => base + (find(name)?.offset ?? 0);

  add({ name: '.text', type: SHT.progbits, flags: SHF.alloc | SHF.code, bytes: Buffer.from(`${content}\0`) });
  if (interp !== undefined) {
    add({ name: '.interp', type: SHT.progbits, flags: SHF.alloc, bytes: Buffer.from(`${interp}\0`) });
  }
  if (abiFlags !== undefined) {
    const { level, revision, float } = abiFlags;
    const head = integers(2, [0], little);
    const bytes = Buffer.concat([head, Buffer.from([level, revision, 1, 1, 0, float]), words(0, 0, 0, 0)]);
    add({ name: '.MIPS.abiflags', type: SHT.abiFlags, flags: SHF.alloc, bytes, entrySize: 24 });
  }
  if (dynamic) {
    const { runPath, rpath, noDefaultDirs = false } = options;
    const named: [tag: number, text: string][] = [
      ...(soname === undefined ? [] : [[DT.soname, soname] as [number, string]]),
      ...(rpath === undefined ? [] : [[DT.rpath, rpath] as [number, string]]),
      ...(runPath === undefined ? [] : [[DT.runPath, runPath] as [number, string]]),
    ];
    const neededVersions = Object.entries(needsVersions);
    const strings = stringTable([
      ...needed,
      ...named.map(([, text]) => text),
      ...neededVersions.flatMap(([library, versions]) => [library, ...versions.map(withoutMark)]),
      ...(definesVersions === undefined ? [] : [soname ?? 'base', ...definesVersions]),
    ]);
    add({ name: '.dynstr', type: SHT.strtab, flags: SHF.alloc, bytes: strings.bytes });
    // The undefined symbol alone, and one empty bucket.
    add({
      name: '.dynsym',
      type: SHT.dynsym,
      flags: SHF.alloc,
      bytes: words(0, 0, 0, 0),
      link: '.dynstr',
      entrySize: 16,
    });
    add({
      name: '.hash',
      type: SHT.hash,
      flags: SHF.alloc,
      bytes: words(1, 1, 0, 0),
      link: '.dynsym',
      entrySize: 4,
    });
    if (neededVersions.length > 0) {
      const bytes = versionNeeds(neededVersions, strings, little);
      const info = neededVersions.length;
      add({ name: '.gnu.version_r', type: SHT.verneed, flags: SHF.alloc, bytes, link: '.dynstr', info });
    }
    if (definesVersions !== undefined) {
      const bytes = versionDefinitions([soname ?? 'base', ...definesVersions], strings, little);
      const info = definesVersions.length + 1;
      add({ name: '.gnu.version_d', type: SHT.verdef, flags: SHF.alloc, bytes, link: '.dynstr', info });
    }
    const entries = [
      ...needed.map((name) => [DT.needed, strings.offset(name)]),
      ...named.map(([tag, text]) => [tag, strings.offset(text)]),
      ...(noDefaultDirs ? [[DT.flags1, DF_1_NODEFLIB]] : []),
      ...(neededVersions.length > 0
        ? [
            [DT.verneed, address('.gnu.version_r')],
            [DT.verneednum, neededVersions.length],
          ]
        : []),
      ...(definesVersions === undefined
        ? []
        : [
            [DT.verdef, address('.gnu.version_d')],
            [DT.verdefnum, definesVersions.length + 1],
          ]),
      [DT.hash, address('.hash')],
      [DT.strtab, address('.dynstr')],
      [DT.symtab, address('.dynsym')],
      [DT.strsz, strings.bytes.length],
      [DT.syment, 16],
      [0, 0],
    ];
    const bytes = words(...entries.flat());
    add({
      name: '.dynamic',
      type: SHT.dynamic,
      flags: SHF.alloc | SHF.write,
      bytes,
      link: '.dynstr',
      entrySize: 8,
    });
  }
  const loaded = end;
  const names = stringTable([...sections.map((section) => section.name), '.shstrtab']);
  add({ name: '.shstrtab', type: SHT.strtab, flags: 0, bytes: names.bytes });
  const sectionTable = align(end);

  const segment = (type: number, offset: number, size: number, rights: number): Buffer =>
    words(type, offset, base + offset, base + offset, size, size, rights, type === PT.load ? 0x1_0000 : 4);
  const segmentOf = (type: number, section: Section | undefined, rights: number): Buffer[] =>
    section === undefined ? [] : [segment(type, section.offset, section.bytes.length, rights)];
  const segments = [
    ...segmentOf(PT.interp, find('.interp'), 4),
    segment(PT.load, 0, loaded, 7),
    ...segmentOf(PT.dynamic, find('.dynamic'), 6),
    ...segmentOf(PT.abiFlags, find('.MIPS.abiflags'), 4),
  ].slice(0, segmentCount);

  const file = Buffer.alloc(sectionTable + (sections.length + 1) * SECTION_HEADER_SIZE);
  Buffer.concat([
    Buffer.from([0x7f, ...Buffer.from('ELF'), 1, little ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    integers(2, [ET[kind], machine], little),
    words(
      1,
      kind === 'object' ? 0 : address('.text'),
      segmentCount > 0 ? HEADER_SIZE : 0,
      sectionTable,
      flags,
    ),
    integers(
      2,
      [
        HEADER_SIZE,
        PROGRAM_HEADER_SIZE,
        segmentCount,
        SECTION_HEADER_SIZE,
        sections.length + 1,
        sections.length,
      ],
      little,
    ),
    ...segments,
  ]).copy(file);
  sections.forEach((section, index) => {
    const { name, type, flags: rights, bytes, link, entrySize = 0, info = 0, offset } = section;
    bytes.copy(file, offset);
    const linkIndex = sections.findIndex((other) => other.name === link) + 1;
    const localSymbols = type === SHT.dynsym ? 1 : info;
    const loadedAt = kind !== 'object' && rights !== 0 ? base + offset : 0;
    words(
      names.offset(name),
      type,
      rights,
      loadedAt,
      offset,
      bytes.length,
      linkIndex,
      localSymbols,
      4,
      entrySize,
    ).copy(file, sectionTable + (index + 1) * SECTION_HEADER_SIZE);
  });
  return file;
}

/** An ELF header of a 64-bit x86 program and nothing else, as a sign of the wrong machine. */
export function makeForeignElf(): Buffer {
  const file = Buffer.alloc(64);
  Buffer.from([0x7f, ...Buffer.from('ELF'), 2, 1, 1]).copy(file);
  integers(2, [2, 62], true).copy(file, 16);
  integers(4, [1], true).copy(file, 20);
  integers(2, [64, 56, 0, 64, 0, 0], true).copy(file, 52);
  return file;
}

function stringTable(strings: readonly string[]): { bytes: Buffer; offset(text: string): number } {
  const text = `\0${strings.map((string) => `${string}\0`).join('')}`;
  return { bytes: Buffer.from(text), offset: (string) => text.indexOf(`\0${string}\0`) + 1 };
}

function align(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}

/** A little-endian MIPS program that is nothing but headers: code that can be read, and variables of a size. */
export function programWith(variableBytes: number, bits: 32 | 64 = 32): Buffer {
  const [headerSize, entrySize] = bits === 64 ? [64, 56] : [52, 32];
  const bytes = Buffer.alloc(headerSize + 2 * entrySize);
  bytes.write('\x7fELF', 'latin1');
  bytes.set([bits === 64 ? 2 : 1, 1, 1], 4);
  bytes.writeUInt16LE(ET.static, 16);
  bytes.writeUInt16LE(8, 18);
  const [tableAt, entrySizeAt] = bits === 64 ? [32, 54] : [28, 42];
  bytes.writeUInt32LE(headerSize, tableAt);
  bytes.writeUInt16LE(entrySize, entrySizeAt);
  bytes.writeUInt16LE(2, entrySizeAt + 2);
  for (const [index, { flags, memory }] of [
    { flags: 5, memory: 4096 },
    { flags: 6, memory: variableBytes },
  ].entries()) {
    const at = headerSize + index * entrySize;
    bytes.writeUInt32LE(PT.load, at);
    bytes.writeUInt32LE(flags, at + (bits === 64 ? 4 : 24));
    bytes.writeUInt32LE(memory, at + (bits === 64 ? 40 : 20));
  }
  return bytes;
}
