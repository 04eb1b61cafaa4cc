import { join } from 'node:path';
import { isText, mapOf } from '../engine/result-shape.ts';
import type { Step } from '../engine/step.ts';
import { imageFormats, type ImageFormat } from '../images/formats.ts';
import { readManifest } from '../rootfs/stored-manifest.ts';
import { reproducibleEnvironment, type Build } from './build.ts';
import type { LaidOutRootfs } from './lay-out-rootfs.ts';

/** Writes one image of the root filesystem. */
export function packImage(
  build: Build,
  kind: ImageFormat,
  rootfs: Step<LaidOutRootfs>,
): Step<{ readonly file: string }> {
  const format = imageFormats[kind];
  const file = join(build.outDir, 'images', format.fileName);
  return {
    id: `pack-${kind}`,
    title: () => `Packing ${format.fileName}`,
    needs: [rootfs],
    revision: 1,
    weight: 'light',
    shared: true,
    shape: mapOf({ file: isText }),
    inputs: () => ({ settings: { epoch: build.epochSeconds } }),
    outputs: () => [{ path: file }],
    async run(context) {
      await format.write({
        manifest: readManifest(context.result(rootfs).manifestFile, join(build.outDir, 'work')),
        file,
        epochSeconds: build.epochSeconds,
        workDir: context.workDir,
        logFile: context.logFile,
        env: reproducibleEnvironment(build),
        signal: context.signal,
      });
      return { file };
    },
  };
}
