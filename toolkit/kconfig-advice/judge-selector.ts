import { dirname } from 'node:path';
import { symbolsIn } from '../kconfig-tree/expression.ts';
import { conditionsOfPrompt } from './ways-to-goal.ts';
import type { KconfigSymbol, KconfigTree, Selection } from '../kconfig-tree/menu-tree.ts';

/** Folders whose prompts are mostly for drivers; a selection from elsewhere belongs to a feature. */
const DRIVER_FOLDERS = ['drivers', 'sound'];
/** A symbol with this many dependents in other folders is a bus or a core. */
const MIN_DEPENDENTS = 3;
/** Words in the name of a core beyond those of what it is the core of: NVME_CORE is that of BLK_DEV_NVME. */
const CORE_WORDS: ReadonlySet<string> = new Set(['CORE', 'COMMON', 'HELPER', 'LIB']);

const dependentsOfTree = new WeakMap<KconfigTree, ReadonlyMap<KconfigSymbol, ReadonlySet<KconfigSymbol>>>();

/**
 * Whether the selecting symbol is a driver, and not a bus or core that exists for others: VIRTIO_CONSOLE selects VIRTIO
 * as VIRTIO_PCI does, but is one of its users. A driver has its prompt below drivers/ or sound/, fewer than three symbols
 * of other folders depend on it, and its folder and name do not make it part of what it selects.
 */
export function isSelectedByDriver({ by, target }: Selection, tree: KconfigTree): boolean {
  const folder = folderOf(by);
  if (by.prompts.length === 0 || !DRIVER_FOLDERS.includes(folder.split('/')[0] ?? '')) return false;
  if (folder === folderOf(target) && isNamedAfter(by, target)) return false;
  const elsewhere = [...(dependentsIn(tree).get(by) ?? [])].filter(
    (dependent) => !isWithin(folderOf(dependent), folder),
  );
  return elsewhere.length < MIN_DEPENDENTS;
}

/** Whether the words of the selected symbol are in the selecting one's name, in order and adjacent. */
function isNamedAfter(by: KconfigSymbol, target: KconfigSymbol): boolean {
  const subject = target.name.split('_').filter((word) => !CORE_WORDS.has(word));
  return subject.length > 0 && `_${by.name}_`.includes(`_${subject.join('_')}_`);
}

/** Maps each symbol to the symbols with a prompt that depend on it. */
function dependentsIn(tree: KconfigTree): ReadonlyMap<KconfigSymbol, ReadonlySet<KconfigSymbol>> {
  const known = dependentsOfTree.get(tree);
  if (known !== undefined) return known;
  const dependents = new Map<KconfigSymbol, Set<KconfigSymbol>>();
  for (const symbol of tree.symbols.values()) {
    const expressions = symbol.prompts.flatMap(conditionsOfPrompt);
    for (const needed of new Set(expressions.flatMap((expression) => [...symbolsIn(expression)]))) {
      const users = dependents.get(needed) ?? new Set();
      dependents.set(needed, users.add(symbol));
    }
  }
  dependentsOfTree.set(tree, dependents);
  return dependents;
}

function folderOf({ nodes: [node] }: KconfigSymbol): string {
  return dirname(node?.place.file ?? '');
}

function isWithin(folder: string, outer: string): boolean {
  return folder === outer || folder.startsWith(`${outer}/`);
}
