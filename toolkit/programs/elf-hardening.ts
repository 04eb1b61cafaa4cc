import type { ElfBytes } from './elf-bytes.ts';

/** How a program or library is hardened, by its headers and the names of the functions that it calls. */
export interface ElfHardening {
  /** PT_GNU_STACK asks for it, or is missing: then the kernel's default for the machine holds. */
  readonly executableStack: boolean;
  /** PT_GNU_RELRO: it has tables that become read-only after they were filled. */
  readonly relro: boolean;
  /** All functions are looked up at the start. */
  readonly bindNow: boolean;
  /** A program that can be at any address. */
  readonly pie: boolean;
  /** It calls the functions that end a program with a damaged stack frame; undefined for a static one, which has no names. */
  readonly stackProtector: boolean | undefined;
  /** It calls at least one function that checks the size of its buffer; undefined as above. */
  readonly fortify: boolean | undefined;
}

/** The parts of an ELF file that say it. */
export interface ElfParts {
  readonly read: ElfBytes;
  readonly type: string;
  readonly isProgram: boolean;
  readonly segments: readonly { readonly type: number; readonly executable: boolean }[];
  /** The value of a tag of the dynamic section. */
  readonly valueOf: (tag: number) => number | undefined;
  /** The offset of the dynamic string table in the file; undefined for a static program. */
  readonly stringTable: number | undefined;
}

const PT_GNU_STACK = 0x6474_e551;
const PT_GNU_RELRO = 0x6474_e552;
const DT_STRSZ = 10;
const DT_BIND_NOW = 24;
const DT_FLAGS = 30;
const DF_BIND_NOW = 8;
const DT_FLAGS_1 = 0x6fff_fffb;
const DF_1_NOW = 1;
const DF_1_PIE = 0x0800_0000;

/** liblxc has 60 kB of names; a file that claims more than this is not read for it. */
const MAX_NAMES_BYTES = 4 << 20;

export function readHardening({
  read,
  type,
  isProgram,
  segments,
  valueOf,
  stringTable,
}: ElfParts): ElfHardening {
  const has = (tag: number, bit: number): boolean => ((valueOf(tag) ?? 0) & bit) !== 0;
  const names = stringTable === undefined ? undefined : namesAt(read, stringTable, valueOf(DT_STRSZ) ?? 0);
  const calls = (name: RegExp): boolean | undefined => names?.some((one) => name.test(one));
  return {
    executableStack: segments.find((segment) => segment.type === PT_GNU_STACK)?.executable ?? true,
    relro: segments.some((segment) => segment.type === PT_GNU_RELRO),
    bindNow: valueOf(DT_BIND_NOW) !== undefined || has(DT_FLAGS, DF_BIND_NOW) || has(DT_FLAGS_1, DF_1_NOW),
    pie: type === 'shared' && (isProgram || has(DT_FLAGS_1, DF_1_PIE)),
    // A name may be the end of a longer one, which shares its bytes.
    stackProtector: calls(/__stack_chk_fail(?:_local)?$/),
    fortify: calls(/__(?!stack)\w+_chk$/),
  };
}

/** Returns the names in a string table; none when the table is not in the file, which other readers report. */
function namesAt(read: ElfBytes, start: number, length: number): string[] {
  const names: string[] = [];
  const end = start + Math.min(length, MAX_NAMES_BYTES);
  for (let at = start; at < end;) {
    const name = read.find(at);
    if (name === undefined) break;
    names.push(name);
    at += Buffer.byteLength(name) + 1;
  }
  return names;
}
