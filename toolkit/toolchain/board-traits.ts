import { runTool } from '../host/run-tool.ts';
import { readMacros, type Emulation, type ProgramTrait } from './program-traits.ts';
import type { Toolchain } from './probe-toolchain.ts';

/** A trait, and its value in the board's programs. */
export interface BoardTrait {
  readonly trait: ProgramTrait;
  readonly value: string;
  /** True when the profile's compiler flags set it; false when it is the compiler's default. */
  readonly stated: boolean;
  /** The emulations with which the board's kernel runs other values, too. */
  readonly emulations?: readonly KernelEmulation[];
}

/** An emulation that the board's kernel has. */
export interface KernelEmulation extends Emulation {
  /** True when the kernel's own command line switches it on; otherwise the boot loader has to. */
  readonly on: boolean;
}

/** The parts of a kernel that affect which programs run. */
export interface EmulatingKernel {
  readonly isSet: (symbol: string) => boolean;
  /** CONFIG_CMDLINE. */
  readonly commandLine: string;
}

/** Returns the traits of the board's own programs, from the macros of its compiler with the profile's flags. Leaves out unknown ones. */
export function boardTraits(
  traits: readonly ProgramTrait[],
  macroText: string,
  cflags: readonly string[],
  kernel?: EmulatingKernel,
): BoardTrait[] {
  const macros = readMacros(macroText);
  return traits.flatMap((trait) => {
    const value = trait.ofCompiler(macros);
    const { statedBy } = trait;
    const stated = statedBy === undefined || cflags.some((flag) => statedBy.test(flag));
    const emulations = kernel === undefined || value === undefined ? [] : emulationsOf(trait, value, kernel);
    return value === undefined
      ? []
      : [{ trait, value, stated, ...(emulations.length === 0 ? {} : { emulations }) }];
  });
}

function emulationsOf(
  { emulations = [] }: ProgramTrait,
  value: string,
  { isSet, commandLine }: EmulatingKernel,
): KernelEmulation[] {
  const parameters = commandLine.split(/\s+/);
  return emulations
    .map((emulation) => ({
      ...emulation,
      on: emulation.parameter === undefined || parameters.includes(emulation.parameter),
    }))
    .filter(({ board, symbol, on }) => board.test(value) && (symbol === undefined ? on : isSet(symbol)));
}

/** Asks the compiler for its predefined macros. Empty when that fails; then nothing is known about the board. */
export async function askMacros(
  { prefix, cflags }: Pick<Toolchain, 'prefix' | 'cflags'>,
  where: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const asked = await runTool([`${prefix}gcc`, ...cflags, '-E', '-dM', '-x', 'c', '/dev/null'], {
    ...where,
    capture: true,
  });
  return asked.kind === 'exited' && asked.exitCode === 0 ? asked.output : '';
}
