import { chmod } from 'node:fs/promises';
import type { StepContext } from '../engine/step.ts';
import { walkTree } from '../host/walk-tree.ts';
import { readElf } from '../programs/elf.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { runInStep, type Build } from '../opened-board/build.ts';

/** The section with the compiler's name, which strip leaves. */
const COMMENT = '.comment';

/** Removes symbol tables and debug information from every ELF file below a directory; links are not followed. */
export async function stripTree(
  build: Build,
  context: StepContext,
  toolchain: Toolchain,
  dir: string,
): Promise<void> {
  const files: string[] = [];
  for (const { path, stat } of await walkTree(dir)) {
    if (!stat.isFile() || (await readElf(path)) === undefined) continue;
    if ((stat.mode & 0o200) === 0) await chmod(path, stat.mode | 0o200);
    files.push(path);
  }
  if (files.length > 0)
    await runInStep(build, context, [
      `${toolchain.prefix}strip`,
      '--strip-unneeded',
      ...[...build.architecture.uselessSections, COMMENT].map((section) => `--remove-section=${section}`),
      ...files,
    ]);
}
