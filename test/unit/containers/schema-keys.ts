import { readFileSync } from 'node:fs';
import { shippedPath } from '../../../toolkit/base/package-root.ts';

interface SchemaNode {
  readonly $ref?: string;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** Every key below a definition of boards/board.schema.json, such as `rootfs.path` and `network[].mtu`. */
export function schemaKeys(name: string): string[] {
  const text = readFileSync(shippedPath('boards', 'board.schema.json'), 'utf8');
  const { definitions } = JSON.parse(text) as { definitions: Readonly<Record<string, SchemaNode>> };
  const keys = new Set<string>();
  const walk = (node: SchemaNode | undefined, path: string): void => {
    if (node === undefined) return;
    if (node.$ref !== undefined) walk(definitions[node.$ref.slice('#/definitions/'.length)], path);
    for (const one of [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]) walk(one, path);
    walk(node.items, `${path}[]`);
    for (const [key, value] of Object.entries(node.properties ?? {})) {
      const inner = path === '' ? key : `${path}.${key}`;
      keys.add(inner);
      walk(value, inner);
    }
  };
  walk(definitions[name], '');
  return [...keys];
}

/** The keys that a value has, named as in `schemaKeys`. */
export function keysOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return [here, ...keysOf(inner, here)];
  });
}
