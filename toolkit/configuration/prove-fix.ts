import { diffConfigs } from '../kconfig/diff-configs.ts';
import { costOfProposal, type ValueChange } from '../kconfig-advice/change-cost.ts';
import { satisfies } from '../kconfig-advice/line-cost.ts';
import type { FixInput, Proposal, Wanted } from '../kconfig-advice/fix-input.ts';
import { proposeFix } from '../kconfig-advice/propose-fix.ts';
import type { ReadTree } from './read-kconfig-tree.ts';

/** The limit of conf runs that compare the ways to symbols with more than one. */
const MAX_COMPARISONS = 12;

/** Called before that many runs of conf compare the ways to a symbol. */
export type OnCompare = (symbol: string, runs: number) => void;

/** The result for one wanted symbol. */
export interface ProvenFix {
  readonly proposal: Proposal;
  /**
   * `proven`: with the lines, conf gave it its value. `conflict`: conf does so with its lines alone, but not beside those
   * of the symbols before it. `refused`: conf does not. `blocked`: there was nothing to try.
   */
  readonly outcome: 'proven' | 'conflict' | 'refused' | 'blocked';
}

/** The result of all proven lines together. */
export interface ProvenConfig {
  readonly results: readonly ProvenFix[];
  /** The proven lines, each once. */
  readonly lines: readonly Wanted[];
  /** The other changes that they cause. */
  readonly changes: readonly ValueChange[];
  /** How often conf ran. */
  readonly runs: number;
}

/**
 * Proposes lines for every wanted symbol and tries them with the tree's own conf: first all together, and only if some
 * fail, one symbol after the other, each beside the lines that held before. When that fails too, it looks for another way
 * that leaves the earlier lines alone. When a symbol has several ways, conf tries each, and the one that changes the
 * final .config least is taken. A result is proven only by a run of conf with exactly `lines`.
 */
export async function proveFix(
  read: ReadTree,
  wanted: readonly Wanted[],
  onCompare: OnCompare = () => undefined,
): Promise<ProvenConfig> {
  const trial = new Trial(read);
  const input = { ...read, named: new Map(wanted.map(({ symbol, value }) => [symbol, value])) };
  const proposals = await chooseByConf(
    read,
    wanted.map((one) => proposeFix(input, one)),
    trial,
    onCompare,
  );
  const open = proposals.filter(({ blocked }) => blocked === undefined);
  const tried = (await trial.allHold(open))
    ? open.map((proposal): ProvenFix => ({ proposal, outcome: 'proven' }))
    : await mendOneByOne(input, open, trial);
  const results = proposals.map(
    (proposal): ProvenFix =>
      tried.find((one) => one.proposal.wanted === proposal.wanted) ?? { proposal, outcome: 'blocked' },
  );
  const accepted = results.filter(({ outcome }) => outcome === 'proven').map(({ proposal }) => proposal);
  const final = await trial.finalOf(accepted);
  const lines = allLines(accepted);
  const mentioned = new Set([...lines, ...wanted].map(({ symbol }) => symbol));
  return {
    results,
    lines,
    changes: changesBetween(read.final, final).filter(({ symbol }) => !mentioned.has(symbol)),
    runs: trial.runs,
  };
}

/**
 * Picks the cheapest way to each symbol by its result in conf. Symbols with one way come first: the ways to the others
 * are compared beside them, so that symbols which the first ones bring along cost nothing.
 */
async function chooseByConf(
  read: ReadTree,
  proposals: readonly Proposal[],
  trial: Trial,
  onCompare: OnCompare,
): Promise<Proposal[]> {
  const chosen = new Map<Proposal, Proposal>();
  const fewestFirst = [...proposals].sort((a, b) => waysOf(a).length - waysOf(b).length);
  let runsLeft = MAX_COMPARISONS;
  for (const proposal of fewestFirst) {
    const ways = waysOf(proposal);
    if (ways.length < 2 || ways.length > runsLeft) {
      chosen.set(proposal, proposal);
      continue;
    }
    runsLeft -= ways.length;
    onCompare(proposal.wanted.symbol, ways.length);
    const earlier = [...chosen.values()];
    const before = await trial.finalOf(earlier);
    let best = { way: proposal, cost: Infinity };
    for (const way of ways) {
      const final = await trial.finalOf([...earlier, way]);
      const cost = holdsIn(way, final, read)
        ? costOfProposal(way.lines, changesBetween(before, final), read)
        : Infinity;
      if (cost < best.cost) best = { way, cost };
    }
    chosen.set(proposal, best.way);
  }
  return proposals.map((proposal) => chosen.get(proposal) ?? proposal);
}

function waysOf(proposal: Proposal): Proposal[] {
  return [proposal.lines, ...(proposal.alternatives ?? [])].map((lines) => ({ ...proposal, lines }));
}

async function mendOneByOne(read: ReadTree, open: readonly Proposal[], trial: Trial): Promise<ProvenFix[]> {
  const results: ProvenFix[] = [];
  const accepted: Proposal[] = [];
  for (const first of open) {
    let holding = (await trial.allHold([...accepted, first])) ? first : undefined;
    if (holding === undefined) {
      const other = proposeFix(await beside(read, accepted, trial), first.wanted);
      if (other.blocked === undefined && (await trial.allHold([...accepted, other]))) holding = other;
    }
    if (holding !== undefined) {
      accepted.push(holding);
      results.push({ proposal: holding, outcome: 'proven' });
    } else
      results.push({ proposal: first, outcome: (await trial.allHold([first])) ? 'conflict' : 'refused' });
  }
  return results;
}

/** Returns the same board with the proven lines in its fragments, so that another symbol does not change them. */
async function beside(read: ReadTree, accepted: readonly Proposal[], trial: Trial): Promise<FixInput> {
  const lines = allLines(accepted).map(({ symbol, value }) => [symbol, value] as const);
  return { ...read, asked: new Map([...read.asked, ...lines]), final: await trial.finalOf(accepted) };
}

/** Runs conf; the same lines are not tried twice. */
class Trial {
  runs = 0;
  readonly #read: ReadTree;
  readonly #finals = new Map<string, ReadonlyMap<string, string>>();

  constructor(read: ReadTree) {
    this.#read = read;
  }

  async allHold(proposals: readonly Proposal[]): Promise<boolean> {
    const final = await this.finalOf(proposals);
    return proposals.every((one) => holdsIn(one, final, this.#read));
  }

  async finalOf(proposals: readonly Proposal[]): Promise<ReadonlyMap<string, string>> {
    const lines = allLines(proposals);
    if (lines.length === 0) return this.#read.final;
    const key = JSON.stringify(lines);
    const known = this.#finals.get(key);
    if (known !== undefined) return known;
    this.runs++;
    const final = await this.#read.configureWith(lines);
    this.#finals.set(key, final);
    return final;
  }
}

/** Whether the symbol has its value, and no other symbol that a fragment asked for and had is lost. */
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

/** Returns the symbols with different values, by name; an absent one is n. */
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
