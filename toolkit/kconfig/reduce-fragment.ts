import { countDifferences, diffConfigs, type SymbolValue } from './diff-configs.ts';

/** Lines that lead from one configuration to another. */
export interface ReducedFragment {
  readonly lines: readonly SymbolValue[];
  /** Symbols that still get other values with all these lines; empty when the lines work. */
  readonly remaining: readonly string[];
}

export interface ReduceOptions {
  /** The configuration that the lines have to lead to. */
  readonly wanted: ReadonlyMap<string, string>;
  /** Lines to start with, which should work. */
  readonly candidates: readonly SymbolValue[];
  /** Runs the tree's own conf with these lines and returns the final configuration. */
  readonly configure: (lines: readonly SymbolValue[]) => Promise<ReadonlyMap<string, string>>;
  /** How often `configure` may be called to leave out lines; each call takes seconds. */
  readonly maxRuns: number;
}

/** How often lines are added before giving up. */
const MAX_ROUNDS = 4;

/**
 * Finds lines that lead to the wanted configuration, and leaves out those that follow from the others. Every result
 * was tried: the configuration from the lines was compared with the wanted one.
 */
export async function reduceFragment(options: ReduceOptions): Promise<ReducedFragment> {
  const { lines, remaining } = await completeLines(options);
  if (remaining.length > 0) return { lines, remaining };
  return { lines: await dropLines(lines, options), remaining };
}

/** Returns the symbols of `wanted` that differ in `from`, as lines for a fragment. */
export function linesBetween(
  from: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): SymbolValue[] {
  const { onlyInA, onlyInB, different } = diffConfigs(from, wanted);
  return [
    // A number or text that is no longer mentioned cannot be unset by a line: its symbol is not visible now.
    ...onlyInA
      .filter(({ value }) => value === 'y' || value === 'm')
      .map(({ symbol }) => ({ symbol, value: 'n' })),
    ...onlyInB,
    ...different.map(({ symbol, b }) => ({ symbol, value: b })),
  ].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

/** Adds the symbols that still differ, until none does. */
async function completeLines({ wanted, candidates, configure }: ReduceOptions): Promise<ReducedFragment> {
  let lines = [...candidates];
  for (let round = 0; ; round++) {
    const final = await configure(lines);
    const difference = diffConfigs(final, wanted);
    if (countDifferences(difference) === 0) return { lines, remaining: [] };
    const present = new Set(lines.map(({ symbol }) => symbol));
    const more = linesBetween(final, wanted).filter(({ symbol }) => !present.has(symbol));
    if (more.length === 0 || round === MAX_ROUNDS) {
      const { onlyInA, onlyInB, different } = difference;
      return { lines, remaining: [...onlyInA, ...onlyInB, ...different].map(({ symbol }) => symbol).sort() };
    }
    lines = [...lines, ...more];
  }
}

/**
 * Leaves out lines that follow from the rest: large pieces first, then smaller ones. Lines that switch something off go
 * first, because most of them follow from a symbol above that was switched off.
 */
async function dropLines(
  lines: readonly SymbolValue[],
  { wanted, configure, maxRuns }: ReduceOptions,
): Promise<SymbolValue[]> {
  let kept = [...lines.filter(({ value }) => value === 'n'), ...lines.filter(({ value }) => value !== 'n')];
  let runs = 0;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < kept.length && runs < maxRuns;) {
      const rest = [...kept.slice(0, start), ...kept.slice(start + size)];
      // With no line nothing changes, but something has to.
      if (rest.length === 0) break;
      runs++;
      if (countDifferences(diffConfigs(await configure(rest), wanted)) === 0) kept = rest;
      else start += size;
    }
  }
  return kept.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}
