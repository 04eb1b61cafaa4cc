import { resolve } from 'node:path';
import { KitError } from '../../base/errors.ts';
import { writeAtomic } from '../../host/write-atomic.ts';
import { isUnmet, readFinalConfig } from '../../kconfig/audit-config.ts';
import { readConfigValues } from '../../kconfig-tree/config-values.ts';
import { explainSymbol } from '../../kconfig-tree/explain-symbol.ts';
import { lineCost, satisfies, type Proposal, type Wanted } from '../../kconfig-tree/propose-fix.ts';
import { mendConfig, type Mended, type MendedConfig, type ValueChange } from '../../steps/mend-config.ts';
import { askedForIn, bare, formatLine, type ReadTree } from '../../steps/read-kconfig-tree.ts';
import { displayPath } from '../display-path.ts';
import { print, tell } from '../terminal.ts';
import { tellProblems } from './explain.ts';
import { withConfiguredTree, type TreeOptions } from './open-tree.ts';

export interface FixOptions extends TreeOptions {
  readonly write?: string;
  readonly json?: boolean;
}

/** How many of the symbols that change along are named. */
const MAX_CHANGES = 20;

/** `lxc-kit kconfig fix`: exits 4 when a symbol is left for which nothing works. */
export async function fixTree(symbols: readonly string[], options: FixOptions): Promise<void> {
  await withConfiguredTree(options, async (opened) => {
    const read = opened.read();
    const wanted = symbols.length > 0 ? symbols.map((name) => wantedOf(name, read)) : lostSymbols(read);
    if (wanted.length === 0) {
      tell('no symbol is lost: there is nothing to fix');
      if (options.json === true) print(JSON.stringify({ lines: [], results: [], changes: [] }));
      return;
    }
    const mended = await mendConfig(read, wanted);
    const fragment = fragmentOf(mended, read);
    if (options.json === true) print(JSON.stringify(asJson(mended, read), null, 2));
    else if (options.write === undefined && mended.lines.length > 0) print(fragment.trimEnd());
    if (options.write !== undefined && mended.lines.length > 0) {
      await writeAtomic(resolve(options.write), fragment);
      tell(`written: ${displayPath(resolve(options.write))}; name it in the profile's fragments`);
    }
    tellResults(mended, read);
    tellProblems(read);
    refuseUnsolved(mended);
  });
}

/** `CPUSETS` wants what was asked of it, or y where that is an n that it has; `CONFIG_HZ=100` what it says. */
function wantedOf(text: string, read: ReadTree): Wanted {
  const [given] = readConfigValues(`CONFIG_${bare(text)}`);
  if (given !== undefined) return { symbol: given[0], value: given[1] };
  const symbol = bare(text);
  const asked = read.asked.get(symbol) ?? 'y';
  const isOff = asked === 'n' && (read.final.get(symbol) ?? 'n') === 'n';
  return { symbol, value: isOff ? 'y' : asked };
}

/** What was asked for or is required, and did not come out. */
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

/** The proven lines, each once, below the first symbol that they are for. */
function fragmentOf({ results }: MendedConfig, read: ReadTree): string {
  const version = `${read.configured.name} ${read.configured.version ?? ''}`.trim();
  const text = [`# Found by "lxc-kit kconfig fix" for ${version}, and proven by its own conf.`];
  const written = new Set<string>();
  for (const { proposal, outcome } of results) {
    const lines = proposal.lines.filter(({ symbol }) => !written.has(symbol));
    if (outcome !== 'proven' || lines.length === 0) continue;
    text.push(
      '',
      `# for CONFIG_${proposal.wanted.symbol}`,
      ...lines.map((line) => formatLine(read.tree, line)),
    );
    for (const { symbol } of lines) written.add(symbol);
  }
  return `${text.join('\n')}\n`;
}

function tellResults({ results, changes, runs }: MendedConfig, read: ReadTree): void {
  const proven = results.filter(({ outcome }) => outcome === 'proven').length;
  const by = `${runs} ${runs === 1 ? 'run' : 'runs'} of conf`;
  const all = `${results.length} ${results.length === 1 ? 'symbol' : 'symbols'}`;
  tell(proven === 0 ? `nothing helps ${all}` : `${proven} of ${all} proven with these lines, by ${by}`);
  for (const result of results) if (result.outcome !== 'proven') tellBlocked(result, read);
  if (changes.length === 0) return;
  tell(`what else changes by it: ${changes.length} symbols`);
  for (const change of changes.slice(0, MAX_CHANGES)) tell(`  ${describeChange(change)}`);
  if (changes.length > MAX_CHANGES) tell(`  and ${changes.length - MAX_CHANGES} more (--json has all)`);
}

function tellBlocked({ proposal, outcome }: Mended, read: ReadTree): void {
  const { wanted, rejected } = proposal;
  tell(`CONFIG_${wanted.symbol}=${wanted.value}: ${describeOutcome(proposal, outcome)}`);
  for (const { lines, why } of rejected.slice(0, 3))
    tell(`  tried ${lines.map((line) => formatLine(read.tree, line)).join(', ') || 'nothing more'}: ${why}`);
  const symbol = read.tree.symbols.get(wanted.symbol);
  if (symbol === undefined || symbol.nodes.length === 0) return;
  const { because } = explainSymbol(symbol, read.values, askedForIn(read), (assignment) =>
    lineCost(read, wanted.symbol, assignment),
  );
  for (const { symbol: name, value, reason, depth } of because)
    tell(`  ${'  '.repeat(depth)}${name} is ${value}: ${reason}`);
}

function describeOutcome({ blocked }: Proposal, outcome: Mended['outcome']): string {
  if (outcome === 'conflict')
    return 'lines of its own give it, but not beside the lines above: ask for it alone to see them';
  if (outcome === 'refused') return 'the lines that should have given it did not, so they are not printed';
  if (blocked === 'unknown') return 'this tree has no such symbol';
  if (blocked === 'unsure') return 'every way to it that was thought through breaks something else';
  return "nothing gives it on this board: the defconfig's machine and processor and the fragments stay as they are";
}

function describeChange({ symbol, before, after }: ValueChange): string {
  return `CONFIG_${symbol}: ${before} → ${after}`;
}

function asJson(mended: MendedConfig, read: ReadTree): unknown {
  return {
    lines: mended.lines.map((line) => formatLine(read.tree, line)),
    results: mended.results.map(({ proposal, outcome }) => ({
      symbol: `CONFIG_${proposal.wanted.symbol}`,
      value: proposal.wanted.value,
      outcome,
      lines: proposal.lines.map((line) => formatLine(read.tree, line)),
      ...(proposal.blocked === undefined ? {} : { blocked: proposal.blocked }),
    })),
    changes: mended.changes.map((change) => ({ ...change, symbol: `CONFIG_${change.symbol}` })),
    runs: mended.runs,
  };
}

function refuseUnsolved({ results }: MendedConfig): void {
  const left = results.filter(({ outcome }) => outcome !== 'proven').length;
  if (left === 0) return;
  throw new KitError(
    'SYMBOL_LOST',
    `${left} of ${results.length} symbols ${left === 1 ? 'has' : 'have'} no fix`,
  );
}
