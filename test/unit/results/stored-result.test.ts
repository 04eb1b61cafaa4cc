import { expect, test } from 'vitest';
import { parseStoredResult } from '../../../toolkit/results/stored-result.ts';

const PATH = '\u0000out/images/vmlinux';
const file = { type: 'file', name: '', mode: 0o755, sha256: 'a'.repeat(64), sizeBytes: 3 };
const root = { type: 'dir', name: '', mode: 0o755 };

const result = (entries: readonly unknown[], path = PATH): unknown => ({
  schema: 1,
  fingerprint: { id: 'build-kernel' },
  result: null,
  digest: 'd',
  seconds: 1,
  warnings: [],
  outputs: [{ path, entries }],
});
const parse = (value: unknown): unknown => parseStoredResult(Buffer.from(JSON.stringify(value)));

test('reads what was kept', () => {
  const tree = [
    root,
    { type: 'dir', name: 'bin', mode: 0o755 },
    { ...file, name: 'bin/a' },
    { type: 'link', name: 'lib', target: '/usr/lib' },
  ];
  for (const entries of [[file], [root], tree]) expect(parse(result(entries))).toEqual(result(entries));
});

test.each([
  ['leads out of its output', { ...file, name: '../../etc/passwd' }],
  ['is the directory above', { ...root, name: '..' }],
  ['is a link in the place of that', { type: 'link', name: '..', target: 'b' }],
  ['is absolute', { ...file, name: '/etc/passwd' }],
  ['has a hash that is a path', { ...file, name: 'a', sha256: '../x' }],
  ['has no mode', { ...file, name: 'a', mode: undefined }],
  ['is of a kind that is not known', { ...file, name: 'a', type: 'char' }],
])('an entry that %s is refused', (_what, entry) => {
  expect(parse(result([root, { ...file, name: 'b' }]))).toBeDefined();
  expect(parse(result([root, entry]))).toBeUndefined();
});

test.each([
  ['behind a symlink', [root, { type: 'link', name: 'a', target: '/etc' }, { ...file, name: 'a/passwd' }]],
  ['in a directory that is not there', [root, { ...file, name: 'a/b' }]],
  ['that is there already', [root, { ...file, name: 'a' }, { ...file, name: 'a' }]],
  ['without the output itself', [{ ...file, name: 'a' }]],
  ['that makes the output itself a symlink', [{ type: 'link', name: '', target: '../b' }]],
])('an entry %s is refused', (_what, entries) => {
  expect(parse(result(entries))).toBeUndefined();
});

test.each([
  ...['/etc', 'images', '\u0000store/sources', '\u0000out', '\u0000out/', '\u0000out/.', '\u0000out//a'],
  ...['\u0000out/../../etc', '\u0000out/images/../..', '\u0000out/images/'],
])('an output at %j is refused', (path) => {
  expect(parse(result([file], path))).toBeUndefined();
});

test('an output in another one is refused: there may be a symlink on the way', () => {
  const outputs = (...paths: string[]): unknown => ({
    ...(result([file]) as object),
    outputs: paths.map((path) => ({ path, entries: [file] })),
  });
  expect(parse(outputs('\u0000out/a', '\u0000out/ab'))).toBeDefined();
  expect(parse(outputs('\u0000out/a', '\u0000out/a/b'))).toBeUndefined();
  expect(parse(outputs('\u0000out/a/b', '\u0000out/a'))).toBeUndefined();
  expect(parse(outputs('\u0000out/a', '\u0000out/a'))).toBeUndefined();
});

test('other versions and other texts are refused', () => {
  expect(parse({ ...(result([file]) as object), schema: 2 })).toBeUndefined();
  expect(parse([])).toBeUndefined();
  expect(parseStoredResult(Buffer.from('not JSON'))).toBeUndefined();
});
