import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KitError } from '../../../toolkit/base/errors.ts';
import { writeExt4 } from '../../../toolkit/images/ext4.ts';
import { ext4OfSize, roomyExt4, tightExt4 } from '../../../toolkit/images/ext4-size.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { listImage, listManifest, readFromImage, run } from './read-back.ts';
import { manifestOf, noise, requestFor, samples, scratchDir } from './sample-rootfs.ts';
import type { Sample } from './sample-rootfs.ts';

const MIB = 1024 * 1024;
const root: Record<string, Sample> = { '/': { type: 'dir' } };

/** e2fsck exits with 4 when it finds anything, and `run` throws then. */
function fsck(image: string): string {
  return run('e2fsck', ['-fn', image]).toString();
}

test('is clean, in whole MiB, with a journal and the chosen features', async () => {
  const dir = scratchDir();
  const request = requestFor(dir, manifestOf(dir, samples));
  await writeExt4(request);
  fsck(request.file);
  expect(statSync(request.file).size % MIB).toBe(0);
  const superblock = run('dumpe2fs', ['-h', request.file]).toString();
  expect(superblock).toMatch(
    /^Filesystem features: +has_journal ext_attr resize_inode dir_index filetype extent flex_bg sparse_super large_file uninit_bg dir_nlink extra_isize$/m,
  );
  expect(superblock).toMatch(/^Reserved block count: +0$/m);
  expect(superblock).toMatch(/^Filesystem created: +Tue Nov 14 22:13:20 2023$/m);
});

test('finds mke2fs and debugfs though sbin is not in an ordinary user’s PATH', async () => {
  const dir = scratchDir();
  const request = requestFor(dir, manifestOf(dir, root));
  await writeExt4({ ...request, env: { PATH: '/usr/bin:/bin' } });
  fsck(request.file);
});

test('holes in the source on the host change nothing', async () => {
  const images = await Promise.all(
    [true, false].map(async (sparse) => {
      const dir = scratchDir();
      const content = Buffer.concat([Buffer.alloc(300_000), Buffer.from('end')]);
      const manifest = manifestOf(dir, { ...root, '/zeros': { type: 'file', content } });
      const source = manifest.entries.find((entry) => entry.type === 'file')?.source ?? '';
      if (sparse) run('cp', ['--sparse=always', source, `${source}.sparse`]);
      if (sparse) run('mv', [`${source}.sparse`, source]);
      const request = requestFor(dir, manifest);
      await writeExt4(request);
      return { image: readFileSync(request.file, 'base64'), blocks: statSync(source).blocks };
    }),
  );
  expect(images[0]?.blocks).toBeLessThan(images[1]?.blocks ?? 0);
  expect(images[0]?.image === images[1]?.image).toBe(true);
});

test('the time 1970-01-01 00:00:00 is not taken for "now"', async () => {
  const dir = scratchDir();
  const request = { ...requestFor(dir, manifestOf(dir, root)), epochSeconds: 0 };
  await writeExt4(request);
  expect(run('dumpe2fs', ['-h', request.file]).toString()).toMatch(
    /^Last write time: +Thu Jan {2}1 00:00:01 1970$/m,
  );
});

test('keeps what the manifest says of /lost+found, which is there from the start', async () => {
  const dir = scratchDir();
  const manifest = manifestOf(dir, { ...root, '/lost+found': { type: 'dir', mode: 0o711, gid: 7 } });
  const request = requestFor(dir, manifest);
  await writeExt4(request);
  fsck(request.file);
  expect(run('debugfs', ['-R', 'ls -p /', request.file]).toString()).toContain('/040711/0/7/lost+found/');
});

test('an entry debugfs refuses is an error, though it exits with 0', async () => {
  const dir = scratchDir();
  const manifest = manifestOf(dir, { ...root, '/far': { type: 'char', major: 1, minor: 70_000 } });
  const error: unknown = await writeExt4(requestFor(dir, manifest)).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'STEP_FAILED', message: expect.stringContaining('debugfs') as string });
  expect((error as KitError).lines.join('\n')).toContain('/far');
});

test('a line break in a name cannot become a command', async () => {
  const dir = scratchDir();
  const manifest = manifestOf(dir, { ...root, '/a\nrm b': { type: 'dir' } });
  await expect(writeExt4(requestFor(dir, manifest))).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: '"/a\\nrm b" cannot be in an ext4 image: debugfs takes no line break in a name',
  });
});

