import { diffConfigs } from '../kconfig/diff-configs.ts';
import { satisfies, proposeFix, type Proposal, type Wanted } from '../kconfig-tree/propose-fix.ts';
import type { ReadTree } from './read-kconfig-tree.ts';

/** A symbol with another final value than before. */
export interface ValueChange {
  readonly symbol: string;
  readonly before: string;
  readonly after: string;
}

/** What became of one wanted symbol. */
export interface Mended {
  readonly proposal: Proposal;
  /** `proven`: conf gave it its value with the lines. `refused`: conf did not. `blocked`: there was nothing to try. */
  readonly outcome: 'proven' | 'refused' | 'blocked';
}

/** What conf made of all proven lines together. */
export interface MendedConfig {
  readonly results: readonly Mended[];
  /** The lines that were proven, each once. */
  readonly lines: readonly Wanted[];
  /** What else they change. */
  readonly changes: readonly ValueChange[];
  /** How often conf ran. */
  readonly runs: number;
}

/**
 * Proposes lines for every wanted symbol and has the tree's own conf try them: all together first, and only where that
 * does not give all of them, each on its own. What comes back as proven held in a run of conf with exactly `lines`.
 */
export async function mendConfig(read: ReadTree, wanted: readonly Wanted[]): Promise<MendedConfig> {
  let runs = 0;
  const tryLines = async (lines: readonly Wanted[]): Promise<ReadonlyMap<string, string>> => {
    runs++;
    return read.configureWith(lines);
  };
  const proposals = wanted.map((one) => proposeFix(read, one));
  const open = proposals.filter(({ blocked }) => blocked === undefined);
  let accepted: readonly Proposal[] = open;
  let final = await finalOf(open, tryLines, read);
  if (!open.every((one) => holdsIn(one, final, read))) {
    accepted = [];
    for (const proposal of open) {
      const next = [...accepted, proposal];
      const tried = await finalOf(next, tryLines, read);
      if (next.every((one) => holdsIn(one, tried, read))) accepted = next;
    }
    final = await finalOf(accepted, tryLines, read);
  }
  const lines = allLines(accepted);
  const mentioned = new Set([...lines, ...wanted].map(({ symbol }) => symbol));
  return {
    results: proposals.map((proposal) => ({ proposal, outcome: outcomeOf(proposal, accepted) })),
    lines,
    changes: changesBetween(read.final, final).filter(({ symbol }) => !mentioned.has(symbol)),
    runs,
  };
}

function outcomeOf(proposal: Proposal, accepted: readonly Proposal[]): Mended['outcome'] {
  if (proposal.blocked !== undefined) return 'blocked';
  return accepted.includes(proposal) ? 'proven' : 'refused';
}

async function finalOf(
  proposals: readonly Proposal[],
  tryLines: (lines: readonly Wanted[]) => Promise<ReadonlyMap<string, string>>,
  read: ReadTree,
): Promise<ReadonlyMap<string, string>> {
  const lines = allLines(proposals);
  return lines.length === 0 ? read.final : tryLines(lines);
}

/** It has its value, and nothing that a fragment asked for and had was lost for it. */
function holdsIn({ wanted }: Proposal, final: ReadonlyMap<string, string>, read: ReadTree): boolean {
  if (!satisfies(final.get(wanted.symbol) ?? 'n', wanted.value)) return false;
  return [...read.asked].every(
    ([name, value]) =>
      name === wanted.symbol ||
      !satisfies(read.final.get(name) ?? 'n', value) ||
      satisfies(final.get(name) ?? 'n', value),
  );
}

function allLines(proposals: readonly Proposal[]): Wanted[] {
  const lines = new Map<string, Wanted>();
  for (const line of proposals.flatMap((proposal) => proposal.lines)) lines.set(line.symbol, line);
  return [...lines.values()];
}

/** Symbols whose value differs, by name; one that is absent is n. */
function changesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ValueChange[] {
  const { onlyInA, onlyInB, different } = diffConfigs(before, after);
  const changed = [...onlyInA, ...onlyInB, ...different].map(({ symbol }) => symbol).sort();
  return changed.map((symbol) => ({
    symbol,
    before: before.get(symbol) ?? 'n',
    after: after.get(symbol) ?? 'n',
  }));
}
