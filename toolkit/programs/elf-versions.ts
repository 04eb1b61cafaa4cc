import type { ElfBytes } from './elf-bytes.ts';

/** The symbol versions that a file needs of one library. */
export interface NeededVersions {
  /** The library, as DT_NEEDED names it. */
  readonly library: string;
  readonly versions: readonly string[];
}

/** The parts of an ELF file needed to read its version tables. */
interface VersionSource {
  readonly read: ElfBytes;
  /** The value of the first dynamic tag of this number. */
  readonly valueOf: (tag: number) => number | undefined;
  /** Returns the file offset of an address. */
  readonly offsetOf: (address: number) => number;
  readonly stringAt: (offset: number) => string;
}

const DT_VERDEF = 0x6fff_fffc;
const DT_VERDEFNUM = 0x6fff_fffd;
const DT_VERNEED = 0x6fff_fffe;
const DT_VERNEEDNUM = 0x6fff_ffff;

/** Marks the name of the file itself among the versions that it defines. */
const VER_FLG_BASE = 1;
/** Marks a version that the dynamic linker does not require. */
const VER_FLG_WEAK = 2;

/** An upper limit; glibc defines about fifty. */
const MAX_VERSIONS = 4_096;

/**
 * Reads the versions that a file needs and defines; a damaged chain throws an ElfError.
 * Source: Linux Standard Base Core, "Symbol Versioning".
 */
export function readVersionTables(source: VersionSource): {
  neededVersions: NeededVersions[];
  definedVersions: string[] | undefined;
} {
  return { neededVersions: readNeeded(source), definedVersions: readDefined(source) };
}

function readNeeded({ read, valueOf, offsetOf, stringAt }: VersionSource): NeededVersions[] {
  return chain(read, offsetOf, valueOf(DT_VERNEED), valueOf(DT_VERNEEDNUM), 12).map((at) => {
    const entries = steps(read, at + read.int(at + 8), read.half(at + 2), 12);
    return {
      library: stringAt(read.int(at + 4)),
      versions: entries
        .filter((entry) => (read.half(entry + 4) & VER_FLG_WEAK) === 0)
        .map((entry) => stringAt(read.int(entry + 8))),
    };
  });
}

function readDefined({ read, valueOf, offsetOf, stringAt }: VersionSource): string[] | undefined {
  const address = valueOf(DT_VERDEF);
  if (address === undefined) return undefined;
  return chain(read, offsetOf, address, valueOf(DT_VERDEFNUM), 16)
    .filter((at) => (read.half(at + 2) & VER_FLG_BASE) === 0)
    .map((at) => stringAt(read.int(at + read.int(at + 12))));
}

function chain(
  read: ElfBytes,
  offsetOf: (address: number) => number,
  address: number | undefined,
  count: number | undefined,
  nextAt: number,
): number[] {
  return address === undefined ? [] : steps(read, offsetOf(address), count ?? MAX_VERSIONS, nextAt);
}

/** Returns the places of a chain's entries; each has at `nextAt` the distance to the next one, or 0 at the end. */
function steps(read: ElfBytes, first: number, count: number, nextAt: number): number[] {
  const places: number[] = [];
  for (let at = first; places.length < count;) {
    if (places.length === MAX_VERSIONS) throw read.error('its table of versions has no end');
    places.push(at);
    const next = read.int(at + nextAt);
    if (next === 0) break;
    at += next;
  }
  return places;
}
