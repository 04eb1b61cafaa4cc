import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepContext } from '../engine/step.ts';
import { readElf } from '../rootfs/elf.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { runInStep, type Build } from './build.ts';

/** Takes symbol tables and debug information out of every ELF file below a directory. */
export async function stripTree(
  build: Build,
  context: StepContext,
  toolchain: Toolchain,
  dir: string,
): Promise<void> {
  const files: string[] = [];
  for (const name of (await readdir(dir, { recursive: true })).sort()) {
    const file = join(dir, name);
    const stat = await lstat(file);
    if (!stat.isFile() || (await readElf(file)) === undefined) continue;
    if ((stat.mode & 0o200) === 0) await chmod(file, stat.mode | 0o200);
    files.push(file);
  }
  if (files.length > 0)
    await runInStep(build, context, [`${toolchain.prefix}strip`, '--strip-unneeded', ...files]);
}
