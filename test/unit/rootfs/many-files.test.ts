import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { walkTree } from '../../../toolkit/host/walk-tree.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import { readDirectory } from '../../../toolkit/rootfs/read-directory.ts';
import { readManifest, writeManifest } from '../../../toolkit/rootfs/stored-manifest.ts';
import { keptBytes } from '../../rigs/kept-bytes.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

const COUNT = 1500;

function manyFiles(): string {
  const dir = scratchDir();
  writeFiles(
    dir,
    Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`d/file-${index}.txt`, `text ${index}`])),
  );
  return dir;
}

test('a walk and a manifest keep a few hundred bytes of each file', async () => {
  const dir = manyFiles();
  // Stats with their dates take more than a kilobyte each.
  expect((await keptBytes(() => walkTree(dir))) / COUNT).toBeLessThan(600);
  const read = (): Promise<unknown> =>
    BlobStore.use(scratchDir(), (blobs) => readDirectory(dir, blobs, '/opt'));
  // With a shape, and a text for the place of its bytes, of its own each entry takes over 900.
  expect((await keptBytes(read)) / COUNT).toBeLessThan(700);
});

test('a long manifest is written in pieces, as it would be in one', async () => {
  const dir = scratchDir();
  const entries = Array.from({ length: 1201 }, (_, index) => ({
    path: `/etc/file-${index}`,
    mode: 0o644,
    uid: 0,
    gid: 0,
    type: 'file' as const,
    source: join(dir, 'packed'),
    offset: index,
    sizeBytes: 1,
    sha256: 'ab',
  }));
  for (const count of [0, 1, 500, 501, 1201]) {
    const file = join(dir, 'manifest.json');
    const some = { entries: entries.slice(0, count) };
    await writeManifest(file, some, dir);
    const lines = some.entries.map((entry) => JSON.stringify({ ...entry, source: 'packed' }));
    expect(readFileSync(file, 'utf8')).toBe(`[\n${lines.join(',\n')}\n]\n`);
    expect(readManifest(file, dir)).toEqual(some);
  }
});
