import { existsSync } from 'node:fs';
import { chmod, mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { removeTree } from '../host/remove-tree.ts';
import { syncFileSystem } from '../host/sync-file-system.ts';
import { temporaryName } from '../host/write-atomic.ts';
import type { SourceContext } from '../download/source-context.ts';
import { writeFailure } from '../download/store.ts';

/** Makes a tree of the store with `make`, and closes it to changes; another process may make the same one meanwhile. */
export async function keepTree(treeDir: string, make: () => Promise<void>): Promise<void> {
  await make().catch((error: unknown) => {
    // Another process was faster; its tree is the same.
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '') || !existsSync(treeDir)) throw error;
  });
  // Another user's tree is that user's task.
  await chmod(treeDir, 0o555).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'EPERM') throw error;
  });
}

/** Fills a temporary directory next to `dir`, then renames it, or the part of it that `fill` returns, to `dir`. */
export async function fillDir(
  dir: string,
  context: Pick<SourceContext, 'signal'>,
  fill: (dir: string) => Promise<string>,
): Promise<void> {
  makeDirs(dirname(dir));
  const temporaryDir = temporaryName(dir);
  try {
    await mkdir(temporaryDir);
    const filled = await fill(temporaryDir);
    context.signal.throwIfAborted();
    // Moving a directory to another parent needs write permission on it (rename(2)).
    await chmod(filled, 0o755);
    // A power cut must not leave a tree with empty files.
    await syncFileSystem(filled);
    await rename(filled, dir);
  } catch (error) {
    context.signal.throwIfAborted();
    throw writeFailure(dirname(dir), error);
  } finally {
    await removeTree(temporaryDir);
  }
}
