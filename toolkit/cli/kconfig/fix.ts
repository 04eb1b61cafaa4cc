import { resolve } from 'node:path';
import { joinWords } from '../../base/join-words.ts';
import { KitError } from '../../base/errors.ts';
import { writeAtomic } from '../../host/write-atomic.ts';
import { isUnmet, readFinalConfig } from '../../kconfig/audit-config.ts';
import { readConfigValues } from '../../kconfig-tree/config-values.ts';
import { explainSymbol } from '../../kconfig-advice/explain-symbol.ts';
import { isLost, type ValueChange } from '../../kconfig-advice/change-cost.ts';
import { gates } from '../../kconfig-advice/guarded-symbols.ts';
import { lineCost, satisfies } from '../../kconfig-advice/line-cost.ts';
import type { Proposal, Wanted } from '../../kconfig-advice/fix-input.ts';
import { successorsOf, type Successor } from '../../configuration/advise-in-tree.ts';
import { proveFix, type ProvenFix, type ProvenConfig } from '../../configuration/prove-fix.ts';
import { askedForIn, bare, formatLine, type ReadTree } from '../../configuration/read-kconfig-tree.ts';
import { displayPath } from '../../session/display-path.ts';
import { print, printStatus } from '../terminal.ts';
import { printProblems } from './explain.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

export interface FixOptions extends TreeOptions {
  readonly write?: string;
  readonly json?: boolean;
}

/** The number of symbols that are named as side effects. */
const MAX_CHANGES = 20;

/** `lxc-kit kconfig fix`: exits 4 when a symbol is left without a fix. */
export async function fixTree(symbols: readonly string[], options: FixOptions): Promise<void> {
  await withConfiguredTree(options, async (opened) => {
    const read = opened.read();
    const asked = symbols.length > 0 ? symbols.map((name) => wantedOf(name, read)) : lostSymbols(read);
    if (asked.length === 0) {
      printStatus('no symbol is lost: there is nothing to fix');
      if (options.json === true) print(JSON.stringify({ lines: [], results: [], changes: [] }));
      return;
    }
    const { wanted, successors } = followNames(asked, read);
    const mended = await proveFix(read, wanted, (symbol, runs) => {
      printStatus(`conf compares ${runs} ways to CONFIG_${symbol}`);
    });
    const fragment = fragmentOf(mended, successors, read);
    if (options.json === true) print(JSON.stringify(asJson(mended, successors, read), null, 2));
    else if (options.write === undefined && mended.lines.length > 0) print(fragment.trimEnd());
    if (options.write !== undefined && mended.lines.length > 0) {
      await writeAtomic(resolve(options.write), fragment);
      printStatus(`written: ${displayPath(resolve(options.write))}; name it in the profile's fragments`);
    }
    printResults(mended, read);
    printSuccessors(successors, read);
    printProblems(read);
    refuseUnsolved(mended, successors);
  });
}

/** `CPUSETS` wants its requested value, or y when that is an n that it already has; `CONFIG_HZ=100` wants 100. */
function wantedOf(text: string, read: ReadTree): Wanted {
  const [given] = readConfigValues(`CONFIG_${bare(text)}`);
  if (given !== undefined) return { symbol: given[0], value: given[1] };
  const symbol = bare(text);
  const asked = read.asked.get(symbol) ?? 'y';
  const isOff = asked === 'n' && (read.final.get(symbol) ?? 'n') === 'n';
  return { symbol, value: isOff ? 'y' : asked };
}

/** The symbols that were requested or are required, and did not get their value. */
export function lostSymbols({ asked, final, configured, tree }: ReadTree): Wanted[] {
  const wanted = new Map(asked);
  const configuredFinal = readFinalConfig(configured.text);
  for (const need of configured.required) {
    const name = bare(need.symbol);
    const unmet = isUnmet(need, configuredFinal);
    if (need.value === 'n') {
      if (unmet) wanted.set(name, 'n');
    } else if ((unmet || need.onlyWith === undefined) && (wanted.get(name) ?? 'n') === 'n') {
      wanted.set(name, 'y');
    }
  }
  return [...wanted]
    .filter(([name, value]) => {
      const symbol = tree.symbols.get(name);
      const isText = symbol !== undefined && ['string', 'int', 'hex'].includes(symbol.type);
      return !satisfies(final.get(name) ?? (isText ? '' : 'n'), value);
    })
    .map(([symbol, value]) => ({ symbol, value }));
}

