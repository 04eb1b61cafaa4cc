import { expect, test } from 'vitest';
import { newcArchive } from '../../../toolkit/images/newc.ts';
import type { RootfsManifest } from '../../../toolkit/rootfs/manifest.ts';
import { manifestOf, requestFor, samples, scratchDir } from './sample-rootfs.ts';

async function archiveOf(dir: string, manifest: RootfsManifest): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of newcArchive({ ...requestFor(dir, manifest), epochSeconds: 0x10 }))
    pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test('has the bytes that buffer-format.rst describes', async () => {
  const dir = scratchDir();
  const manifest = manifestOf(dir, {
    '/': { type: 'dir' },
    '/dev': { type: 'dir' },
    '/dev/console': { type: 'char', major: 5, minor: 1 },
    '/file': { type: 'file', mode: 0o4755, uid: 1, gid: 2, content: 'hello' },
    '/link': { type: 'symlink', target: 'file' },
  });
  const field = (...values: number[]): string =>
    values.map((value) => value.toString(16).toUpperCase().padStart(8, '0')).join('');
  const expected = [
    // inode, mode, uid, gid, nlink, mtime, size; major, minor; device's major, minor; name size; checksum
    `070701${field(1, 0o040755, 0, 0, 2, 0x10, 0, 0, 0, 0, 0, 2, 0)}.\0`,
    `070701${field(2, 0o040755, 0, 0, 2, 0x10, 0, 0, 0, 0, 0, 4, 0)}dev\0\0\0`,
    `070701${field(3, 0o020600, 0, 0, 1, 0x10, 0, 0, 0, 5, 1, 12, 0)}dev/console\0\0\0`,
    `070701${field(4, 0o104755, 1, 2, 1, 0x10, 5, 0, 0, 0, 0, 5, 0)}file\0\0hello\0\0\0`,
    `070701${field(5, 0o120777, 0, 0, 1, 0x10, 4, 0, 0, 0, 0, 5, 0)}link\0\0file`,
    `070701${field(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0)}TRAILER!!!\0\0\0\0`,
  ].join('');
  const archive = await archiveOf(dir, manifest);
  expect(archive.toString('latin1').replace(/\0*$/, '')).toBe(expected.replace(/\0*$/, ''));
  expect(archive.length % 512).toBe(0);
});

test('every header starts at a multiple of four', async () => {
  const dir = scratchDir();
  const archive = await archiveOf(dir, manifestOf(dir, samples));
  let headers = 0;
  for (let at = archive.indexOf('070701'); at !== -1; at = archive.indexOf('070701', at + 1)) {
    expect(at % 4).toBe(0);
    headers += 1;
  }
  expect(headers).toBe(Object.keys(samples).length + 1);
});

test('a file of 4 GiB is refused, as its size does not fit', async () => {
  const dir = scratchDir();
  const { entries } = manifestOf(dir, { '/': { type: 'dir' }, '/big': { type: 'file', content: '' } });
  const big = entries.map((entry) => (entry.type === 'file' ? { ...entry, sizeBytes: 2 ** 32 } : entry));
  await expect(archiveOf(dir, { entries: big })).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: '/big is too big for an initramfs: a cpio archive holds files below 4 GiB',
  });
});
