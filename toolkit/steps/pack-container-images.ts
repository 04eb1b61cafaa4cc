import { join } from 'node:path';
import { inOut } from '../host/own-folders.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { containerImageFile } from './root-mounts.ts';
import type { Step, StepContext } from '../engine/step.ts';
import { imageFormats } from '../images/formats.ts';
import { BlobStore } from '../rootfs/blob-store.ts';
import { RootfsTree } from '../rootfs/rootfs-tree.ts';
import { readManifest, writeManifest } from '../rootfs/stored-manifest.ts';
import { asSetting, reproducibleEnvironment, type Build } from '../opened-board/build.ts';
import type { LaidOutRootfs } from './laid-out-rootfs.ts';

type Rootfs = ContainerDefinition['rootfs'];

/** Packs the root filesystems of containers that ask for it into images, each beside the now empty directory. */
export function packContainerImages(build: Build, assembled: Step<LaidOutRootfs>): Step<LaidOutRootfs> {
  const roots = build.loaded.profile.containers
    .map(({ rootfs }) => rootfs)
    .filter(({ image }) => image !== undefined);
  return {
    id: 'pack-container-images',
    title: () => `Packing the images of ${roots.length} container${roots.length === 1 ? '' : 's'}`,
    needs: [assembled],
    revision: 1,
    weight: 'light',
    inputs: () => ({
      settings: {
        images: asSetting(roots.map(({ path, image }) => ({ path, image }))),
        epoch: build.epochSeconds,
      },
    }),
    outputs: (result) => [{ path: result.manifestFile }],
    async run(context) {
      const workRoot = inOut(build.outDir, 'work');
      const tree = new RootfsTree(readManifest(context.result(assembled).manifestFile, workRoot).entries);
      await BlobStore.use(join(context.workDir, 'blobs'), async (blobs) => {
        for (const root of roots) await packRoot(build, context, tree, root, blobs);
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
  root: Rootfs,
  blobs: BlobStore,
): Promise<void> {
  const { path, image = 'squashfs' } = root;
  const top = tree.get(path);
  if (top?.type !== 'dir') throw new Error(`${path} is not a directory`);
  const inside = tree.manifest().entries.filter((entry) => entry.path.startsWith(`${path}/`));
  const file = join(context.workDir, `${path.replaceAll('/', '-').slice(1)}.${image}`);
  await imageFormats[image].write({
    manifest: {
      entries: [
        { ...top, path: '/' },
        ...inside.map((entry) => ({ ...entry, path: entry.path.slice(path.length) })),
      ],
    },
    file,
    epochSeconds: build.epochSeconds,
    workDir: context.workDir,
    logFile: context.logFile,
    env: reproducibleEnvironment(build),
    signal: context.signal,
  });
  // One pass over the whole tree instead of one for each entry.
  tree.remove(path);
  tree.put(top);
  const blob = await blobs.addFile(file);
  tree.put({ path: containerImageFile(root), type: 'file', mode: 0o600, uid: 0, gid: 0, ...blob });
}
