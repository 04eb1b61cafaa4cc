import type { SymbolNeed } from '../kernel-needs/symbol-need.ts';
import { mipsLinkTraits, mipsTraits } from './mips-traits.ts';
import type { LinkTrait, ProgramTrait } from './program-traits.ts';

/** Debian's port to an architecture: the binary packages for it. */
export interface DebianPort {
  /** Debian's name of the architecture. */
  readonly arch: string;
  /** The last release with this port, if it was dropped: "Debian 12 (bookworm)". */
  readonly lastRelease?: string;
}

/** One architecture that lxc-kit builds for. */
export interface Architecture {
  /** For messages: "32-bit little-endian MIPS". */
  readonly description: string;
  /** `ARCH=` of the kernel's and BusyBox's makefiles; also the folder below the kernel's `arch/`. */
  readonly kernelArch: string;
  readonly elf: { readonly bits: 32 | 64; readonly littleEndian: boolean; readonly machine: number };
  /** `cpu_family` and `cpu` of a meson cross file (meson manual, "Cross compilation"). */
  readonly meson: { readonly cpuFamily: string; readonly cpu: string; readonly endian: 'little' | 'big' };
  readonly debian: {
    /** The port with binary packages that run on it. */
    readonly port: DebianPort;
    /** Prefix of the tools in Debian's cross toolchain. */
    readonly toolchainPrefix: string;
    /** The toolchain's parts that the host must have: a program or a file, and the package that contains it. */
    readonly toolchain: readonly { readonly name: string; readonly debianPackage: string }[];
  };
  /** The make target of the kernel's boot image, unless the profile names another. */
  readonly kernelImage: string;
  /** The machine of emulator/machines.ts that stands in for a board, unless the profile names another. */
  readonly machine: string;
  /** The default library directories of this architecture's dynamic linker. */
  readonly libraryDirs: readonly string[];
  /** Compiler flags for LXC that make programs smaller. */
  readonly sizeFlags: readonly string[];
  /** Linker flags for LXC that make programs smaller. */
  readonly sizeLinkerFlags: readonly string[];
  /** The sections of its programs that strip leaves and nothing reads at run time. */
  readonly uselessSections: readonly string[];
  /** The properties of its system calls that seccomp profiles depend on. */
  readonly systemCalls: SystemCallTraits;
  /** Meson options that the architecture always needs. */
  readonly mesonOptions: readonly string[];
  /** A BusyBox fragment that is always merged first. */
  readonly busyboxFragment: string;
  /** The properties in which programs for this machine differ, as their headers and the compiler's macros state them. */
  readonly programTraits: readonly ProgramTrait[];
  /** The properties in which a program and its libraries have to agree. */
  readonly linkTraits: readonly LinkTrait[];
  /**
   * Words in the compiler's flags, in `kernel.config` or in a fragment. Without any of them, no emulation in the kernel
   * affects which programs run.
   */
  readonly emulationWords?: RegExp;
  /** The kernel symbols that programs of this architecture need. */
  readonly kernelNeeds: readonly ProgramNeed[];
}

/** The properties of an architecture's system calls. */
export interface SystemCallTraits {
  /** The number of ENOSYS (the kernel's asm/errno.h). */
  readonly enosys: number;
  /** The number of the ioctl TIOCSTI, which types into a terminal (asm/ioctls.h). */
  readonly tiocsti: number;
  /**
   * Whether its kernel also has the calls of sockets and System V IPC as parts of two others, socketcall and ipc;
   * libseccomp then knows them by negative numbers (seccomp-syscalls.h).
   */
  readonly multiplexed: boolean;
}

/** A kernel symbol that programs need, depending on how they are compiled. */
export interface ProgramNeed extends SymbolNeed {
  /** The need does not hold for a compiler with such a prefix or flag. */
  readonly unlessFlag?: RegExp;
  /** The need holds only for a compiler with such a prefix or flag. */
  readonly onlyFlag?: RegExp;
}

/** Release 6 of MIPS32 and MIPS64 in a compiler's prefix or flags (gcc manual, "MIPS Options"). */
const R6 = /^mipsisa\d+r6|^-m(?:arch=)?mips(?:32|64)r6$|^-march=i6[45]00$/;

