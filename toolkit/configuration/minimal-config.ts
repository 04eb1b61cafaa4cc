import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '../host/write-atomic.ts';
import { readFinalConfig } from '../kconfig/audit-config.ts';
import { diffConfigs, countDifferences, type SymbolValue } from '../kconfig/diff-configs.ts';
import { configLine } from '../kconfig/merge-fragments.ts';
import { linesBetween, reduceFragment } from '../kconfig/reduce-fragment.ts';
import { runInStep, type Build } from '../opened-board/build.ts';
import type { ConfiguredTree, ConfigureContext } from './configured-tree.ts';

/** A configuration without the lines that follow from others. */
export interface MinimalConfig {
  readonly text: string;
  /** Symbols that get another value when conf has only this configuration; normally empty. */
  readonly unlike: readonly string[];
}

/** The limit of BusyBox conf runs for leaving out lines. */
const MAX_RUNS = 60;

/**
 * Returns the smallest configuration that leads to a tree's final one, checked by a run of conf with nothing else. The
 * kernel's makefile has a target for it. BusyBox's has none, so there it is the difference from all defaults.
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
  // conf starts from this file, so undo what earlier runs left.
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

/** Formats symbols as lines of a file. */
export function fragmentText(lines: readonly SymbolValue[]): string {
  return lines.map(({ symbol, value }) => `${configLine(symbol, value)}\n`).join('');
}
