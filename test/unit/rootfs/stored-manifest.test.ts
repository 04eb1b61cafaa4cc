import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import type { RootfsManifest } from '../../../toolkit/rootfs/manifest.ts';
import { readManifest, writeManifest } from '../../../toolkit/rootfs/stored-manifest.ts';
import { scratchDir } from '../scratch.ts';

async function sample(baseDir: string): Promise<RootfsManifest> {
  const blob = await new BlobStore(join(baseDir, 'lay-out-rootfs', 'blobs')).addBytes('content');
  const base = { uid: 0, gid: 0 };
  return {
    entries: [
      { path: '/', type: 'dir', mode: 0o755, ...base },
      { path: '/"quoted"\nfile', type: 'file', mode: 0o4755, uid: 100000, gid: 5, ...blob },
      { path: '/dev/null', type: 'char', mode: 0o666, major: 1, minor: 3, ...base },
      { path: '/link', type: 'symlink', mode: 0o777, target: '/absolute', ...base },
      { path: '/pipe', type: 'fifo', mode: 0o600, ...base },
    ],
  };
}

test('the same rootfs is the same text in any place, and comes back as it was', async () => {
  const texts = [];
  for (const baseDir of [scratchDir(), join(scratchDir(), 'elsewhere', 'work')]) {
    const manifest = await sample(baseDir);
    const file = join(baseDir, 'manifest.json');
    await writeManifest(file, manifest, baseDir);
    expect(readManifest(file, baseDir)).toEqual(manifest);
    texts.push(readFileSync(file, 'utf8'));
  }
  expect(texts[0]).toBe(texts[1]);
  // A line for each entry: two manifests can be compared with diff.
  expect(texts[0]?.trimEnd().split('\n')).toHaveLength(7);
});

test('no entry at all is a manifest too', async () => {
  const file = join(scratchDir(), 'manifest.json');
  await writeManifest(file, { entries: [] }, '/');
  expect(readManifest(file, '/')).toEqual({ entries: [] });
});
