import { type Alias, type Document, isAlias, isMap, isNode, isScalar, visit, type YAMLMap } from 'yaml';

/** Offsets of the first character and of the one after the last. */
export type TextRange = readonly [start: number, end: number, ...unknown[]];

/** A part of a document that is valid YAML but not allowed in a profile. */
export interface UnusualNode {
  readonly range: TextRange;
  readonly message: string;
  readonly help?: string;
}

const START: TextRange = [0, 1];

/** Finds duplicate keys, merge keys, tags, and aliases without an anchor or inside their own anchor. */
export function findUnusualNodes(document: Document, lineAt: (offset: number) => number): UnusualNode[] {
  const found: UnusualNode[] = [];
  visit(document, (_key, node, ancestors) => {
    if (isMap(node)) found.push(...unusualKeys(node, lineAt));
    if (isAlias(node)) found.push(...unusualAlias(node, document, ancestors));
    else if (isNode(node) && node.tag !== undefined) {
      const message = `"${node.tag}" is a YAML tag; profiles have none`;
      found.push({ range: node.range ?? START, message, help: 'remove the tag' });
    }
  });
  return found;
}

function unusualKeys(map: YAMLMap, lineAt: (offset: number) => number): UnusualNode[] {
  const found: UnusualNode[] = [];
  const lineOf = new Map<string, number>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const range = key.range ?? START;
    const name = String(key.value);
    const first = lineOf.get(name);
    if (first === undefined) lineOf.set(name, lineAt(range[0]));
    else
      found.push({
        range,
        message: `the key "${name}" is already in line ${first}`,
        help: 'keep one of the two',
      });
    if (name === '<<')
      found.push({ range, message: 'merge keys ("<<") are not supported', help: 'write the keys out' });
    // zod ignores it silently, and it changes the prototype of a JavaScript object.
    if (name === '__proto__') found.push({ range, message: 'a key must not be "__proto__"' });
  }
  return found;
}

function unusualAlias(alias: Alias, document: Document, ancestors: readonly unknown[]): UnusualNode[] {
  const range = alias.range ?? START;
  const target = alias.resolve(document);
  if (target === undefined) {
    return [{ range, message: `the alias "*${alias.source}" has no anchor "&${alias.source}" before it` }];
  }
  if (!ancestors.includes(target)) return [];
  return [{ range, message: `the alias "*${alias.source}" is inside its own anchor` }];
}
