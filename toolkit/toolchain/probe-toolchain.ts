import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import { findProgram } from '../host/find-program.ts';
import { runTool, type Argv, type RunResult } from '../host/run-tool.ts';
import type { Architecture } from './architectures.ts';
import { readMacros } from './program-traits.ts';

/** A cross toolchain that was found, probed, and fits the board. */
export interface Toolchain {
  /** With its directory when the profile sets one: `/opt/vendor/bin/mipsel-linux-gnu-`. */
  readonly prefix: string;
  readonly cflags: readonly string[];
  /** `12.2.0`. */
  readonly version: string;
  /** `mipsel-linux-gnu`, the compiler's name for its target. */
  readonly machine: string;
  readonly libc: string;
  /** Empty or `/` when the compiler has its libraries beside itself, as Debian's does. */
  readonly sysroot: string;
  /** Everything above that can affect the compiled code, in one line, for fingerprints. */
  readonly identity: string;
}

export interface ToolchainRequest {
  readonly prefix: string;
  readonly directory?: string | undefined;
  readonly cflags: readonly string[];
  readonly architecture: Architecture;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * Finds the compiler by its prefix and asks it for its version, machine, endianness, libc and sysroot.
 * Throws TOOL_MISSING when there is none, TOOLCHAIN_WRONG when it is for another machine.
 */
export async function probeToolchain(request: ToolchainRequest): Promise<Toolchain> {
  const prefix = request.directory === undefined ? request.prefix : join(request.directory, request.prefix);
  const compiler = `${prefix}gcc`;
  const install = `install one with: apt-get install ${request.architecture.debian.toolchain.map(({ debianPackage }) => debianPackage).join(' ')}, or set toolchain.prefix and toolchain.directory in the board profile`;
  if (findProgram(compiler, request.env['PATH'] ?? '') === undefined) {
    const where = request.prefix.includes('/') ? 'missing' : `not in ${request.directory ?? 'PATH'}`;
    throw new KitError('TOOL_MISSING', `the cross compiler ${request.prefix}gcc is ${where}`, {
      hint: install,
    });
  }
  const ask = (...args: string[]): Promise<string> => askCompiler([compiler, ...args], request, install);
  const [machine, version, sysroot, ownMacros] = await Promise.all([
    ask('-dumpmachine'),
    ask('-dumpfullversion', '-dumpversion'),
    ask('-print-sysroot'),
    ask('-E', '-dM', '-x', 'c', '/dev/null'),
  ]);
  const wanted = request.architecture;
  // First without the profile's flags: a compiler for another machine refuses -march=mips32r2
  // with a message that does not say why.
  const own = describeTarget(readMacros(ownMacros));
  const target =
    own.arch === wanted.kernelArch
      ? describeTarget(
          readMacros(
            await ask(...request.cflags, '-E', '-dM', '-include', 'stdlib.h', '-x', 'c', '/dev/null'),
          ),
        )
      : own;
  if (
    target.bits !== wanted.elf.bits ||
    target.littleEndian !== wanted.elf.littleEndian ||
    target.arch !== wanted.kernelArch
  ) {
    throw new KitError(
      'TOOLCHAIN_WRONG',
      `${request.prefix}gcc compiles for ${target.bits}-bit ${target.littleEndian ? 'little' : 'big'}-endian ${target.arch} (${machine}), but the board needs ${wanted.description}`,
      { hint: install },
    );
  }
  if (!target.linux) {
    throw new KitError(
      'TOOLCHAIN_WRONG',
      `${request.prefix}gcc compiles for bare metal (${machine}), but the board needs one for Linux`,
      { hint: install },
    );
  }
  if (target.libc === undefined) {
    throw new KitError('TOOLCHAIN_WRONG', `${request.prefix}gcc has no C library: it finds no stdlib.h`, {
      hint: install,
    });
  }
  const identity = `gcc ${version} ${machine} ${target.libc} ${request.cflags.join(' ')}`.trimEnd();
  return { prefix, cflags: request.cflags, version, machine, libc: target.libc, sysroot, identity };
}

async function askCompiler(argv: Argv, request: ToolchainRequest, install: string): Promise<string> {
  const result = await runTool(argv, { cwd: '/', env: request.env, signal: request.signal, capture: true });
  if (result.kind === 'exited' && result.exitCode === 0) return result.output.trim();
  const why = describeFailure(result);
  throw new KitError(
    'TOOLCHAIN_WRONG',
    why.includes('stdlib.h')
      ? `${request.prefix}gcc has no C library for the board: ${why}`
      : `${request.prefix}gcc does not work: ${why}`,
    { hint: install },
  );
}

function describeFailure(result: RunResult): string {
  switch (result.kind) {
    case 'exited': {
      const lines = result.errors.trim().split('\n');
      // gcc's last line is "compilation terminated."; the error is above it.
      const line = lines.find((one) => one.includes('error:')) ?? lines.at(-1) ?? '';
      return line === '' ? `it ended with exit code ${result.exitCode}` : line;
    }
    case 'killed':
      return `it was killed by ${result.signal}`;
    case 'not-started':
      return result.reason;
  }
}

/** Reads the target from the predefined macros; see `gcc -E -dM`. */
function describeTarget(macros: ReadonlyMap<string, string>): {
  arch: string;
  bits: number;
  littleEndian: boolean;
  linux: boolean;
  libc: string | undefined;
} {
  const known: readonly [string, string][] = [
    ['__mips__', 'mips'],
    ['__aarch64__', 'arm64'],
    ['__arm__', 'arm'],
    ['__x86_64__', 'x86_64'],
    ['__i386__', 'x86'],
    ['__riscv', 'riscv'],
    ['__powerpc__', 'powerpc'],
  ];
  return {
    arch: known.find(([macro]) => macros.has(macro))?.[1] ?? 'unknown machine',
    bits: Number(macros.get('__SIZEOF_POINTER__') ?? '0') * 8,
    littleEndian: macros.get('__BYTE_ORDER__') === '__ORDER_LITTLE_ENDIAN__',
    linux: macros.has('__linux__'),
    libc: readLibc(macros),
  };
}

function readLibc(macros: ReadonlyMap<string, string>): string | undefined {
  const [major, minor] = [macros.get('__GLIBC__'), macros.get('__GLIBC_MINOR__')];
  if (macros.has('__UCLIBC__')) return 'uClibc';
  if (major !== undefined && minor !== undefined) return `glibc ${major}.${minor}`;
  // musl deliberately has no macro of its own (https://wiki.musl-libc.org/faq.html); its stdlib.h defines this one.
  return macros.has('EXIT_FAILURE') ? 'musl' : undefined;
}
