import type { KconfigTree } from '../kconfig-tree/menu-tree.ts';

/** A symbol whose final value changes; names are without `CONFIG_`. */
export interface ValueChange {
  readonly symbol: string;
  readonly before: string;
  readonly after: string;
}

/** The requests before anything is proposed. */
export interface AskedBefore {
  readonly tree: KconfigTree;
  readonly base: ReadonlyMap<string, string>;
  readonly asked: ReadonlyMap<string, string>;
}

/** Losing a symbol that fragments ask for and had. */
const ASKED_LOST = 1000;
/** Losing a symbol that the defconfig asks for and had. */
const BASE_LOST = 30;
/** Losing any other symbol that was on and has a prompt. */
const LOST = 10;
/** A line that switches off something that is on: the last resort. */
const OFF_LINE = 100;
/** Any other change. */
const CHANGED = 1;

/**
 * Returns how much a proposal changes of the final .config: losing requested symbols weighs most, then losing any other;
 * symbols that come on weigh least.
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

/** Returns the cost of the changes plus that of the lines themselves. */
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
