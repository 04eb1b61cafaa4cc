import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DiagnosticsError } from '../base/diagnostic.ts';
import { KitError } from '../base/errors.ts';
import { inOut } from '../host/own-folders.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { EXT4_BLOCK_BYTES, tightExt4 } from '../images/ext4-size.ts';
import { changesFiles, containerImageFile, type ChangesFile } from './root-mounts.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { imageFormats } from '../images/formats.ts';
import { BlobStore } from '../rootfs/blob-store.ts';
import type { RootfsManifest } from '../rootfs/manifest.ts';
import { RootfsTree } from '../rootfs/rootfs-tree.ts';
import { readManifest, writeManifest } from '../rootfs/stored-manifest.ts';
import { asSetting, reproducibleEnvironment, type Build } from '../opened-board/build.ts';
import type { LaidOutRootfs } from './laid-out-rootfs.ts';

type Rootfs = ContainerDefinition['rootfs'];

const MEBIBYTE = 1024 * 1024;

/**
 * Packs the root filesystems of containers that ask for it into images, each beside the now empty directory, and makes
 * the file systems for what containers of a limited size write.
 */
export function packContainerImages(build: Build, assembled: Step<LaidOutRootfs>): Step<LaidOutRootfs> {
  const { profile } = build.loaded;
  const changes = changesFiles(profile);
  const roots = profile.containers.flatMap(({ name, rootfs }, index) =>
    rootfs.image === undefined ? [] : [{ name, rootfs, index }],
  );
  const count = roots.length + changes.length;
  return {
    id: 'pack-container-images',
    title: () => `Packing ${count} image${count === 1 ? '' : 's'} of containers`,
    needs: [assembled],
    revision: 2,
    weight: 'light',
    inputs: () => ({
      settings: {
        images: asSetting(
          roots.map(({ rootfs: { path, image, size } }) => ({
            path,
            image,
            ...(size === undefined ? {} : { size }),
          })),
        ),
        ...(changes.length === 0 ? {} : { changes: asSetting(changes) }),
        epoch: build.epochSeconds,
      },
    }),
    outputs: (result) => [{ path: result.manifestFile }],
    async run(context) {
      const workRoot = inOut(build.outDir, 'work');
      const tree = new RootfsTree(readManifest(context.result(assembled).manifestFile, workRoot).entries);
      await BlobStore.use(join(context.workDir, 'blobs'), async (blobs) => {
        for (const root of roots) await packRoot(build, context, tree, root, blobs);
        for (const one of changes) await packChanges(build, context, tree, one, blobs);
      });
      const manifestFile = join(context.workDir, 'manifest.json');
      await writeManifest(manifestFile, tree.manifest(), workRoot);
      return { manifestFile };
    },
  };
}

/** Moves everything below a directory of the device into an image. */
async function packRoot(
  build: Build,
  context: StepContext,
  tree: RootfsTree,
  root: { readonly name: string; readonly rootfs: Rootfs; readonly index: number },
  blobs: BlobStore,
): Promise<void> {
  const { path, image = 'squashfs', size } = root.rootfs;
  const top = tree.get(path);
  if (top?.type !== 'dir') throw new Error(`${path} is not a directory`);
  const inside = tree.manifest().entries.filter((entry) => entry.path.startsWith(`${path}/`));
  const file = workFile(context, path, image);
  const manifest = {
    entries: [
      { ...top, path: '/' },
      ...inside.map((entry) => ({ ...entry, path: entry.path.slice(path.length) })),
    ],
  };
  const withSize = image === 'ext4' && size !== undefined;
  try {
    await imageFormats[image].write({
      ...requestOf(build, context, manifest, file),
      ...(withSize ? { parameters: { size } } : {}),
    });
  } catch (error) {
    const neededBytes = tightExt4(manifest).blocks * EXT4_BLOCK_BYTES;
    if (!withSize || size >= neededBytes || !(error instanceof KitError)) throw error;
    throw new DiagnosticsError('CONTAINER_INVALID', [
      {
        location: build.loaded.provenance(['containers', root.index, 'rootfs', 'size']),
        message: `${root.name}: its image has ${size / MEBIBYTE} MiB, but its files need ${neededBytes / MEBIBYTE} MiB`,
        help: `write size: ${neededBytes / MEBIBYTE}M and what it shall write, or remove "image: ext4": then the size counts only what it writes`,
      },
    ]);
  }
  // One pass over the whole tree instead of one for each entry.
  tree.remove(path);
  tree.put(top);
  const blob = await blobs.addFile(file);
  tree.put({ path: containerImageFile(root.rootfs), type: 'file', mode: 0o600, uid: 0, gid: 0, ...blob });
}

/** Puts an empty file system of the size of a container's changes into the tree; compressed, it has a few KiB. */
async function packChanges(
  build: Build,
  context: StepContext,
  tree: RootfsTree,
  { file: path, size }: ChangesFile,
  blobs: BlobStore,
): Promise<void> {
  const file = workFile(context, path, 'ext4');
  const empty: RootfsManifest = { entries: [{ path: '/', type: 'dir', mode: 0o700, uid: 0, gid: 0 }] };
  await imageFormats.ext4.write({ ...requestOf(build, context, empty, file), parameters: { size } });
  await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.gz`), {
    signal: context.signal,
  });
  await rm(file);
  const blob = await blobs.addFile(`${file}.gz`);
  tree.put({ path, type: 'file', mode: 0o600, uid: 0, gid: 0, ...blob });
}

function workFile(context: StepContext, path: string, suffix: string): string {
  return join(context.workDir, `${path.replaceAll('/', '-').slice(1)}.${suffix}`);
}

function requestOf(build: Build, context: StepContext, manifest: RootfsManifest, file: string) {
  return {
    manifest,
    file,
    epochSeconds: build.epochSeconds,
    workDir: context.workDir,
    logFile: context.logFile,
    env: reproducibleEnvironment(build),
    signal: context.signal,
  };
}
