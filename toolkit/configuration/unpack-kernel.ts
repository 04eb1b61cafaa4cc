import type { StepContext } from '../engine/step.ts';
import { kernelPart } from '../unpack/kernel-part.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { unpackTree } from '../unpack/unpack.ts';
import type { Build } from '../opened-board/build.ts';
import { unpackContext } from '../opened-board/component-source.ts';

/** Returns the directory of a kernel's tree, with at least the files for the board's architecture. Throws as `unpackTree`. */
export async function unpackKernel(
  build: Build,
  kernel: ResolvedSource,
  context: Pick<StepContext, 'workDir' | 'emit' | 'logFile' | 'signal'>,
): Promise<string> {
  return unpackTree(
    kernel,
    unpackContext(build, context, 'kernel'),
    kernelPart(build.architecture.kernelArch),
  );
}
