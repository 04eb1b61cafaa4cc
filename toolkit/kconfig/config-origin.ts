import type { Diagnostic } from '../base/diagnostic.ts';

/** The tree that a configuration is for. */
export interface ConfigTarget {
  readonly program: 'Linux' | 'BusyBox';
  /** For Linux: the folder below `arch/`. */
  readonly kernelArch?: string;
}

/**
 * How the configuration of a program begins: its `mainmenu`, in a comment before the first symbol. The first group is
 * the architecture, if the program writes it there.
 */
const HEADERS: readonly (readonly [program: string, header: RegExp])[] = [
  // scripts/kconfig of Linux 2.6.37 and later: "Linux/$(ARCH) $(KERNELVERSION) Kernel Configuration".
  ['Linux', /^# Linux\/(\S+) \S.* Kernel Configuration$/],
  // Earlier headers do not name the architecture.
  ['Linux', /^# Linux kernel version: /],
  ['BusyBox', /^# Busybox version: /i],
  ['U-Boot', /^# U-Boot \S+ Configuration$/],
  ['Barebox', /^# Barebox\/(\S+) \S+ Configuration$/i],
  ['Buildroot', /^# Buildroot \S+ Configuration$/],
  ['OpenWrt', /^# OpenWrt (?:version|Configuration)/i],
  ['crosstool-NG', /^# crosstool-NG \S+ Configuration$/i],
  ['uClibc', /^# uClibc(?:-ng)? \S+ C Library Configuration$/i],
];

/** Other names in a header for a folder of `arch/`: `ARCH=` of the kernel's top Makefile, SRCARCH, and old trees. */
const FOLDERS: Readonly<Record<string, string>> = {
  i386: 'x86',
  x86_64: 'x86',
  mips64: 'mips',
  aarch64: 'arm64',
  parisc64: 'parisc',
  ppc: 'powerpc',
  ppc64: 'powerpc',
  sh64: 'sh',
  sparc32: 'sparc',
  sparc64: 'sparc',
};

/** The symbol that is y in every configuration of an architecture: the first one of its `arch/NAME/Kconfig`. */
const SYMBOLS: Readonly<Record<string, string>> = {
  CONFIG_ALPHA: 'alpha',
  CONFIG_ARC: 'arc',
  CONFIG_ARM: 'arm',
  CONFIG_ARM64: 'arm64',
  CONFIG_AVR32: 'avr32',
  CONFIG_BLACKFIN: 'blackfin',
  CONFIG_CSKY: 'csky',
  CONFIG_HEXAGON: 'hexagon',
  CONFIG_IA64: 'ia64',
  CONFIG_LOONGARCH: 'loongarch',
  CONFIG_M68K: 'm68k',
  CONFIG_MICROBLAZE: 'microblaze',
  CONFIG_MIPS: 'mips',
  CONFIG_NIOS2: 'nios2',
  CONFIG_OPENRISC: 'openrisc',
  CONFIG_PARISC: 'parisc',
  CONFIG_PPC: 'powerpc',
  CONFIG_RISCV: 'riscv',
  CONFIG_S390: 's390',
  CONFIG_SPARC: 'sparc',
  CONFIG_SUPERH: 'sh',
  CONFIG_UML: 'um',
  CONFIG_X86: 'x86',
  CONFIG_XTENSA: 'xtensa',
};

/** `config HAVE_DOT_CONFIG`, `default y`: in every configuration of BusyBox (its Config.in). */
const BUSYBOX_SYMBOL = 'CONFIG_HAVE_DOT_CONFIG';

/** Whether a kernel configuration itself states its architecture; otherwise only the tree can decide. */
export function namesArchitecture(text: string): boolean {
  return headerOf(text)?.architecture !== undefined || architectureLines(text).length > 0;
}

/**
 * Returns the problem with a configuration for another program or another architecture, with the line that states it.
 * Undefined when it fits, or when it does not state what it is for.
 */
export function refuseForeign(text: string, shownAs: string, target: ConfigTarget): Diagnostic | undefined {
  const header = headerOf(text) ?? headerBySymbols(text);
  if (header === undefined) return undefined;
  const { program, architecture, line, text: sourceLine } = header;
  const location = { file: shownAs, line, column: 1, length: sourceLine.length, sourceLine };
  if (program !== target.program) {
    return {
      location,
      message: `this is a configuration of ${program}, but one of ${target.program} is expected`,
    };
  }
  if (target.kernelArch === undefined) return undefined;
  if (architecture !== undefined) {
    return architecture === target.kernelArch
      ? undefined
      : { location, ...otherArchitecture(architecture, target.kernelArch) };
  }
  const lines = architectureLines(text);
  const [first] = lines;
  // With a line of the right architecture beside it, conf drops the other one and goes on.
  if (first === undefined || lines.some(({ folder }) => folder === target.kernelArch)) return undefined;
  return {
    location: {
      file: shownAs,
      line: first.line,
      column: 1,
      length: first.text.length,
      sourceLine: first.text,
    },
    ...otherArchitecture(first.folder, target.kernelArch),
  };
}

/** Returns the message and help for a kernel configuration of another architecture. */
export function otherArchitecture(found: string, wanted: string): { message: string; help: string } {
  return {
    message: `this is a kernel configuration for ${found}, but the board's kernel is for ${wanted}`,
    help: `start from a configuration for ${wanted}, and put what does not depend on the machine into a fragment`,
  };
}

interface Header {
  readonly program: string;
  readonly architecture: string | undefined;
  readonly line: number;
  readonly text: string;
}

/** Finds the header in the comments before the first symbol. */
function headerOf(text: string): Header | undefined {
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.trimEnd();
    if (line !== '' && (!line.startsWith('#') || line.startsWith('# CONFIG_'))) return undefined;
    for (const [program, pattern] of HEADERS) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const named = match[1];
      const architecture = named === undefined ? undefined : (FOLDERS[named] ?? named);
      return { program, architecture, line: index + 1, text: line };
    }
  }
  return undefined;
}

/** Recognises the program by a symbol that all of its configurations set, for a file without its header. */
function headerBySymbols(text: string): Header | undefined {
  const [architecture] = architectureLines(text);
  const header = (program: string, line: number, shown: string): Header => ({
    program,
    architecture: undefined,
    line,
    text: shown,
  });
  if (architecture !== undefined) return header('Linux', architecture.line, architecture.text);
  const lines = text.split('\n').map((line) => line.trimEnd());
  const at = lines.indexOf(`${BUSYBOX_SYMBOL}=y`);
  return at === -1 ? undefined : header('BusyBox', at + 1, lines[at] ?? '');
}

/** Returns the lines that set the symbol of an architecture. */
function architectureLines(text: string): { folder: string; line: number; text: string }[] {
  return text.split('\n').flatMap((raw, index) => {
    const [, symbol = ''] = /^(CONFIG_\w+)=y\s*$/.exec(raw) ?? [];
    const folder = Object.hasOwn(SYMBOLS, symbol) ? SYMBOLS[symbol] : undefined;
    return folder === undefined ? [] : [{ folder, line: index + 1, text: raw.trimEnd() }];
  });
}
