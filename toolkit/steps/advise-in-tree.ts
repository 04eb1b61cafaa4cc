import { adviseSymbol, type SymbolAdvice } from '../kconfig/symbol-advice.ts';
import type { Wanted } from '../kconfig-tree/fix-input.ts';
import type { ReadTree } from './read-kconfig-tree.ts';

/** Whether the Kconfig files that were read define a symbol; its name is without `CONFIG_`. */
export function isDefined({ tree }: Pick<ReadTree, 'tree'>, name: string): boolean {
  return (tree.symbols.get(name)?.nodes.length ?? 0) > 0;
}

/**
 * The same advice as the audit gives for a symbol that is not set: the names it has in this release, or since when it is
 * there. Undefined for BusyBox, whose changes are in no table.
 */
export function adviseInTree(name: string, read: ReadTree): SymbolAdvice | undefined {
  const { name: component, version } = read.configured;
  if (component === 'busybox' || version === undefined) return undefined;
  return adviseSymbol(`CONFIG_${name}`, version, (symbol) => isDefined(read, symbol.replace(/^CONFIG_/, '')));
}

/** A wanted symbol that this release calls otherwise, or does without. */
export interface Successor {
  readonly wanted: Wanted;
  readonly advice: SymbolAdvice;
  /** The symbols of today with their values; empty when there is nothing to write. */
  readonly now: readonly Wanted[];
}

/** The successors of a wanted symbol that the tree does not define; undefined when the table has none. */
export function successorsOf(wanted: Wanted, read: ReadTree): Successor | undefined {
  if (isDefined(read, wanted.symbol)) return undefined;
  const advice = adviseInTree(wanted.symbol, read);
  if (advice === undefined) return undefined;
  const now = advice.instead.map((symbol) => {
    const name = symbol.replace(/^CONFIG_/, '');
    const takesM = read.tree.symbols.get(name)?.type === 'tristate';
    return { symbol: name, value: wanted.value === 'm' && !takesM ? 'y' : wanted.value };
  });
  return { wanted, advice, now };
}
