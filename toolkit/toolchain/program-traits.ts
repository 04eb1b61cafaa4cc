/** The parts of a program's ELF header that traits use. */
export interface ProgramHeader {
  /** e_flags of the ELF header. */
  readonly flags: number;
  readonly bits: 32 | 64;
  /** The contents of .MIPS.abiflags; undefined for other machines and old programs. */
  readonly mipsAbiFlags?:
    { readonly isaLevel: number; readonly isaRevision: number; readonly floatAbi: number } | undefined;
}

/** A property in which programs of one machine differ, so that a CPU, a kernel or a library may reject them. */
export interface ProgramTrait {
  /** For messages: "ABI". */
  readonly name: string;
  /** Returns a file's value; undefined when it does not state one. */
  readonly ofFile: (header: ProgramHeader) => string | undefined;
  /** Returns the value that the board's compiler makes, from its predefined macros (`gcc -E -dM`); undefined if they do not state it. */
  readonly ofCompiler: (macros: ReadonlyMap<string, string>) => string | undefined;
  /** The other values that a board with this value also runs. A value without a list runs only on its own kind. */
  readonly runs: Readonly<Record<string, readonly string[]>>;
  /**
   * The compiler options that set it. If a board's `toolchain.cflags` have none of them, the value is the compiler's
   * default. The CPU may then support more, so only the pairs in `never` are errors.
   */
  readonly statedBy?: RegExp;
  /** Whether two values exclude each other in any case. */
  readonly never?: (board: string, file: string) => boolean;
  /** Ways in which a kernel runs files that the processor does not. */
  readonly emulations?: readonly Emulation[];
}

/** A way for a kernel to run files of another kind than the board's compiler makes. */
export interface Emulation {
  /** The board's values and the file's values to which it applies. */
  readonly board: RegExp;
  readonly file: RegExp;
  /** The kernel symbol that adds it; without one, CONFIG_CMDLINE must have the parameter. */
  readonly symbol?: string;
  /** The parameter on the kernel's command line that it needs; without one it is always on. */
  readonly parameter?: string;
}

/** A trait that a program must share with the libraries that it loads, although the board runs every value. */
export interface LinkTrait {
  readonly name: string;
  readonly ofFile: (header: ProgramHeader) => string | undefined;
  /** Whether both values may be in one process. */
  readonly mixes: (one: string, other: string) => boolean;
}

/** Reads predefined macros, in the form that `gcc -E -dM` prints. */
export function readMacros(text: string): ReadonlyMap<string, string> {
  const macros = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^#define (\w+)\s*(.*)$/.exec(line);
    if (match?.[1] !== undefined) macros.set(match[1], match[2] ?? '');
  }
  return macros;
}
