import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkImages } from '../../../toolkit/boot/check-images.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Checks an image and a kernel of an out directory with this manifest. */
async function check(artefacts: unknown, image = 'image'): Promise<void> {
  const build = await sampleBuild(scratchDir(), {});
  writeFiles(build.outDir, {
    'images/rootfs.ext4': image,
    'images/vmlinux': 'kernel',
    ...(artefacts === undefined ? {} : { 'manifest.json': JSON.stringify({ steps: [], artefacts }) }),
  });
  await checkImages(build, [join(build.outDir, 'images/vmlinux'), join(build.outDir, 'images/rootfs.ext4')]);
}

const kernel = { path: 'images/vmlinux', size: 6, sha256: hashOf('kernel') };
const image = { path: 'images/rootfs.ext4', size: 5, sha256: hashOf('image') };

test('the files that the manifest names', async () => {
  await check([kernel, image]);
});

test('a file with another byte is refused, with both hashes', async () => {
  await expect(check([kernel, image], 'imagE')).rejects.toMatchObject({
    code: 'BOOT_FAILED',
    message: expect.stringMatching(/^this is not what \S*manifest\.json says was built$/) as string,
    lines: [
      expect.stringMatching(new RegExp(`images/rootfs\\.ext4: expected sha256 ${hashOf('image')}$`)),
      expect.stringMatching(new RegExp(`^ +found    sha256 ${hashOf('imagE')}$`)),
    ],
    hint: 'run: npx lxc-kit build --board sample',
  });
});

test('a file that no build made, and a directory without a manifest', async () => {
  await expect(check([kernel])).rejects.toMatchObject({
    lines: [expect.stringContaining('images/rootfs.ext4: expected no such file'), expect.anything()],
  });
  await expect(check(undefined)).rejects.toMatchObject({
    code: 'BOOT_FAILED',
    message: expect.stringMatching(/manifest\.json does not say which images were built$/) as string,
  });
});
