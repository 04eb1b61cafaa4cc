import { explainSymbol } from '../kconfig-advice/explain-symbol.ts';
import { askedForIn, bare, type ReadTree } from './read-kconfig-tree.ts';

/**
 * Explains why a symbol is not set, one line for each link of the chain. Empty when the Kconfig files cannot be read: a
 * missing explanation must not stop the build.
 */
export function whyNot(symbol: string, read: () => ReadTree): string[] {
  try {
    const tree = read();
    const found = tree.tree.symbols.get(bare(symbol));
    if (found === undefined || found.nodes.length === 0) return [];
    const { because } = explainSymbol(found, tree.values, askedForIn(tree));
    return because.map(
      ({ symbol: name, value, reason, depth }) => `${'  '.repeat(depth)}${name} is ${value}: ${reason}`,
    );
  } catch {
    return [];
  }
}
