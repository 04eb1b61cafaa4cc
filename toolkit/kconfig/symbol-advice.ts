import { joinWords } from '../base/join-words.ts';
import { compareVersions } from '../base/compare-versions.ts';
import type { AuditFinding, KnowsSymbol } from './audit-config.ts';
import { symbolChanges } from './symbol-changes.ts';
import type { SymbolChange } from './symbol-change.ts';

/** The replacement for a symbol, for one kernel. */
export interface SymbolAdvice {
  /**
   * `renamed`: other symbols replace it. `company`: it needs others beside it. `needless`: this kernel does not need it.
   * `young`: this kernel does not have it yet.
   */
  readonly kind: 'renamed' | 'company' | 'needless' | 'young';
  /** With their prefix; empty when the symbol can be left out, or is not available. */
  readonly instead: readonly string[];
  /** The kernel is older than the symbol: `instead` has the older names for the same. */
  readonly ahead?: true;
  /** This kernel always does what the symbol asked for. */
  readonly always?: true;
  /** A clause for people: "write CONFIG_NF_NAT (since Linux 5.1: …)". */
  readonly advice: string;
}

const PREFIX = 'CONFIG_';

/**
 * Returns what to do about a symbol that a kernel does not set, by the table of changes: an old name in a newer kernel, a
 * new one in an older kernel, or one that now needs others. Undefined when the table has nothing about it, or names a
 * symbol that `known` denies.
 */
export function adviseSymbol(
  symbol: string,
  kernelVersion: string,
  known: KnowsSymbol,
): SymbolAdvice | undefined {
  const name = symbol.slice(PREFIX.length);
  const found =
    known(symbol) === false
      ? (forward(name, kernelVersion) ?? backward(name, kernelVersion))
      : (prerequisites(name, kernelVersion) ??
        forward(name, kernelVersion, true) ??
        backward(name, kernelVersion, true));
  return found?.instead.some((other) => known(other) === false) === true ? undefined : found;
}

/**
 * Adds advice from the table of changes to the findings about symbols that are not set. A symbol newer than the kernel is
 * not a finding when the older ones that it replaces are set: a fragment for several releases names both. Nor is one that
 * only older kernels could leave out.
 *
 * @param final The final .config, see `readFinalConfig`.
 */
export function adviseFindings(
  findings: readonly AuditFinding[],
  final: ReadonlyMap<string, string>,
  kernelVersion: string,
  known: KnowsSymbol,
): AuditFinding[] {
  return findings.flatMap((finding) => {
    if (finding.final !== 'n' || finding.requested === 'n' || finding.kind === 'overridden') return [finding];
    const found = adviseSymbol(finding.symbol, kernelVersion, known);
    if (found === undefined) return [finding];
    const { instead, advice } = found;
    const isThere = instead.length > 0 && instead.every((symbol) => (final.get(symbol) ?? 'n') !== 'n');
    if (finding.kind === 'unknown' && (found.always === true || (found.ahead === true && isThere))) return [];
    return [{ ...finding, instead, advice }];
  });
}

/**
 * Follows an old name to the current one; a name may have changed more than once.
 * `hidden`: only a symbol that still exists and cannot be set.
 */
function forward(name: string, version: string, hidden = false): SymbolAdvice | undefined {
  let names = [name];
  const steps: SymbolChange[] = [];
  for (const change of symbolChanges) {
    const old = names.find((one) => change.from.includes(one));
    // Without `hidden`, the tree does not have the first name.
    const gone = !hidden && change.inStable === true;
    if (old === undefined || !(gone || happened(change, version))) continue;
    if (change.to.includes(old) || (hidden && steps.length === 0 && change.hiddenAfter !== true)) continue;
    names = [...new Set(names.flatMap((one) => (one === old ? change.to : [one])))];
    steps.push(change);
  }
  if (steps.length === 0 || names.includes(name)) return undefined;
  const instead = names.map((one) => PREFIX + one);
  const why = steps.map(since).join('; ');
  return {
    kind: instead.length === 0 ? 'needless' : 'renamed',
    instead,
    ...(instead.length === 0 && steps.at(-1)?.always === true ? { always: true } : {}),
    advice: instead.length === 0 ? `leave it out (${why})` : `write ${joinWords(instead, 'and')} (${why})`,
  };
}

/** Returns the symbols that a symbol with an unchanged name now needs. */
function prerequisites(name: string, version: string): SymbolAdvice | undefined {
  const change = symbolChanges.find(
    ({ prerequisite, from, ...rest }) =>
      prerequisite === true && from.includes(name) && happened(rest, version),
  );
  if (change === undefined) return undefined;
  const others = change.to.filter((one) => one !== name).map((one) => PREFIX + one);
  return {
    kind: 'company',
    instead: others,
    advice: `write ${joinWords(others, 'and')} too (${since(change)})`,
  };
}

/** Follows a new name back to the name in an older kernel; `hidden`: only a symbol that exists and cannot be set. */
function backward(name: string, version: string, hidden = false): SymbolAdvice | undefined {
  let names = [name];
  let last: SymbolChange | undefined;
  for (const change of symbolChanges.toReversed()) {
    const young = names.find((one) => change.to.includes(one));
    if (young === undefined || change.from.includes(young) || !isYetToCome(change, version)) continue;
    if (change.reversible !== true && change.from.length > 0) continue;
    if (hidden && last === undefined && change.hiddenBefore !== true) continue;
    names = names.flatMap((one) => (one === young ? change.from : [one]));
    last = change;
  }
  if (last === undefined || names.includes(name)) return undefined;
  const instead = names.map((one) => PREFIX + one);
  return {
    kind: instead.length === 0 ? 'young' : 'renamed',
    instead,
    ahead: true,
    advice:
      instead.length === 0
        ? `this kernel does not have it yet (${since(last)})`
        : `write ${joinWords(instead, 'and')} (only ${since(last)})`,
  };
}

/** When only the releases before and after a change are known, it may have happened in any release between. */
function happened({ since, notIn }: Pick<SymbolChange, 'since' | 'notIn'>, version: string): boolean {
  return notIn === undefined ? compareVersions(version, since) >= 0 : compareSeries(version, notIn) > 0;
}

function isYetToCome({ since }: SymbolChange, version: string): boolean {
  return compareVersions(version, since) < 0;
}

/** Compares as many parts as `series` has: 6.1.192 is in the series 6.1. */
function compareSeries(version: string, series: string): number {
  const parts = series.split('.').length;
  return compareVersions(version.split('.').slice(0, parts).join('.'), series);
}

function since({ since, notIn, inStable, why }: SymbolChange): string {
  if (inStable === true) return `since Linux ${since}, and in stable releases of older series: ${why}`;
  return `${notIn === undefined ? `since Linux ${since}` : `after Linux ${notIn}`}: ${why}`;
}
