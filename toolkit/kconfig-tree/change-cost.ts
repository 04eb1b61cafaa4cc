import type { KconfigTree } from './menu-tree.ts';

/** A symbol with another final value than before; names are without `CONFIG_`. */
export interface ValueChange {
  readonly symbol: string;
  readonly before: string;
  readonly after: string;
}

/** What was asked for before anything was proposed. */
export interface AskedBefore {
  readonly tree: KconfigTree;
  readonly base: ReadonlyMap<string, string>;
  readonly asked: ReadonlyMap<string, string>;
}

/** A symbol that fragments ask for and had. */
const ASKED_LOST = 1000;
/** A symbol that the defconfig asks for and had. */
const BASE_LOST = 30;
/** Any other symbol that was on and has a prompt. */
const LOST = 10;
/** A line that says n to something that is on: the last resort. */
const OFF_LINE = 100;
/** Any other change. */
const CHANGED = 1;

/**
 * How much a proposal changes of the final .config: losing what was asked for weighs most, then losing anything else;
 * what comes on weighs least.
 */
export function costOfChanges(changes: readonly ValueChange[], { tree, base, asked }: AskedBefore): number {
  let cost = 0;
  for (const change of changes) {
    const { symbol } = change;
    if (!isLost(change)) cost += CHANGED;
    else if ((asked.get(symbol) ?? 'n') !== 'n') cost += ASKED_LOST;
    else if ((base.get(symbol) ?? 'n') !== 'n') cost += BASE_LOST;
    else cost += (tree.symbols.get(symbol)?.prompts.length ?? 0) > 0 ? LOST : CHANGED;
  }
  return cost;
}

/** The same, and what the lines themselves are like. */
export function costOfProposal(
  lines: readonly { readonly symbol: string; readonly value: string }[],
  changes: readonly ValueChange[],
  asked: AskedBefore,
): number {
  const lost = new Set(changes.filter(isLost).map(({ symbol }) => symbol));
  const off = lines.filter(({ symbol, value }) => value === 'n' && lost.has(symbol));
  return costOfChanges(changes, asked) + off.length * OFF_LINE;
}

/** Whether a symbol was on and is off. */
export function isLost({ before, after }: ValueChange): boolean {
  return before !== 'n' && before !== '' && (after === 'n' || after === '');
}
