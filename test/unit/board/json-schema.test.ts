import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { boardJsonSchema } from '../../../toolkit/board/json-schema.ts';

interface Schema {
  readonly required?: readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

const schema = boardJsonSchema() as Schema;

describe('the JSON schema for editors', () => {
  test('boards/board.schema.json is up to date (npm run schema)', () => {
    expect(JSON.parse(readFileSync(shippedPath('boards/board.schema.json'), 'utf8'))).toEqual(schema);
  });

  test('a profile need not be whole, because it may extend others or be extended', () => {
    expect(schema.required).toEqual(['schema']);
    expect(schema.properties?.['kernel']?.required).toBeUndefined();
    expect(schema.properties?.['emulator']?.properties?.['kernel']?.required).toBeUndefined();
  });

  test('entries of lists are whole, because lists are not merged', () => {
    expect(schema.definitions?.['container']?.required).toEqual(['name']);
    expect(schema.definitions?.['source']?.anyOf?.[0]?.required).toEqual(['version', 'url', 'sha256']);
  });

  test('every key has a description', () => {
    expect(undescribed(schema, '')).toEqual([]);
  });
});

function undescribed(part: Schema, path: string): string[] {
  const inside = [
    ...Object.entries(part.properties ?? {}).map(([key, child]) => [`${path}.${key}`, child] as const),
    ...Object.entries(part.definitions ?? {}).map(([key, child]) => [`${path}#${key}`, child] as const),
    ...(part.items === undefined ? [] : [[`${path}[]`, part.items] as const]),
    ...(part.anyOf ?? []).map((child) => [path, child] as const),
  ];
  const missing = Object.entries(part.properties ?? {})
    .filter(([, child]) => child.description === undefined)
    .map(([key]) => `${path}.${key}`);
  return [...missing, ...inside.flatMap(([childPath, child]) => undescribed(child, childPath))];
}
