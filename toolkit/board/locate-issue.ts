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
import { withConfigPrefix } from './field-formats.ts';
import { locateRange } from './locate-range.ts';
import type { YamlFile } from './read-yaml.ts';

/** Where a value sits in a profile: `['kernel', 'fragments', 1]`. */
export type YamlPath = readonly (string | number)[];

interface Spot {
  readonly key?: Node;
  readonly value?: Node;
}

/**
 * Finds the place in a file that a message about `path` is about: the key, or the value.
 *
 * What is not in the file has no place of its own, so the search walks up to the nearest
 * ancestor that is, and at last gives the file's first line.
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
    // `kernel.config` may have symbols without the prefix that its parsed value always has.
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
  // A block that goes on below its key: the key is what the eye looks for.
  if (key !== undefined) return key;
  const first = value.items[0];
  const start = isPair(first) ? first.key : first;
  return isNode(start) ? start : value;
}
