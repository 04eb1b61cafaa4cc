/** What the header of a program says of itself, as far as traits ask. */
export interface ProgramHeader {
  /** e_flags of the ELF header. */
  readonly flags: number;
  readonly bits: 32 | 64;
  /** What .MIPS.abiflags says; undefined for other machines and old programs. */
  readonly mipsAbiFlags?:
    { readonly isaLevel: number; readonly isaRevision: number; readonly floatAbi: number } | undefined;
}

/** A property in which programs of one machine differ, so that a CPU, a kernel or a library may not take them. */
export interface ProgramTrait {
  /** For people: "ABI". */
  readonly name: string;
  /** What a file has; undefined where it does not say. */
  readonly ofFile: (header: ProgramHeader) => string | undefined;
  /** What the board's compiler makes, by its predefined macros (`gcc -E -dM`); undefined where they do not say. */
  readonly ofCompiler: (macros: ReadonlyMap<string, string>) => string | undefined;
  /** What else a board of the first runs. A file of a kind that stands in no list runs on its own kind alone. */
  readonly runs: Readonly<Record<string, readonly string[]>>;
  /**
   * The compiler's options that state it. A board whose `toolchain.cflags` have none of them takes the compiler's own
   * choice, from which nothing follows for what the CPU can do more; then only what `never` names is wrong.
   */
  readonly statedBy?: RegExp;
  /** Pairs that exclude each other in any case, board first. */
  readonly never?: (board: string, file: string) => boolean;
  /** How a kernel runs files that the processor does not. */
  readonly emulations?: readonly Emulation[];
}

/** A way for a kernel to run files of another kind than the compiler of the board makes. */
export interface Emulation {
  /** The kinds of the board and of the file. */
  readonly board: RegExp;
  readonly file: RegExp;
  /** The symbol of the kernel that brings it; without one CONFIG_CMDLINE must have the parameter. */
  readonly symbol?: string;
  /** What the kernel's command line must have for it; without one it is always on. */
  readonly parameter?: string;
}

/** A trait between a program and the libraries that it loads: the board may run either. */
export interface LinkTrait {
  readonly name: string;
  readonly ofFile: (header: ProgramHeader) => string | undefined;
  /** Whether one process may hold both. */
  readonly mixes: (one: string, other: string) => boolean;
}

/** Reads the predefined macros as `gcc -E -dM` prints them. */
export function readMacros(text: string): ReadonlyMap<string, string> {
  const macros = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^#define (\w+)\s*(.*)$/.exec(line);
    if (match?.[1] !== undefined) macros.set(match[1], match[2] ?? '');
  }
  return macros;
}
