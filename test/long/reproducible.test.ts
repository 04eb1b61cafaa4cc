import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RealBoard } from '../rigs/real-board.ts';

test('two builds of the same inputs in two directories give identical root filesystem images', async () => {
  const first = await packAll('reproducible-a', '1');
  const second = await packAll('a-longer-name/reproducible-b', '3');
  expect(second).toEqual(first);
});

/** Builds everything but the kernel from nothing, and hashes the images. */
async function packAll(name: string, jobs: string): Promise<Record<string, string>> {
  // Nothing is taken from the store: both have to make it.
  const board = new RealBoard('malta-mipsel', name, { LXC_KIT_STORE_LIMIT: '0' });
  rmSync(board.outDir, { recursive: true, force: true });
  const hashes: Record<string, string> = {};
  for (const [step, file] of [
    ['pack-cpio.gz', 'rootfs.cpio.gz'],
    ['pack-squashfs', 'rootfs.squashfs'],
    ['pack-ext4', 'rootfs.ext4'],
    ['pack-tar.gz', 'rootfs.tar.gz'],
  ] as const) {
    const { exitCode } = await board.build('--until', step, '--jobs', jobs);
    expect(exitCode).toBe(0);
    hashes[file] = createHash('sha256')
      .update(readFileSync(join(board.outDir, 'images', file)))
      .digest('hex');
  }
  return hashes;
}
