import { adviseSymbol, type SymbolAdvice } from '../kconfig/symbol-advice.ts';
import type { Wanted } from '../kconfig-advice/fix-input.ts';
import type { ReadTree } from './read-kconfig-tree.ts';

/** Whether the Kconfig files define a symbol; its name is without `CONFIG_`. */
export function isDefined({ tree }: Pick<ReadTree, 'tree'>, name: string): boolean {
  return (tree.symbols.get(name)?.nodes.length ?? 0) > 0;
}

/**
 * Returns the audit's advice for a symbol that is not set: its names in this release, or the release that adds it.
 * Undefined for BusyBox, which has no table of changes.
 */
export function adviseInTree(name: string, read: ReadTree): SymbolAdvice | undefined {
  const { name: component, version } = read.configured;
  if (component === 'busybox' || version === undefined) return undefined;
  return adviseSymbol(`CONFIG_${name}`, version, (symbol) => isDefined(read, symbol.replace(/^CONFIG_/, '')));
}

/** A wanted symbol that this release has under another name, or does without. */
export interface Successor {
  readonly wanted: Wanted;
  readonly advice: SymbolAdvice;
  /** The current symbols with their values; empty when there is nothing to write. */
  readonly now: readonly Wanted[];
}

/** Returns the successors of a wanted symbol that the tree does not define; undefined when the table has none. */
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
