import { joinWords } from '../base/join-words.ts';
import type { Proposal } from '../kconfig-advice/fix-input.ts';
import { gates } from '../kconfig-advice/guarded-symbols.ts';
import type { Successor } from './advise-in-tree.ts';
import type { ProvenConfig, ProvenFix } from './prove-fix.ts';
import { formatLine, type ReadTree } from './read-kconfig-tree.ts';

/** The proven lines, each once, under the first symbol that needs them. */
export function fragmentOf(
  { results }: ProvenConfig,
  successors: readonly Successor[],
  read: ReadTree,
): string {
  const version = `${read.configured.name} ${read.configured.version ?? ''}`.trim();
  const text = [`# Found by "lxc-kit kconfig fix" for ${version}, and proven by its own conf.`];
  const written = new Set<string>();
  for (const { proposal, outcome } of results) {
    const lines = proposal.lines.filter(({ symbol }) => !written.has(symbol));
    if (outcome !== 'proven' || lines.length === 0) continue;
    text.push(
      '',
      `# for CONFIG_${proposal.wanted.symbol}${formerNames(proposal.wanted.symbol, successors)}`,
      ...lines.map((line) => formatLine(read.tree, line)),
    );
    for (const { symbol } of lines) written.add(symbol);
  }
  return `${text.join('\n')}\n`;
}

/** `, in place of CONFIG_CGROUP_MEM_RES_CTLR`, or nothing. */
function formerNames(symbol: string, successors: readonly Successor[]): string {
  const olds = successors.filter(({ now }) => now.some((one) => one.symbol === symbol));
  const names = olds.map(({ wanted }) => `CONFIG_${wanted.symbol}`);
  return names.length === 0 ? '' : `, in place of ${joinWords(names, 'and')}`;
}

/** Says why a symbol has no proven lines, and what to do. */
export function describeOutcome(proposal: Proposal, outcome: ProvenFix['outcome'], read: ReadTree): string {
  const { blocked } = proposal;
  if (outcome === 'conflict')
    return 'other lines give it, but not together with the lines above: ask for it alone to see them';
  if (outcome === 'refused') return 'the lines that should give it failed in conf, so they are not printed';
  if (blocked === 'unknown') return 'this tree has no such symbol';
  if (blocked === 'hidden') return describeHidden(proposal, read);
  if (blocked === 'gated') return describeGates(proposal);
  if (blocked === 'drivers') return describeDrivers(proposal);
  if (blocked === 'unsure') return 'every way to it that was considered breaks something else';
  return "no line gives it on this board without changing the defconfig's machine or processor, or the fragments";
}

/** The number of named symbols that could bring it. */
const MAX_BRINGERS = 3;

function describeHidden({ wanted }: Proposal, { tree }: ReadTree): string {
  const symbol = tree.symbols.get(wanted.symbol);
  const bringers = [
    ...new Set([...(symbol?.selectedBy ?? []), ...(symbol?.impliedBy ?? [])].map(({ by }) => by.name)),
  ];
  const by = bringers.length === 0 ? 'it follows from other symbols' : `it comes with ${someOf(bringers)}`;
  return `it has no prompt, so no line sets it; ${by}; leave the line out`;
}

function someOf(symbols: readonly string[]): string {
  const named = symbols.slice(0, MAX_BRINGERS).map((name) => `CONFIG_${name}`);
  const more = symbols.length > MAX_BRINGERS ? [`${symbols.length - MAX_BRINGERS} more`] : [];
  return joinWords([...named, ...more], 'or');
}

function describeDrivers({ wanted, brought = [] }: Proposal): string {
  const needs = brought.map(
    ({ symbol, by }) => `CONFIG_${symbol}, which has no prompt and comes only with the driver ${someOf(by)}`,
  );
  const drivers = brought.flatMap(({ by }) => by.slice(0, 1));
  const command = `lxc-kit kconfig fix ${[...new Set(drivers), wanted.symbol].join(' ')}`;
  return `it needs ${joinWords(needs, 'and')}; if the device has it, name it: ${command}`;
}

function describeGates({ wanted, gates: names = [] }: Proposal): string {
  const why = names.map((name) => `CONFIG_${name}, which ${gates.get(name)?.why ?? 'is not for this board'}`);
  const only = `it comes only with ${joinWords(why, 'and')}`;
  if (!names.every((name) => gates.get(name)?.usable === true)) return `${only}; leave the line out`;
  return `${only}; if you want that, name it: lxc-kit kconfig fix ${[...names, wanted.symbol].join(' ')}`;
}

/** The output of `kconfig fix --json`. */
export function fixAsJson(proven: ProvenConfig, successors: readonly Successor[], read: ReadTree): unknown {
  return {
    lines: proven.lines.map((line) => formatLine(read.tree, line)),
    results: proven.results.map(({ proposal, outcome }) => ({
      symbol: `CONFIG_${proposal.wanted.symbol}`,
      value: proposal.wanted.value,
      outcome,
      lines: proposal.lines.map((line) => formatLine(read.tree, line)),
      ...(proposal.blocked === undefined ? {} : { blocked: proposal.blocked }),
    })),
    ...(successors.length === 0
      ? {}
      : {
          renamed: successors.map(({ wanted, advice: { kind, instead, advice } }) => ({
            symbol: `CONFIG_${wanted.symbol}`,
            value: wanted.value,
            kind,
            instead,
            advice,
          })),
        }),
    changes: proven.changes.map((change) => ({ ...change, symbol: `CONFIG_${change.symbol}` })),
    runs: proven.runs,
  };
}
