import { inOut } from '../host/own-folders.ts';
import { isText, mapOf } from '../engine/result-shape.ts';
import type { Step } from '../engine/step.ts';
import { formatOf, type ImageFormat } from '../images/formats.ts';
import { readManifest } from '../rootfs/stored-manifest.ts';
import { asSetting, reproducibleEnvironment, type Build } from '../opened-board/build.ts';
import { changesFiles } from './root-mounts.ts';
import type { LaidOutRootfs } from './laid-out-rootfs.ts';

/** Writes one image of the root filesystem. */
export function packImage(
  build: Build,
  kind: ImageFormat,
  rootfs: Step<LaidOutRootfs>,
): Step<{ readonly file: string }> {
  const format = formatOf(kind);
  const parameters = build.loaded.profile.imageParameters[kind];
  const file = inOut(build.outDir, 'images', format.fileName);
  // A container's changes are a file of the root filesystem from its first start on.
  const reserveBytes = changesFiles(build.loaded.profile).reduce((bytes, { size }) => bytes + size, 0);
  return {
    id: `pack-${kind}`,
    title: () => `Packing ${format.fileName}`,
    needs: [rootfs],
    revision: 1,
    weight: 'light',
    shared: true,
    shape: mapOf({ file: isText }),
    inputs: () => ({
      settings: {
        epoch: build.epochSeconds,
        ...(parameters === undefined ? {} : { parameters: asSetting(parameters) }),
        ...(reserveBytes === 0 ? {} : { reserveBytes }),
      },
    }),
    outputs: () => [{ path: file }],
    async run(context) {
      await format.write({
        manifest: readManifest(context.result(rootfs).manifestFile, inOut(build.outDir, 'work')),
        file,
        epochSeconds: build.epochSeconds,
        workDir: context.workDir,
        logFile: context.logFile,
        env: reproducibleEnvironment(build),
        signal: context.signal,
        ...(parameters === undefined ? {} : { parameters }),
        reserveBytes,
      });
      return { file };
    },
  };
}
