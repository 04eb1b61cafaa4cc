import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toolEnvironment } from '../../../toolkit/host/run-tool.ts';
import { pseudoFile } from '../../../toolkit/images/pseudo-file.ts';
import { worthLookingForTwins, writeSquashfs } from '../../../toolkit/images/squashfs.ts';
import type { RootfsManifest } from '../../../toolkit/rootfs/manifest.ts';
import { listImage, listManifest, run } from './read-back.ts';
import { manifestOf, requestFor, scratchDir } from './sample-rootfs.ts';
import type { Sample } from './sample-rootfs.ts';

const root: Record<string, Sample> = { '/': { type: 'dir' } };

test('is compressed with gzip, made at the time asked for, and has no export table', async () => {
  const dir = scratchDir();
  const request = requestFor(
    dir,
    manifestOf(dir, { ...root, '/file': { type: 'file', content: 'content' } }),
  );
  await writeSquashfs(request);
  const superblock = run('unsquashfs', ['-s', request.file]).toString();
  expect(superblock).toMatch(/^Creation or last append time Tue Nov 14 22:13:20 2023$/m);
  expect(superblock).toMatch(/^Compression gzip$/m);
  expect(superblock).toMatch(/^Block size 131072$/m);
  expect(superblock).toMatch(/^Filesystem is not exportable via NFS$/m);
  expect(superblock).toMatch(/^Xattrs are not stored$/m);
});

test('the root directory belongs to whom the manifest says, not to whoever runs mksquashfs', async () => {
  const dir = scratchDir();
  const manifest = manifestOf(dir, { '/': { type: 'dir', mode: 0o1750, uid: 7, gid: 8 } });
  const request = requestFor(dir, manifest);
  await writeSquashfs(request);
  expect(listImage('squashfs', request.file)).toEqual(listManifest(manifest));
});

test('names with blanks, quotes and backslashes at either end', async () => {
  const dir = scratchDir();
  const names = [
    ' lead',
    'trail ',
    'tab\there',
    '"quoted"',
    'back\\',
    '\\\\',
    '#',
    '# START OF DATA - DO NOT MODIFY',
  ];
  const manifest = manifestOf(dir, {
    ...root,
    ...Object.fromEntries(
      names.map((name): [string, Sample] => [`/${name}`, { type: 'file', content: name }]),
    ),
    '/link': { type: 'symlink', target: 'a "b" \\c \\\\' },
  });
  const request = requestFor(dir, manifest);
  await writeSquashfs(request);
  expect(listImage('squashfs', request.file)).toEqual(listManifest(manifest));
});

const unsayable: Record<string, Record<string, Sample>> = {
  'a line break in a name': { '/a\nb': { type: 'fifo' } },
  'a link target that starts with a blank, ends in a backslash or has a line break': {
    '/link': { type: 'symlink', target: 'back\\' },
  },
};
test.each(Object.entries(unsayable))('says that mksquashfs takes no %s', async (what, entries) => {
  const dir = scratchDir();
  await expect(
    writeSquashfs(requestFor(dir, manifestOf(dir, { ...root, ...entries }))),
  ).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: expect.stringMatching(`cannot be in a squashfs image: mksquashfs takes no ${what}$`) as string,
  });
});

test('from 4.6 on a file also says that it has no holes', async () => {
  const dir = scratchDir();
  const manifest = manifestOf(dir, {
    ...root,
    '/a': { type: 'file', content: 'first' },
    '/b': { type: 'file', content: '2' },
  });
  const text = async (release: number): Promise<string> => {
    const pieces: Buffer[] = [];
    for await (const piece of pseudoFile({ ...requestFor(dir, manifest), epochSeconds: 9 }, release))
      pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces).toString();
  };
  const data = '#\n# START OF DATA - DO NOT MODIFY\n#\nfirst2';
  expect(await text(405)).toBe(`/ D 9 755 0 0\n/a R 9 644 0 0 5 0\n/b R 9 644 0 0 1 5\n${data}`);
  expect(await text(406)).toBe(`/ D 9 755 0 0\n/a R 9 644 0 0 5 0 0\n/b R 9 644 0 0 1 5 0\n${data}`);
});

test.each(['mksquashfs version 4.4 (2019/08/29)', 'something else'])('"%s" is refused', async (version) => {
  const dir = scratchDir();
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin', 'mksquashfs'), `#!/bin/sh\necho '${version}'\n`);
  chmodSync(join(dir, 'bin', 'mksquashfs'), 0o755);
  const request = requestFor(dir, manifestOf(dir, root));
  const env = toolEnvironment({ PATH: `${join(dir, 'bin')}:/usr/bin:/bin` });
  await expect(writeSquashfs({ ...request, env })).rejects.toMatchObject({
    code: 'STEP_FAILED',
    message: 'mksquashfs is too old or not the one of squashfs-tools: 4.5 or newer is needed',
    lines: [version],
  });
});

/** Files of one size; every `unique`th has the bytes of another. */
function filesOfOneSize(count: number, unique: number): RootfsManifest {
  return {
    entries: Array.from({ length: count }, (_, index) => ({
      path: `/f${index}`,
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      source: '/packed',
      sizeBytes: 50,
      sha256: index % unique === 0 ? 'twin' : String(index),
    })),
  };
}

test('equal files are looked for where that is worth its time', () => {
  expect(worthLookingForTwins(filesOfOneSize(5_000, Infinity))).toBe(true);
  // 1,250 million pairs, and hardly a byte to save.
  expect(worthLookingForTwins(filesOfOneSize(50_000, 10_000))).toBe(false);
  expect(worthLookingForTwins(filesOfOneSize(50_000, 4))).toBe(true);
});
