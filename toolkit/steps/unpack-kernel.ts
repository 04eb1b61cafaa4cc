import type { StepContext } from '../engine/step.ts';
import { kernelPart } from '../sources/kernel-part.ts';
import type { ResolvedSource } from '../sources/resolve-source.ts';
import { unpackTree } from '../sources/unpack.ts';
import { sourceContext, type Build } from './build.ts';

/** The directory of a kernel's tree: at least what a build for the board's architecture reads. Throws as `unpackTree`. */
export async function unpackKernel(
  build: Build,
  kernel: ResolvedSource,
  context: Pick<StepContext, 'workDir' | 'emit' | 'logFile' | 'signal'>,
): Promise<string> {
  return unpackTree(kernel, sourceContext(build, context), kernelPart(build.architecture.kernelArch));
}
