import { type Alias, type Document, isAlias, isMap, isNode, isScalar, visit, type YAMLMap } from 'yaml';

/** Offsets of the first character and of the one after the last. */
export type TextRange = readonly [start: number, end: number, ...unknown[]];

/** A part of a document that is YAML but makes no sense in a profile. */
export interface StrangeNode {
  readonly range: TextRange;
  readonly message: string;
  readonly help?: string;
}

const START: TextRange = [0, 1];

/** Finds keys that stand twice, merge keys, tags, and aliases that lead nowhere or into themselves. */
export function findStrangeNodes(document: Document, lineAt: (offset: number) => number): StrangeNode[] {
  const found: StrangeNode[] = [];
  visit(document, (_key, node, ancestors) => {
    if (isMap(node)) found.push(...strangeKeys(node, lineAt));
    if (isAlias(node)) found.push(...strangeAlias(node, document, ancestors));
    else if (isNode(node) && node.tag !== undefined) {
      const message = `"${node.tag}" is a YAML tag; profiles have none`;
      found.push({ range: node.range ?? START, message, help: 'remove the tag' });
    }
  });
  return found;
}

function strangeKeys(map: YAMLMap, lineAt: (offset: number) => number): StrangeNode[] {
  const found: StrangeNode[] = [];
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
        message: `the key "${name}" is in line ${first} already`,
        help: 'keep one of the two',
      });
    if (name === '<<')
      found.push({ range, message: 'merge keys ("<<") are not read', help: 'write the keys out' });
    // zod passes over it without a word, and it is a trap in many a JavaScript object.
    if (name === '__proto__') found.push({ range, message: 'no key is called "__proto__"' });
  }
  return found;
}

function strangeAlias(alias: Alias, document: Document, ancestors: readonly unknown[]): StrangeNode[] {
  const range = alias.range ?? START;
  const target = alias.resolve(document);
  if (target === undefined) {
    return [{ range, message: `no anchor "&${alias.source}" stands before the alias "*${alias.source}"` }];
  }
  if (!ancestors.includes(target)) return [];
  return [{ range, message: `the alias "*${alias.source}" stands inside its own anchor` }];
}
