import { runTool } from '../host/run-tool.ts';
import { readMacros, type ProgramTrait } from './program-traits.ts';
import type { Toolchain } from './probe-toolchain.ts';

/** A trait and what the board's programs have of it. */
export interface BoardTrait {
  readonly trait: ProgramTrait;
  readonly value: string;
  /** The profile's compiler flags say it; otherwise it is the compiler's own choice. */
  readonly stated: boolean;
}

/** What the board's own programs are, by the macros of its compiler with the profile's flags. A trait that they do not say is left out. */
export function boardTraits(
  traits: readonly ProgramTrait[],
  macroText: string,
  cflags: readonly string[],
): BoardTrait[] {
  const macros = readMacros(macroText);
  return traits.flatMap((trait) => {
    const value = trait.ofCompiler(macros);
    const { statedBy } = trait;
    const stated = statedBy === undefined || cflags.some((flag) => statedBy.test(flag));
    return value === undefined ? [] : [{ trait, value, stated }];
  });
}

/** Asks the compiler for its predefined macros; empty when it does not answer, and then nothing is said of the board. */
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
