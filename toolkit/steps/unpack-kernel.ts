import type { StepContext } from '../engine/step.ts';
import { kernelPart } from '../sources/kernel-part.ts';
import type { ResolvedSource } from '../sources/resolve-source.ts';
import { unpackTree } from '../sources/unpack.ts';
import type { Build } from './build.ts';
import { unpackContext } from './fetch-source.ts';

/** The directory of a kernel's tree: at least what a build for the board's architecture reads. Throws as `unpackTree`. */
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
