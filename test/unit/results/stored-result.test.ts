import { expect, test } from 'vitest';
import { parseStoredResult } from '../../../toolkit/results/stored-result.ts';

const file = { type: 'file', name: 'bin/a', mode: 0o755, sha256: 'a'.repeat(64), sizeBytes: 3 };
const result = (entry: unknown): unknown => ({
  schema: 1,
  fingerprint: { id: 'build-kernel' },
  result: null,
  digest: 'd',
  seconds: 1,
  warnings: [],
  outputs: [{ path: '\u0000out/images/vmlinux', entries: [entry] }],
});
const parse = (value: unknown): unknown => parseStoredResult(Buffer.from(JSON.stringify(value)));

test('what was kept is read', () => {
  for (const entry of [
    file,
    { type: 'dir', name: '', mode: 0o755 },
    { type: 'link', name: 'a', target: '../b' },
  ])
    expect(parse(result(entry))).toEqual(result(entry));
});

test.each([
  ['leads out of its output', { ...file, name: '../../etc/passwd' }],
  ['is absolute', { ...file, name: '/etc/passwd' }],
  ['has a hash that is a path', { ...file, sha256: '../x' }],
  ['has no mode', { ...file, mode: undefined }],
  ['is of a kind that is not known', { ...file, type: 'char' }],
])('an entry that %s is refused', (_what, entry) => {
  expect(parse(result(entry))).toBeUndefined();
});

test('other versions and other texts are refused', () => {
  expect(parse({ ...(result(file) as object), schema: 2 })).toBeUndefined();
  expect(parse([])).toBeUndefined();
  expect(parseStoredResult(Buffer.from('not JSON'))).toBeUndefined();
});
