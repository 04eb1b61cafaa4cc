import type { ContainerDefinition } from '../board/container-schema.ts';
import type { GroupName } from './definition-fields.ts';
import { definitionFields, type DefinitionField, type FieldContext } from './definition-fields.ts';
import type { ConfigLine, LineWriter } from '../lxc-keys/line-writer.ts';
import type { PropertyPath } from '../lxc-keys/problem-list.ts';

/** Returns the lines of a definition's one-to-one parts in the order of their table: a whole group, or those in `only`. */
export function fieldLines(
  container: ContainerDefinition,
  group: GroupName,
  context: FieldContext,
  writer: LineWriter,
  only: (field: DefinitionField) => boolean = () => true,
): ConfigLine[] {
  return definitionFields
    .filter((field) => field.group === group && only(field))
    .flatMap((field) =>
      written(field, valueAt(container, field.path), context).flatMap(({ text, path, member }) =>
        writer.line(field.concept, text, path, member),
      ),
    );
}

interface WrittenField {
  readonly text: string;
  readonly path: PropertyPath;
  /** The part that replaces the `<…>` of the key. */
  readonly member?: string;
}

function written(
  { path, shape, codec }: DefinitionField,
  value: unknown,
  context: FieldContext,
): WrittenField[] {
  if (value === undefined) return [];
  const one = (part: unknown, at: PropertyPath): WrittenField[] => {
    const text = codec.write(part, context);
    return text === undefined ? [] : [{ text, path: at }];
  };
  switch (shape) {
    case 'one':
      return one(value, path);
    case 'lines':
      return (value as unknown[]).flatMap((part, i) => one(part, [...path, i]));
    case 'variables':
      return Object.entries(value as Record<string, unknown>).flatMap(([name, part]) =>
        one(`${name}=${String(part)}`, [...path, name]),
      );
    case 'family':
      return Object.entries(value as Record<string, unknown>).flatMap(([member, part]) =>
        one(part, [...path, member]).map((line) => ({ ...line, member })),
      );
    case 'words': {
      const words = value as string[];
      // An empty `keep` keeps no capability; LXC's word for that is none.
      if (words.length === 0) return path.at(-1) === 'keep' ? [{ text: 'none', path }] : [];
      return [{ text: words.join(' '), path }];
    }
  }
}

function valueAt(container: ContainerDefinition, path: PropertyPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    container,
  );
}