/** Replaces names of other releases by those of this one; each symbol is wanted once. */
function followNames(
  asked: readonly Wanted[],
  read: ReadTree,
): { readonly wanted: readonly Wanted[]; readonly successors: readonly Successor[] } {
  const wanted = new Map<string, Wanted>();
  const successors: Successor[] = [];
  for (const one of asked) {
    const successor = successorsOf(one, read);
    if (successor === undefined) wanted.set(one.symbol, one);
    else successors.push(successor);
  }
  for (const { now } of successors)
    for (const one of now)
      if (!wanted.has(one.symbol) && !satisfies(read.final.get(one.symbol) ?? 'n', one.value))
        wanted.set(one.symbol, one);
  return { wanted: [...wanted.values()], successors };
}

function printSuccessors(successors: readonly Successor[], read: ReadTree): void {
  for (const { wanted, advice, now } of successors) {
    const isSet =
      now.length > 0 && now.every((one) => satisfies(read.final.get(one.symbol) ?? 'n', one.value));
    printStatus(`CONFIG_${wanted.symbol}: ${advice.advice}${isSet ? '; it is set already' : ''}`);
  }
}

/** The proven lines, each once, under the first symbol that needs them. */
function fragmentOf({ results }: ProvenConfig, successors: readonly Successor[], read: ReadTree): string {
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

function printResults({ results, changes, runs }: ProvenConfig, read: ReadTree): void {
  if (results.length === 0) return;
  const proven = results.filter(({ outcome }) => outcome === 'proven').length;
  const by = `${runs} ${runs === 1 ? 'run' : 'runs'} of conf`;
  const all = `${results.length} ${results.length === 1 ? 'symbol' : 'symbols'}`;
  printStatus(
    proven === 0 ? `no line helps with ${all}` : `these lines give ${proven} of ${all}, proven by ${by}`,
  );
  for (const result of results) if (result.outcome !== 'proven') printBlocked(result, read);
  if (changes.length === 0) return;
  const lost = changes.filter(isLost);
  const off = lost.length === 0 ? '' : `, ${lost.length} of them switched off`;
  printStatus(
    `side effects: ${changes.length} other ${changes.length === 1 ? 'symbol changes' : 'symbols change'}${off}`,
  );
  const worstFirst = [...lost, ...changes.filter((change) => !isLost(change))];
  for (const change of worstFirst.slice(0, MAX_CHANGES)) printStatus(`  ${describeChange(change)}`);
  if (changes.length > MAX_CHANGES)
    printStatus(`  and ${changes.length - MAX_CHANGES} more (--json has all)`);
}

function printBlocked({ proposal, outcome }: ProvenFix, read: ReadTree): void {
  const { wanted, rejected } = proposal;
  printStatus(`CONFIG_${wanted.symbol}=${wanted.value}: ${describeOutcome(proposal, outcome, read)}`);
  for (const { lines, why } of rejected.slice(0, 3))
    printStatus(
      `  tried ${lines.map((line) => formatLine(read.tree, line)).join(', ') || 'nothing more'}: ${why}`,
    );
  const symbol = read.tree.symbols.get(wanted.symbol);
  if (symbol === undefined || symbol.nodes.length === 0 || proposal.blocked === 'hidden') return;
  const { because } = explainSymbol(symbol, read.values, askedForIn(read), (assignment) =>
    lineCost(read, wanted.symbol, assignment),
  );
  for (const { symbol: name, value, reason, depth } of because)
    printStatus(`  ${'  '.repeat(depth)}${name} is ${value}: ${reason}`);
}

function describeOutcome(proposal: Proposal, outcome: ProvenFix['outcome'], read: ReadTree): string {
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

function describeChange({ symbol, before, after }: ValueChange): string {
  return `CONFIG_${symbol}: ${before} → ${after}`;
}

function asJson(mended: ProvenConfig, successors: readonly Successor[], read: ReadTree): unknown {
  return {
    lines: mended.lines.map((line) => formatLine(read.tree, line)),
    results: mended.results.map(({ proposal, outcome }) => ({
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
    changes: mended.changes.map((change) => ({ ...change, symbol: `CONFIG_${change.symbol}` })),
    runs: mended.runs,
  };
}

function refuseUnsolved({ results }: ProvenConfig, successors: readonly Successor[]): void {
  const young = successors.filter(({ advice }) => advice.kind === 'young').length;
  const left = results.filter(({ outcome }) => outcome !== 'proven').length + young;
  if (left === 0) return;
  throw new KitError(
    'SYMBOL_LOST',
    `${left} of ${results.length + young} symbols ${left === 1 ? 'has' : 'have'} no fix`,
  );
}
