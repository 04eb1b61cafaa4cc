import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
} from 'yaml';
import type { Location } from '../base/diagnostic.ts';
import { withConfigPrefix } from '../base/config-symbol.ts';
import { locateRange } from './locate-range.ts';
import type { YamlFile } from './read-yaml.ts';

/** The path of a value in a profile: `['kernel', 'fragments', 1]`. */
export type YamlPath = readonly (string | number)[];

interface Spot {
  readonly key?: Node;
  readonly value?: Node;
}

/**
 * Returns the place in the file of the key or the value at `path`.
 *
 * If the file does not have it, the place is that of its nearest ancestor in the file, or else the first line.
 */
export function locateIssue(yaml: YamlFile, path: YamlPath, at: 'key' | 'value'): Location {
  for (let depth = path.length; depth > 0; depth--) {
    const spot = findSpot(yaml.document, path.slice(0, depth));
    const node = spot === undefined ? undefined : pickNode(spot, depth < path.length ? 'key' : at);
    const range = node?.range;
    if (range) return locateRange(yaml, range[0], range[1]);
  }
  return { file: yaml.shownFile, line: 1, column: 1 };
}

function findSpot(document: Document, path: YamlPath): Spot | undefined {
  let spot: Spot = isNode(document.contents) ? { value: document.contents } : {};
  for (const step of path) {
    const parent = isAlias(spot.value) ? spot.value.resolve(document) : spot.value;
    const next = isMap(parent)
      ? inMap(parent.items, step)
      : isSeq(parent)
        ? inList(parent.items, step)
        : undefined;
    if (next === undefined) return undefined;
    spot = next;
  }
  return spot;
}

function inMap(items: readonly unknown[], step: string | number): Spot | undefined {
  for (const item of items) {
    if (!isPair(item) || !isScalar(item.key)) continue;
    const name = String(item.key.value);
    // `kernel.config` may name symbols without CONFIG_; the parsed value always has it.
    if (name !== step && withConfigPrefix(name) !== step) continue;
    return { key: item.key, ...(isNode(item.value) ? { value: item.value } : {}) };
  }
  return undefined;
}

function inList(items: readonly unknown[], step: string | number): Spot | undefined {
  const value = typeof step === 'number' ? items[step] : undefined;
  return isNode(value) ? { value } : undefined;
}

function pickNode({ key, value }: Spot, at: 'key' | 'value'): Node | undefined {
  if (at === 'key' && key !== undefined) return key;
  const range = value?.range;
  if (value === undefined || !range || range[0] === range[1]) return key ?? value;
  if (!isCollection(value) || value.flow === true) return value;
  // A block continues below its key, so mark the key.
  if (key !== undefined) return key;
  const first = value.items[0];
  const start = isPair(first) ? first.key : first;
  return isNode(start) ? start : value;
}
