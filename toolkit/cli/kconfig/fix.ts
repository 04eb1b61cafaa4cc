import { resolve } from 'node:path';
import { KitError } from '../../base/errors.ts';
import { describeOutcome, fixAsJson, fragmentOf } from '../../configuration/describe-fix.ts';
import type { Successor } from '../../configuration/advise-in-tree.ts';
import { proveFix, type ProvenConfig, type ProvenFix } from '../../configuration/prove-fix.ts';
import { askedForIn, formatLine, type ReadTree } from '../../configuration/read-kconfig-tree.ts';
import { followNames, lostSymbols, wantedOf } from '../../configuration/wanted-symbols.ts';
import { writeAtomic } from '../../host/write-atomic.ts';
import { isLost, type ValueChange } from '../../kconfig-advice/change-cost.ts';
import { explainSymbol } from '../../kconfig-advice/explain-symbol.ts';
import { lineCost, satisfies } from '../../kconfig-advice/line-cost.ts';
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
    const proven = await proveFix(read, wanted, (symbol, runs) => {
      printStatus(`conf compares ${runs} ways to CONFIG_${symbol}`);
    });
    const fragment = fragmentOf(proven, successors, read);
    if (options.json === true) print(JSON.stringify(fixAsJson(proven, successors, read), null, 2));
    else if (options.write === undefined && proven.lines.length > 0) print(fragment.trimEnd());
    if (options.write !== undefined && proven.lines.length > 0) {
      await writeAtomic(resolve(options.write), fragment);
      printStatus(`written: ${displayPath(resolve(options.write))}; name it in the profile's fragments`);
    }
    printResults(proven, read);
    printSuccessors(successors, read);
    printProblems(read);
    refuseUnsolved(proven, successors);
  });
}

function printSuccessors(successors: readonly Successor[], read: ReadTree): void {
  for (const { wanted, advice, now } of successors) {
    const isSet =
      now.length > 0 && now.every((one) => satisfies(read.final.get(one.symbol) ?? 'n', one.value));
    printStatus(`CONFIG_${wanted.symbol}: ${advice.advice}${isSet ? '; it is set already' : ''}`);
  }
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

function describeChange({ symbol, before, after }: ValueChange): string {
  return `CONFIG_${symbol}: ${before} → ${after}`;
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
