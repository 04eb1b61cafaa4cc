import { inVersionRange } from '../base/compare-versions.ts';
import type { BoardDescription } from './board-description.ts';
import { listNeeds, type KernelNeed } from './list-needs.ts';
import { prerequisites } from './prerequisites.ts';

/** The name of the derived fragment in a profile's list of fragments. */
export const DERIVED_FRAGMENT = 'derived';

/** A line of a derived fragment. */
export interface DerivedLine {
  /** With its `CONFIG_`; its value is y. */
  readonly symbol: string;
  readonly reason: string;
  /** Its line number in `text`, counted from 1. */
  readonly line: number;
}

/** The fragment that a board needs, as text and as lines. */
export interface DerivedFragment {
  readonly text: string;
  readonly lines: readonly DerivedLine[];
}

/** Symbols with the same reason. */
interface Group {
  readonly reason: string;
  readonly comment: string;
  readonly symbols: string[];
}

/**
 * Returns the fragment for a kernel that has everything a board needs, with dependencies. Each symbol is below its
 * reason. Comments have their own lines, because Kconfig takes text behind a value as part of it. `header` has no `#`.
 */
export function deriveFragment(board: BoardDescription, header: readonly string[]): DerivedFragment {
  const text = header.map((line) => `# ${line}`.trimEnd());
  const lines: DerivedLine[] = [];
  for (const { reason, comment, symbols } of groupSymbols(board)) {
    text.push('', `# ${comment}`);
    for (const symbol of symbols) {
      text.push(`${symbol}=y`);
      lines.push({ symbol, reason, line: text.length });
    }
  }
  return { text: `${text.join('\n')}\n`, lines };
}

/** Groups the needs by their reasons; each group is followed by the dependencies of its symbols. */
function groupSymbols(board: BoardDescription): Group[] {
  // Skip symbols that must be off, since allnoconfig leaves them off, and those that count only beside another symbol.
  const needs = listNeeds(board).filter(
    ({ value, onlyWith }) => value === undefined && onlyWith === undefined,
  );
  const groups: Group[] = [];
  const written = new Set(needs.map(({ symbol }) => symbol));
  const put = (symbol: string, reason: string, comment: string): void => {
    const group = groups.find((one) => one.comment === comment);
    if (group === undefined) groups.push({ reason, comment, symbols: [symbol] });
    else group.symbols.push(symbol);
  };
  const putPrerequisites = (symbol: string): void => {
    for (const needed of prerequisitesOf(symbol, board)) {
      if (written.has(needed)) continue;
      written.add(needed);
      const reason = `dependencies of ${bare(symbol)}`;
      put(needed, reason, reason);
      putPrerequisites(needed);
    }
  };
  for (const same of byComment(needs)) {
    for (const need of same) put(need.symbol, need.reasons.join(', '), commentOf(need));
    for (const { symbol } of same) putPrerequisites(symbol);
  }
  return groups;
}

function byComment(needs: readonly KernelNeed[]): KernelNeed[][] {
  const groups = new Map<string, KernelNeed[]>();
  for (const need of needs) {
    const comment = commentOf(need);
    groups.set(comment, [...(groups.get(comment) ?? []), need]);
  }
  return [...groups.values()];
}

function commentOf({ reasons, wanted }: KernelNeed): string {
  const all = reasons.join('; ');
  return wanted ? `wanted: ${all}` : all;
}

function prerequisitesOf(symbol: string, board: BoardDescription): string[] {
  return [...prerequisites, ...(board.machine?.prerequisites ?? [])]
    .filter((row) => row.symbol === bare(symbol) && inVersionRange(board.kernelVersion, row))
    .flatMap(({ needs }) => needs.map((needed) => `CONFIG_${needed}`));
}

function bare(symbol: string): string {
  return symbol.replace(/^CONFIG_/, '');
}
