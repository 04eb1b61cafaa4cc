import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes a directory with all that is in it, also a read-only tree; one that is not there is fine. */
export async function removeTree(dir: string): Promise<void> {
  const stats = await lstat(dir).catch(() => undefined);
  // Beforehand, not when rm has failed: it is still at work elsewhere in the tree when it reports its first failure.
  if (stats?.isDirectory() === true) await makeDirectoriesWritable(dir);
  await rm(dir, { recursive: true, force: true });
}

/** Only directories matter: whether a file may be removed is a right on its directory. */
async function makeDirectoriesWritable(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeDirectoriesWritable(join(dir, entry.name));
  }
}
