import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashBytes, hashFile } from '../../../toolkit/host/hash-file.ts';
import { listTree } from '../../../toolkit/host/list-tree.ts';
import { removeTree } from '../../../toolkit/host/remove-tree.ts';
import { walkTree } from '../../../toolkit/host/walk-tree.ts';
import { scratchDir, writeFiles } from '../scratch.ts';
import { startChild } from './child.ts';

/** A tree with a link to a folder outside of it and one to its own top. */
function treeWithLinks(): string {
  const dir = scratchDir();
  writeFiles(dir, { 'outside/secret': 'x', 'tree/b/file': '1', 'tree/a': '2' });
  symlinkSync(join(dir, 'outside'), join(dir, 'tree', 'b', 'out'));
  symlinkSync('.', join(dir, 'tree', 'self'));
  symlinkSync('nowhere', join(dir, 'tree', 'dangling'));
  mkdirSync(join(dir, 'tree', 'empty'));
  return dir;
}

test('walks a tree in order and does not leave it by a link', async () => {
  const dir = treeWithLinks();
  const items = await walkTree(join(dir, 'tree'));
  expect(items.map(({ name }) => name)).toEqual(['a', 'b', 'b/file', 'b/out', 'dangling', 'empty', 'self']);
  expect(items[3]?.path).toBe(join(dir, 'tree/b/out'));
  expect(items[3]?.stat.isSymbolicLink()).toBe(true);
});

test('lists files, and what their bytes do not say', async () => {
  const dir = treeWithLinks();
  for (const name of ['b', 'empty']) chmodSync(join(dir, 'tree', name), 0o755);
  for (const name of ['a', 'b/file']) chmodSync(join(dir, 'tree', name), 0o644);
  const { files, layout } = await listTree(join(dir, 'tree'), 'overlay 1');
  expect(files).toEqual({ 'overlay 1/a': join(dir, 'tree/a'), 'overlay 1/b/file': join(dir, 'tree/b/file') });
  expect(layout).toEqual([
    '100644 a',
    '40755 b',
    '100644 b/file',
    `120777 b/out -> ${join(dir, 'outside')}`,
    '120777 dangling -> nowhere',
    '40755 empty',
    '120777 self -> .',
  ]);
});

test('removes a read-only tree, as somebody who is not root', async () => {
  const dir = scratchDir();
  const script = `
    import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
    import { removeTree } from './host/remove-tree.js';
    mkdirSync('${dir}/open/tree/a/b', { recursive: true });
    writeFileSync('${dir}/open/tree/a/b/file', '');
    for (const path of ['a/b', 'a', '']) chmodSync('${dir}/open/tree/' + path, 0o555);
    await removeTree('${dir}/open/tree');
    await removeTree('${dir}/open/not-there');
  `;
  mkdirSync(join(dir, 'open'));
  chmodSync(join(dir, 'open'), 0o777);
  const child = startChild(script, { asNobody: true });
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
  expect(existsSync(join(dir, 'open', 'tree'))).toBe(false);
});

test('removing a tree leaves what its links lead to', async () => {
  const dir = treeWithLinks();
  await removeTree(join(dir, 'tree'));
  expect(existsSync(join(dir, 'tree'))).toBe(false);
  expect(existsSync(join(dir, 'outside', 'secret'))).toBe(true);
});

test('hashes bytes and files alike', async () => {
  const dir = scratchDir();
  writeFiles(dir, { empty: '', big: Buffer.alloc(3_000_000, 'x') });
  expect(hashBytes('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(await hashFile(join(dir, 'empty'))).toBe(hashBytes(''));
  expect(await hashFile(join(dir, 'big'))).toBe(hashBytes(Buffer.alloc(3_000_000, 'x')));
});
