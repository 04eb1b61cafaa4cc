import { countDifferences, diffConfigs, type SymbolValue } from './diff-configs.ts';

/** What is known of lines that lead from one configuration to another. */
export interface ReducedFragment {
  readonly lines: readonly SymbolValue[];
  /** Symbols that still come out differently with all these lines; empty when they do what they should. */
  readonly remaining: readonly string[];
}

export interface ReduceOptions {
  /** The configuration that the lines have to lead to. */
  readonly wanted: ReadonlyMap<string, string>;
  /** Where to begin: lines that should do. */
  readonly candidates: readonly SymbolValue[];
  /** Runs the tree's own conf with these lines and gives the final configuration. */
  readonly configure: (lines: readonly SymbolValue[]) => Promise<ReadonlyMap<string, string>>;
  /** How often `configure` may be called to leave lines out; it takes seconds. */
  readonly maxRuns: number;
}

/** How often lines are added before it is given up. */
const MAX_ROUNDS = 4;

/**
 * Finds lines that lead to the wanted configuration, and leaves out those that follow from the others. Every answer
 * was tried: the configuration that the lines gave was compared with the wanted one.
 */
export async function reduceFragment(options: ReduceOptions): Promise<ReducedFragment> {
  const { lines, remaining } = await completeLines(options);
  if (remaining.length > 0) return { lines, remaining };
  return { lines: await dropLines(lines, options), remaining };
}

/** The symbols of `wanted` that are not so in `from`, as lines for a fragment. */
export function linesBetween(
  from: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): SymbolValue[] {
  const { onlyInA, onlyInB, different } = diffConfigs(from, wanted);
  return [
    // A number or a text that is not mentioned any more cannot be asked away: nobody sees its symbol now.
    ...onlyInA
      .filter(({ value }) => value === 'y' || value === 'm')
      .map(({ symbol }) => ({ symbol, value: 'n' })),
    ...onlyInB,
    ...different.map(({ symbol, b }) => ({ symbol, value: b })),
  ].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

/** Adds what comes out differently, until nothing does. */
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
 * Leaves out what follows from the rest: large pieces first, then smaller ones. Those that switch something off go
 * first, because they mostly follow from a symbol that was switched off above them.
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
      // Without any line nothing changes, and something has to.
      if (rest.length === 0) break;
      runs++;
      if (countDifferences(diffConfigs(await configure(rest), wanted)) === 0) kept = rest;
      else start += size;
    }
  }
  return kept.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}
