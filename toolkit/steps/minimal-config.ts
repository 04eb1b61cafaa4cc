import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../host/write-atomic.ts';
import { readFinalConfig } from '../kconfig/audit-config.ts';
import { diffConfigs, countDifferences, type SymbolValue } from '../kconfig/diff-configs.ts';
import { configLine } from '../kconfig/merge-fragments.ts';
import { linesBetween, reduceFragment } from '../kconfig/reduce-fragment.ts';
import { runInStep, type Build } from './build.ts';
import type { ConfiguredTree, ConfigureContext } from './configured-tree.ts';

/** A configuration without what follows from it. */
export interface MinimalConfig {
  readonly text: string;
  /** Symbols that do not come out as they were when only this is given to conf; empty as a rule. */
  readonly unlike: readonly string[];
}

/** How often BusyBox's conf is run to leave lines out. */
const MAX_RUNS = 60;

/**
 * The smallest configuration that gives a tree's final one, and proof of it: conf was run with nothing else. The
 * kernel's makefile has a target for that; BusyBox's has none, there it is what differs from all defaults.
 */
export async function minimalConfig(
  configured: ConfiguredTree,
  build: Build,
  context: ConfigureContext,
): Promise<MinimalConfig> {
  return configured.name === 'busybox'
    ? minimalBusybox(configured)
    : minimalKernel(configured, build, context);
}

async function minimalKernel(
  { make, objDir, text }: ConfiguredTree,
  build: Build,
  context: ConfigureContext,
): Promise<MinimalConfig> {
  // conf reads this, whatever it was run on before.
  await writeAtomic(join(objDir, '.config'), text);
  await runInStep(build, context, [...make, 'savedefconfig']);
  const minimal = readFileSync(join(objDir, 'defconfig'), 'utf8');
  const file = join(context.workDir, 'minimal.config');
  await writeAtomic(file, minimal);
  await runInStep(build, context, [...make, `KCONFIG_ALLCONFIG=${file}`, 'alldefconfig']);
  const again = readFileSync(join(objDir, '.config'), 'utf8');
  return { text: minimal, unlike: unlikeSymbols(again, text) };
}

function unlikeSymbols(a: string, b: string): string[] {
  const difference = diffConfigs(readFinalConfig(a), readFinalConfig(b));
  if (countDifferences(difference) === 0) return [];
  const { onlyInA, onlyInB, different } = difference;
  return [...onlyInA, ...onlyInB, ...different].map(({ symbol }) => symbol).sort();
}

async function minimalBusybox({ configure, text }: ConfiguredTree): Promise<MinimalConfig> {
  const wanted = readFinalConfig(text);
  const defaults = readFinalConfig(await configure(''));
  const { lines, remaining } = await reduceFragment({
    wanted,
    candidates: linesBetween(defaults, wanted),
    configure: async (tried) => readFinalConfig(await configure(fragmentText(tried))),
    maxRuns: MAX_RUNS,
  });
  return { text: fragmentText(lines), unlike: remaining };
}

/** Lines as they stand in a file. */
export function fragmentText(lines: readonly SymbolValue[]): string {
  return lines.map(({ symbol, value }) => `${configLine(symbol, value)}\n`).join('');
}
