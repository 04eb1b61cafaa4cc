import { z } from 'zod';

/** A schema of a key, as far as the tables show it. */
interface KeySchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly KeySchema[];
  readonly oneOf?: readonly KeySchema[];
  readonly items?: KeySchema;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly propertyNames?: { readonly enum?: readonly unknown[] };
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Where a schema that others refer to is documented. */
const DEFINITIONS: Readonly<Record<string, string>> = {
  source: '[source](sources-and-offline.md#kinds-of-sources)',
  container: '[container definition](containers.md#keys)',
};

/** A cell with more allowed words than this cannot be read: it only says that they are strings. */
const MAX_WORDS = 20;

/** A limit of the key's own, not one that Zod writes for every integer. */
const isBound = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && Math.abs(value) < Number.MAX_SAFE_INTEGER;

/**
 * The keys of a schema as tables: one of the keys at the top, then one for each key that has keys of its own, in the
 * order of the schema. Descriptions, defaults and allowed values are those of the schema.
 */
export function keyTables(schema: z.ZodType, names: { readonly top: string }): string {
  const json = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as KeySchema & {
    readonly definitions?: Readonly<Record<string, KeySchema>>;
  };
  const root = json.$ref === undefined ? json : json.definitions?.[nameOf(json.$ref)];
  if (root === undefined) throw new Error('the schema refers to nothing');
  return [`### ${names.top}`, keyTable(root), ...nestedTables('', root)].join('\n\n');
}

function nestedTables(path: string, schema: KeySchema): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return mappingsIn(at, value).flatMap(([where, mapping]) => [
      `### \`${where}\``,
      keyTable(mapping),
      ...nestedTables(where, mapping),
    ]);
  });
}

/** The mappings that a key may hold, each with its path: `network[]` is an entry of the list `network`. */
function mappingsIn(path: string, schema: KeySchema): [string, KeySchema][] {
  if (schema.items !== undefined) return mappingsIn(`${path}[]`, schema.items);
  const kinds = schema.oneOf ?? schema.anyOf;
  if (kinds === undefined) return schema.properties === undefined ? [] : [[path, schema]];
  const mappings = kinds.filter(({ properties }) => properties !== undefined);
  const lists = kinds.flatMap((kind) => (kind.items === undefined ? [] : mappingsIn(path, kind)));
  return mappings.length === 0 ? lists : [[path, mergeKinds(mappings)], ...lists];
}

/** One mapping with the keys of several kinds; a key that some kinds lack says which have it. */
function mergeKinds(kinds: readonly KeySchema[]): KeySchema {
  const names = [...new Set(kinds.flatMap(({ properties }) => Object.keys(properties ?? {})))];
  const properties = names.map((name): [string, KeySchema] => {
    const having = kinds.filter(({ properties: of }) => of?.[name] !== undefined);
    const found = having.map(({ properties: of }) => of?.[name] ?? {});
    const words = found.flatMap((one) => (one.const === undefined ? [] : [one.const]));
    const merged: KeySchema =
      words.length > 1 ? { ...found[0], const: undefined, enum: words } : (found[0] ?? {});
    const types = having
      .map(({ properties: of }) => of?.['type']?.const)
      .filter((type) => type !== undefined);
    const only = having.length < kinds.length && types.length > 0 ? ` (${types.map(String).join(', ')})` : '';
    return [name, { ...merged, description: `${merged.description ?? ''}${only}` }];
  });
  const required = names.filter((name) => kinds.every((kind) => kind.required?.includes(name) === true));
  return { type: 'object', properties: Object.fromEntries(properties), required };
}

function keyTable({ properties = {}, required = [] }: KeySchema): string {
  const rows = Object.entries(properties).map(([key, value]) =>
    row([
      `\`${key}\``,
      typeOf(value),
      required.includes(key) && value.default === undefined ? '**required**' : defaultOf(value.default),
      value.description ?? '',
    ]),
  );
  return [row(['key', 'type', 'default', 'meaning']), row(['---', '---', '---', '---']), ...rows].join('\n');
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function typeOf(schema: KeySchema): string {
  const { $ref, enum: words, items, anyOf, oneOf, type, minimum, maximum, propertyNames } = schema;
  if ($ref !== undefined) return DEFINITIONS[nameOf($ref)] ?? nameOf($ref);
  if (schema.const !== undefined) return code(schema.const);
  if (words !== undefined) return words.length > MAX_WORDS ? 'string' : words.map(code).join(', ');
  const kinds = oneOf ?? anyOf;
  if (kinds !== undefined) {
    const types = kinds.map(typeOf).filter((one) => one !== 'null');
    return [...new Set(types)].join(' or ');
  }
  if (items !== undefined) return `list of ${plural(typeOf(items))}`;
  if (type === 'integer' || type === 'number') {
    if (isBound(minimum)) return isBound(maximum) ? `${minimum} to ${maximum}` : `number from ${minimum}`;
    return 'number';
  }
  if (type === 'object') {
    const keys = Object.keys(schema.properties ?? {});
    if (keys.length === 1) return `\`{ ${keys.join()}: … }\``;
    return propertyNames?.enum === undefined
      ? 'mapping'
      : `mapping of ${propertyNames.enum.map(code).join(', ')}`;
  }
  if (type === 'boolean') return '`true`, `false`';
  return type ?? 'any';
}

function plural(type: string): string {
  if (type.startsWith('[')) return type.replace(']', 's]');
  return /^[a-z]+$/.test(type) ? `${type}s` : type;
}

function defaultOf(value: unknown): string {
  const isEmpty = value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
  return isEmpty ? '–' : code(Array.isArray(value) ? `[${value.join(', ')}]` : value);
}

const code = (value: unknown): string => `\`${String(value)}\``;

const nameOf = (ref: string): string => ref.replace(/^.*\//, '');