/** The architectures by their name in a profile's `toolchain.arch`. The one place to add one. */
export const architectures = {
  mipsel: {
    description: '32-bit little-endian MIPS (o32)',
    kernelArch: 'mips',
    // EM_MIPS is 8: System V ABI, MIPS supplement.
    elf: { bits: 32, littleEndian: true, machine: 8 },
    meson: { cpuFamily: 'mips', cpu: 'mips32r2', endian: 'little' },
    debian: {
      // Debian 13's release notes, "MIPS architectures removed".
      port: { arch: 'mipsel', lastRelease: 'Debian 12 (bookworm)' },
      toolchainPrefix: 'mipsel-linux-gnu-',
      toolchain: [
        { name: 'mipsel-linux-gnu-gcc', debianPackage: 'gcc-mipsel-linux-gnu' },
        { name: '/usr/mipsel-linux-gnu/include/stdlib.h', debianPackage: 'libc6-dev-mipsel-cross' },
      ],
    },
    kernelImage: 'vmlinux',
    machine: 'malta',
    libraryDirs: ['/lib', '/usr/lib', '/lib/mipsel-linux-gnu', '/usr/lib/mipsel-linux-gnu'],
    // Makes calls within a program at a fixed address without the detour by the global offset table: a sixth of its code.
    // It has no effect on position-independent code (gcc manual, "MIPS Options").
    sizeFlags: ['-mplt'],
    // A read-only relocation segment must end at a 64 kB boundary, which pads each of 25 tools from 15 kB to 68 kB. The
    // library and the tools run as root of the device and gain little from it.
    sizeLinkerFlags: ['-Wl,-z,norelro'],
    // The procedure descriptors, a twentieth of a library.
    uselessSections: ['.pdr'],
    // arch/mips/include/uapi/asm/; o32 has socketcall and ipc (arch/mips/kernel/syscalls/syscall_o32.tbl).
    systemCalls: { enosys: 89, tiocsti: 0x5472, multiplexed: true },
    // Link-time optimisation miscompiles on MIPS; OpenWrt switches it off for the same reason.
    mesonOptions: ['-Db_lto=false'],
    busyboxFragment: 'arch-mipsel',
    programTraits: mipsTraits,
    linkTraits: mipsLinkTraits,
    emulationWords: /mips(?:isa)?(?:32|64)r6|-march=i6[45]00|MIPS(?:32_|64_)?R6|R2_TO_R6|ieee754=relaxed/,
    kernelNeeds: [
      { symbols: ['CPU_LITTLE_ENDIAN'], reason: 'programs are little-endian' },
      {
        // do_cpu() in arch/mips/kernel/traps.c: without it SIGILL, whether or not the processor has an FPU.
        symbols: ['MIPS_FP_SUPPORT'],
        since: '5.0',
        reason: 'floating-point instructions: a kernel without it kills every program that uses one',
        unlessFlag: /^-msoft-float$/,
      },
      {
        symbols: ['MIPS32_O32'],
        onlyWith: '64BIT',
        reason: 'o32 programs: a 64-bit kernel without it cannot start them',
      },
      {
        // arch/mips/Kconfig, MIPSR2_TO_R6_EMULATOR: "to run non-R6 MIPS userland code" on a release 6 processor.
        symbols: ['CPU_MIPSR6'],
        value: 'n',
        unless: 'MIPSR2_TO_R6_EMULATOR',
        since: '4.0',
        reason:
          'programs compiled for an earlier release of MIPS: release 6 encodes the same instructions differently',
        unlessFlag: R6,
      },
      {
        symbols: ['CPU_MIPSR6'],
        since: '4.0',
        reason: 'programs compiled for release 6 of MIPS: earlier processors lack its instructions',
        onlyFlag: R6,
      },
      {
        symbols: ['COMPAT_32BIT_TIME'],
        since: '5.6',
        reason: '32-bit time system calls, which the C library uses: without them sleep returns at once',
      },
    ],
  },
} as const satisfies Record<string, Architecture>;

/** Returns the kernel symbols that a board's programs need, compiled as its profile says. */
export function programNeeds(
  { kernelNeeds }: Pick<Architecture, 'kernelNeeds'>,
  { prefix = '', cflags }: { readonly prefix?: string | undefined; readonly cflags: readonly string[] },
): readonly SymbolNeed[] {
  const given = [prefix.replace(/^.*\//, ''), ...cflags];
  const isGiven = (flag: RegExp): boolean => given.some((one) => flag.test(one));
  return kernelNeeds.filter(
    ({ unlessFlag, onlyFlag }) =>
      (unlessFlag === undefined || !isGiven(unlessFlag)) && (onlyFlag === undefined || isGiven(onlyFlag)),
  );
}

export type ArchitectureName = keyof typeof architectures;

/** The architectures' names, for the profile's schema; the first is the default. */
export const architectureNames = Object.keys(architectures) as [ArchitectureName, ...ArchitectureName[]];
