import { z } from 'zod';
import type { YamlPath } from './locate-issue.ts';

/** A key's documentation in the schema. */
export interface KeyNotes {
  readonly description?: string;
  readonly example?: unknown;
}

/** Returns the schemas that apply to `path`: several where the schema leaves a choice. */
export function findSchemas(root: z.core.$ZodType, path: YamlPath, value: unknown): z.core.$ZodType[] {
  let found = alternatives(root, value);
  let current = value;
  for (const step of path) {
    current =
      typeof current === 'object' && current !== null
        ? (current as Record<string | number, unknown>)[step]
        : undefined;
    found = found
      .flatMap((schema) => childOf(schema, step))
      .flatMap((schema) => alternatives(schema, current));
  }
  return found;
}

/** Returns the keys that a mapping at `path` may have. */
export function knownKeys(root: z.core.$ZodType, path: YamlPath, value: unknown): string[] {
  const keys = findSchemas(root, path, value).flatMap((schema) => {
    const { def } = (schema as z.core.$ZodTypes)._zod;
    if (def.type === 'object') return Object.keys(def.shape);
    return def.type === 'record' ? [...(def.keyType._zod.values ?? [])].map(String) : [];
  });
  return [...new Set(keys)];
}

/** Returns a key's documentation from the schema. */
export function notesOf(root: z.core.$ZodType, path: YamlPath, value: unknown): KeyNotes {
  for (const schema of findSchemas(root, path, value)) {
    const notes = z.globalRegistry.get(schema);
    if (notes?.description === undefined) continue;
    const { examples } = notes as { readonly examples?: readonly unknown[] };
    const example = examples?.[0];
    return { description: notes.description, ...(example === undefined ? {} : { example }) };
  }
  return {};
}

function childOf(schema: z.core.$ZodType, step: string | number): z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object': {
      const child = Object.hasOwn(def.shape, step) ? def.shape[step] : undefined;
      return child === undefined ? [] : [child];
    }
    case 'array':
      return [def.element];
    case 'record':
      return [def.valueType];
    default:
      return [];
  }
}

/** The schema itself, what it wraps, and the branches of a choice. */
function alternatives(schema: z.core.$ZodType, value: unknown): z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
      return [schema, ...alternatives(def.innerType, value)];
    case 'pipe':
      return [schema, ...alternatives(def.in, value)];
    case 'union':
      return [schema, ...branchesOf(def, value).flatMap((branch) => alternatives(branch, value))];
    default:
      return [schema];
  }
}

function branchesOf(
  def: z.core.$ZodUnionDef | z.core.$ZodDiscriminatedUnionDef,
  value: unknown,
): readonly z.core.$ZodType[] {
  const options = def.options;
  if (!('discriminator' in def) || typeof value !== 'object' || value === null) return options;
  const { discriminator } = def;
  const chosen = (value as Record<string, z.core.util.Primitive>)[discriminator];
  const matching = options.filter((option) => option._zod.propValues?.[discriminator]?.has(chosen) === true);
  return matching.length > 0 ? matching : options;
}
