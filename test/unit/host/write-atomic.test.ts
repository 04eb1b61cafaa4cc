import { mkdirSync, readFileSync, readdirSync, symlinkSync, lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryName, writeAtomic } from '../../../toolkit/host/write-atomic.ts';
import { scratchDir } from '../scratch.ts';

test('writes a whole file, in folders that it makes', async () => {
  const dir = scratchDir();
  await writeAtomic(join(dir, 'a', 'b', 'file'), 'text');
  await writeAtomic(join(dir, 'a', 'b', 'file'), Buffer.from([0, 255]));
  expect(readFileSync(join(dir, 'a', 'b', 'file'))).toEqual(Buffer.from([0, 255]));
  expect(readdirSync(join(dir, 'a', 'b'))).toEqual(['file']);
});

test('leaves nothing behind when it fails', async () => {
  const dir = scratchDir();
  mkdirSync(join(dir, 'folder'));
  await expect(writeAtomic(join(dir, 'folder'), 'text')).rejects.toThrow();
  expect(readdirSync(dir)).toEqual(['folder']);
});

test('replaces a link, not what it leads to', async () => {
  const dir = scratchDir();
  writeFileSync(join(dir, 'precious'), 'old');
  symlinkSync('precious', join(dir, 'link'));
  await writeAtomic(join(dir, 'link'), 'new');
  expect(lstatSync(join(dir, 'link')).isFile()).toBe(true);
  expect(readFileSync(join(dir, 'precious'), 'utf8')).toBe('old');
});

test('many at once do not meet', async () => {
  const dir = scratchDir();
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => writeAtomic(join(dir, 'file'), `${index}`.repeat(1e5))),
  );
  expect(new Set(readFileSync(join(dir, 'file'), 'utf8')).size).toBeLessThanOrEqual(2);
  expect(readdirSync(dir)).toEqual(['file']);
});

test('a temporary name lies beside the file and is hidden', () => {
  expect(temporaryName('/a/b.c')).toMatch(/^\/a\/\.b\.c\.\d+-[0-9a-f]{8}\.tmp$/);
  expect(temporaryName('b')).toMatch(/^\.b\./);
  expect(temporaryName('/a/b')).not.toBe(temporaryName('/a/b'));
});