describe('size', () => {
  test.each([9 * MIB, 200 * MIB, 9 * MIB + 5000])(
    '%i bytes asked for are what it has, in whole blocks',
    async (sizeBytes) => {
      const dir = scratchDir();
      const request = { ...requestFor(dir, manifestOf(dir, samples)), parameters: { size: sizeBytes } };
      await writeExt4(request);
      fsck(request.file);
      expect(statSync(request.file).size).toBe(Math.floor(sizeBytes / 4096) * 4096);
    },
  );

  test.each([0, 4096, 100_000, 300_000, MIB, 3 * MIB])(
    '%i bytes are too few, and the number needed is enough',
    async (sizeBytes) => {
      const dir = scratchDir();
      const manifest = manifestOf(dir, { ...root, '/noise': { type: 'file', content: noise(5 * MIB) } });
      const request = { ...requestFor(dir, manifest), parameters: { size: sizeBytes } };
      const error: unknown = await writeExt4(request).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'STEP_FAILED',
        message: `${request.file} does not fit in ${sizeBytes} bytes`,
      });
      const { lines, hint = '' } = error as KitError;
      expect(lines[0]).toBe('mke2fs made a file system of that size, but its contents need 6 MiB');
      const needed = Number(/write size: (\d+)M or more/.exec(hint)?.[1]) * MIB;
      await writeExt4({ ...request, parameters: { size: needed } });
      fsck(request.file);
    },
  );

  const awkward: Record<string, () => Record<string, Sample>> = {
    'an empty root': () => ({}),
    'one directory of many long names': () =>
      numbered(700, (at) => [
        `/${String(at).padStart(250, 'x')}`,
        { type: 'symlink', target: 'y'.repeat(59) },
      ]),
    'many small files': () => numbered(600, (at) => [`/${at}`, { type: 'file', content: `${at}` }]),
    'many long links': () => numbered(300, (at) => [`/${at}`, { type: 'symlink', target: 'y'.repeat(60) }]),
    'deep directories': () => numbered(300, (at) => ['/d'.repeat(at + 1), { type: 'dir' }]),
    'a file that is every other block a hole': () => ({
      '/holes': {
        type: 'file',
        content: Buffer.from(new Uint8Array(4 * MIB).map((_, at) => (at >> 12) & 1)),
      },
    }),
  };
  test.each(Object.entries(awkward))('the tightest one holds %s', async (_, make) => {
    const dir = scratchDir();
    const manifest = manifestOf(join(dir, 'sources'), { ...root, ...make() });
    const request = requestFor(dir, manifest);
    await writeExt4({ ...request, parameters: { size: tightExt4(manifest).blocks * 4096 } });
    fsck(request.file);
    if (manifest.entries.length < 100)
      expect(listImage('ext4', request.file)).toEqual(listManifest(manifest));
  });
});

function numbered(count: number, make: (at: number) => [string, Sample]): Record<string, Sample> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => make(at)));
}

test.each([
  ['roomy', roomyExt4],
  ['tight', tightExt4],
])('many small files have their inodes, and a quarter more: %s', (_name, geometry) => {
  const dir = scratchDir();
  const files = Array.from({ length: 5_000 }, (_, index) => [`/f${index}`, { type: 'symlink', target: 'f' }]);
  const manifest = manifestOf(dir, { ...root, ...(Object.fromEntries(files) as Record<string, Sample>) });
  expect(geometry(manifest).inodes).toBeGreaterThanOrEqual(5_001 * 1.25 + 11);
});

test('a file system that is mostly empty has an inode for each 16 KiB', () => {
  const dir = scratchDir();
  expect(ext4OfSize(64 * MIB, manifestOf(dir, root))).toEqual({ blocks: 16_384, inodes: 4_096 });
});

test('thousands of small files that lie in one file, more than there are slots', async () => {
  const dir = scratchDir();
  const blobs = new BlobStore(join(dir, 'blobs'));
  const base = { mode: 0o644, uid: 0, gid: 0 };
  const large = { path: '/zzz', type: 'file', ...base, ...(await blobs.addBytes(noise(100_000))) } as const;
  const entries: RootfsEntry[] = [{ path: '/', type: 'dir', ...base, mode: 0o755 }];
  for (let index = 1000; index < 3500; index++) {
    // The lengths vary, so that the earlier content of a slot is sometimes longer.
    const blob = await blobs.addBytes(`file ${index} `.repeat(1 + (index % 700)));
    entries.push({ path: `/f${index}`, type: 'file', ...base, ...blob });
  }
  const request = requestFor(dir, { entries: [...entries, large] });
  await writeExt4(request);
  fsck(request.file);
  for (const index of [1000, 1001, 3047, 3048, 3049, 3499]) {
    const found = readFromImage('ext4', request.file, `/f${index}`, dir).toString();
    expect(found).toBe(`file ${index} `.repeat(1 + (index % 700)));
  }
  expect(readFromImage('ext4', request.file, '/zzz', dir).equals(noise(100_000))).toBe(true);
  expect(existsSync(join(request.workDir, 'slots'))).toBe(false);
});

test('names that debugfs would take for an inode, an option or a way, on any level', async () => {
  const dir = scratchDir();
  const names = ['<12>', '-p', '~', 'a b', 'x"y'];
  const entries = Object.fromEntries(
    names.flatMap((name): [string, Sample][] => [
      [`/${name}`, { type: 'dir', mode: 0o700 }],
      [`/${name}/${name}`, { type: 'dir', mode: 0o711 }],
      [`/${name}/${name}/${name}`, { type: 'file', content: name, mode: 0o640 }],
    ]),
  );
  const manifest = manifestOf(dir, { ...root, ...entries });
  const request = requestFor(dir, manifest);
  await writeExt4(request);
  fsck(request.file);
  expect(listImage('ext4', request.file)).toEqual(listManifest(manifest));
});

test('room for files that the device makes later', async () => {
  const dir = scratchDir();
  const manifest = manifestOf(join(dir, 'sources'), root);
  const request = requestFor(dir, manifest);
  const alone = tightExt4(manifest).blocks * 4096;
  const both = tightExt4(manifest, 8 * MIB).blocks * 4096;
  expect(both - alone).toBeGreaterThanOrEqual(8 * MIB);
  expect(both - alone).toBeLessThan(13 * MIB);
  expect(roomyExt4(manifest, 8 * MIB).blocks * 4096).toBeGreaterThanOrEqual(both);
  const small = { ...request, parameters: { size: alone }, reserveBytes: 8 * MIB };
  await expect(writeExt4(small)).rejects.toThrow(
    /has no room for what containers may write: .* it needs \d+/,
  );
});
