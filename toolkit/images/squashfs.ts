import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { KitError } from '../base/errors.ts';
import type { RootfsManifest } from '../rootfs/manifest.ts';
import { checkManifest } from './check-manifest.ts';
import type { ImageRequest } from './image-request.ts';
import { inBlocks } from './in-blocks.ts';
import { pseudoFile } from './pseudo-file.ts';
import { replaceFile } from './replace-file.ts';
import { runImageTool } from './run-image-tool.ts';

/**
 * Writes the root filesystem as a squashfs image. mksquashfs (4.5 or newer) reads everything, file contents too,
 * from one pseudo file, so owners, modes and device nodes never come from files on the host. It could read a tar
 * archive as well, but 4.5.1 then makes the user who runs it own the root directory, whatever -root-uid says:
 * https://github.com/plougher/squashfs-tools/issues/173
 *
 * gzip and not xz: every kernel with squashfs reads it, and repacking a changed container takes seconds;
 * xz is a fifth smaller (mipsel programs) and takes four times as long. 128 KiB blocks limit the memory of a read.
 */
export async function writeSquashfs(request: ImageRequest): Promise<void> {
  checkManifest(request.manifest);
  const { file, workDir, signal } = request;
  const release = await squashfsToolsRelease(request);
  const definitions = join(workDir, 'rootfs.pseudo');
  try {
    await replaceFile(definitions, signal, async (temporary) => {
      const stream = createWriteStream(temporary);
      await pipeline(inBlocks(pseudoFile(request, release), stream), stream, { signal });
    });
    await replaceFile(file, signal, (temporary) => pack(request, definitions, temporary));
  } finally {
    await rm(definitions, { force: true });
  }
}

/** Returns the release of squashfs-tools as a number that can be compared: 406 is 4.6. */
async function squashfsToolsRelease(request: ImageRequest): Promise<number> {
  const { output } = await runImageTool(['mksquashfs', '-version'], request.env, request);
  const [, major, minor] = /^mksquashfs version (\d+)\.(\d+)/m.exec(output) ?? [];
  const release = Number(major) * 100 + Number(minor);
  if (release >= 405) return release;
  throw new KitError(
    'STEP_FAILED',
    'mksquashfs is too old or not the one of squashfs-tools: 4.5 or newer is needed',
    {
      lines: output.split('\n').slice(0, 1),
      hint: 'install squashfs-tools 4.5 or newer, or take squashfs out of the profile’s images',
    },
  );
}

async function pack(request: ImageRequest, definitions: string, image: string): Promise<void> {
  const argv = [
    'mksquashfs',
    // No source directory.
    '-',
    image,
    ...['-pf', definitions],
    ...['-comp', 'gzip'],
    ...['-b', '131072'],
    ...['-mkfs-time', String(request.epochSeconds)],
    '-no-exports',
    '-no-xattrs',
    '-exit-on-error',
    '-no-progress',
    ...(worthLookingForTwins(request.manifest) ? [] : ['-no-duplicates']),
  ] as const;
  // mksquashfs refuses to take the time from both this variable and its options.
  const env = Object.fromEntries(
    Object.entries(request.env).filter(([name]) => name !== 'SOURCE_DATE_EPOCH'),
  );
  await runImageTool(argv, env, request);
}

/** The number of file pairs that mksquashfs compares within a second. */
const MAX_PAIRS = 50_000_000;

/**
 * mksquashfs stores the bytes of equal files once. To find them it compares each file with all earlier ones of the same
 * size: 50,000 of one size take half a minute. With that many, the search is left out if that makes the image hardly
 * larger.
 */
export function worthLookingForTwins({ entries }: RootfsManifest): boolean {
  const contents = new Map<number, Set<string>>();
  let pairs = 0;
  let savedBytes = 0;
  let totalBytes = 0;
  for (const entry of entries) {
    if (entry.type !== 'file' || entry.sizeBytes === 0) continue;
    const ofSize = contents.get(entry.sizeBytes) ?? new Set<string>();
    contents.set(entry.sizeBytes, ofSize);
    pairs += ofSize.size;
    totalBytes += entry.sizeBytes;
    if (ofSize.has(entry.sha256)) savedBytes += entry.sizeBytes;
    ofSize.add(entry.sha256);
  }
  return pairs <= MAX_PAIRS || savedBytes * 50 > totalBytes;
}
