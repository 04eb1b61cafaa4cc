import type { LinkTrait, ProgramHeader, ProgramTrait } from './program-traits.ts';

/** EF_MIPS_ABI2: n32. The other ABIs of 32-bit files are in EF_MIPS_ABI. Source: include/elf/mips.h of binutils. */
const EF_MIPS_ABI2 = 0x20;
const EF_MIPS_ABI = 0xf000;
const EF_MIPS_NAN2008 = 0x400;

const ABIS: Readonly<Record<number, string>> = {
  // The kernel takes a file without an ABI for o32 (elf_check_arch in arch/mips/include/asm/elf.h).
  0x0000: 'o32',
  0x1000: 'o32',
  0x2000: 'o64',
  0x3000: 'EABI32',
  0x4000: 'EABI64',
};

/** EF_MIPS_ARCH, the highest four bits of e_flags; include/elf/mips.h of binutils. */
const ISA_OF_FLAGS = [
  'mips1',
  'mips2',
  'mips3',
  'mips4',
  'mips5',
  'mips32',
  'mips64',
  'mips32r2',
  'mips64r2',
  'mips32r6',
  'mips64r6',
];

/**
 * Instruction sets and the sets that they include: mips_mach_extensions in bfd/elfxx-mips.c. Release 6 removed old
 * instructions, so it includes no earlier set, and no earlier set includes it.
 */
const MIPS32 = ['mips1', 'mips2', 'mips32'];
const MIPS32_R2 = [...MIPS32, 'mips32r2'];
const MIPS32_R3 = [...MIPS32_R2, 'mips32r3'];
const MIPS32_R5 = [...MIPS32_R3, 'mips32r5'];
const MIPS64 = [...MIPS32, 'mips3', 'mips4', 'mips5', 'mips64'];
const MIPS64_R2 = [...MIPS64, 'mips32r2', 'mips64r2'];
const MIPS64_R3 = [...MIPS64_R2, 'mips32r3', 'mips64r3'];
const MIPS64_R5 = [...MIPS64_R3, 'mips32r5', 'mips64r5'];

const ISA_PARTS: Readonly<Record<string, readonly string[]>> = {
  mips2: ['mips1'],
  mips3: ['mips1', 'mips2'],
  mips4: ['mips1', 'mips2', 'mips3'],
  mips5: ['mips1', 'mips2', 'mips3', 'mips4'],
  mips32: MIPS32,
  mips32r2: MIPS32_R2,
  mips32r3: MIPS32_R3,
  mips32r5: MIPS32_R5,
  mips64: MIPS64,
  mips64r2: MIPS64_R2,
  mips64r3: MIPS64_R3,
  mips64r5: MIPS64_R5,
  mips64r6: ['mips32r6'],
};

/** The traits of MIPS programs that decide what runs on a board, checked in this order. */
export const mipsTraits: readonly ProgramTrait[] = [
  {
    name: 'ABI',
    ofFile: ({ flags, bits }) => {
      if (bits === 64) return 'n64';
      return (flags & EF_MIPS_ABI2) === 0 ? ABIS[flags & EF_MIPS_ABI] : 'n32';
    },
    ofCompiler: (macros) => {
      const names: Readonly<Record<string, string>> = { _ABIO32: 'o32', _ABIN32: 'n32', _ABI64: 'n64' };
      return names[macros.get('_MIPS_SIM') ?? ''];
    },
    // Whether a 64-bit kernel runs the others depends on its configuration (MIPS32_O32, MIPS32_N32).
    runs: { n64: ['o32', 'n32'], n32: ['o32', 'n64'] },
  },
  {
    name: 'instruction set',
    ofFile: instructionSet,
    ofCompiler: (macros) => {
      const level = macros.get('__mips');
      return level === undefined
        ? undefined
        : isaName(Number(level), Number(macros.get('__mips_isa_rev') ?? '1'));
    },
    runs: ISA_PARTS,
    statedBy: /^-(?:march=|mips\d)/,
    never: (board, file) => board.endsWith('r6') !== file.endsWith('r6'),
    // arch/mips/kernel/mips-r2-to-r6-emul.c, Linux 4.0 and later; such a kernel's processor has release 6 itself.
    emulations: [
      { board: /r6$/, file: /^(?!.*r6$)/, symbol: 'CONFIG_MIPSR2_TO_R6_EMULATOR', parameter: 'mipsr2emu' },
      { board: /^(?!.*r6$)/, file: /r6$/, symbol: 'CONFIG_CPU_MIPSR6' },
    ],
  },
  {
    // The kernel refuses the other one with "Exec format error" (arch_check_elf in arch/mips/kernel/elf.c).
    name: 'NaN encoding',
    ofFile: ({ flags }) => ((flags & EF_MIPS_NAN2008) === 0 ? 'legacy' : '2008'),
    // Every MIPS compiler states its level. One that does not is a stand-in, which says nothing about floating point either.
    ofCompiler: (macros) => {
      if (!macros.has('__mips')) return undefined;
      return macros.has('__mips_nan2008') ? '2008' : 'legacy';
    },
    runs: {},
    // ieee754_setup() in arch/mips/kernel/fpu-probe.c, Linux 4.5 and later. Programs before release 6 are legacy ones.
    emulations: [
      {
        board: /^2008$/,
        file: /^legacy$/,
        symbol: 'CONFIG_MIPSR2_TO_R6_EMULATOR',
        parameter: 'ieee754=relaxed',
      },
      { board: /^legacy$/, file: /^2008$/, symbol: 'CONFIG_CPU_MIPSR6' },
      { board: /./, file: /./, parameter: 'ieee754=relaxed' },
    ],
  },
];

/** Val_GNU_MIPS_ABI_FP_*, by number, named as in readelf. */
const FLOAT_ABIS = ['any', 'double', 'single', 'soft', 'old 64', 'xx', '64', '64A'];

/** The properties in which a MIPS program and its libraries have to agree. */
export const mipsLinkTraits: readonly LinkTrait[] = [
  {
    name: 'floating-point ABI',
    ofFile: ({ mipsAbiFlags }) =>
      mipsAbiFlags === undefined ? undefined : FLOAT_ABIS[mipsAbiFlags.floatAbi],
    // "MIPS O32 ABI - FR0 and FR1 interlinking", table of compatible objects; glibc's dl-machine-reject-phdr.h does the same.
    mixes: (one, other) =>
      one === other ||
      [one, other].includes('any') ||
      FLOAT_MIXES.some((pair) => pair.includes(one) && pair.includes(other)),
  },
];

const FLOAT_MIXES = [
  ['double', 'xx'],
  ['double', '64A'],
  ['xx', '64'],
  ['xx', '64A'],
  ['64', '64A'],
];

function instructionSet({ flags, mipsAbiFlags }: ProgramHeader): string | undefined {
  // Releases 3 and 5 have no separate numbers in e_flags.
  if (mipsAbiFlags !== undefined) return isaName(mipsAbiFlags.isaLevel, mipsAbiFlags.isaRevision);
  return ISA_OF_FLAGS[flags >>> 28];
}

function isaName(level: number, revision: number): string {
  return level < 32 || revision < 2 ? `mips${level}` : `mips${level}r${revision}`;
}
