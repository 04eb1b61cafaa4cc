import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes a directory with its contents, even if it is read-only. A missing one is fine. */
export async function removeTree(dir: string): Promise<void> {
  const stats = await lstat(dir).catch(() => undefined);
  // Before rm, not after it failed: it is still working elsewhere in the tree when it reports its first failure.
  if (stats?.isDirectory() === true) await makeDirectoriesWritable(dir);
  await rm(dir, { recursive: true, force: true });
}

/** Only directories matter: removing a file needs write permission on its directory. */
async function makeDirectoriesWritable(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeDirectoriesWritable(join(dir, entry.name));
  }
}
