import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';

/** Removes a directory with all that is in it, also a read-only tree of the store; one that is not there is fine. */
export async function removeTree(dir: string): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await makeDirectoriesWritable(dir);
    await rm(dir, { recursive: true, force: true });
  }
}

/** Only the directories count: what may be removed from one is its own business, not the file's. */
async function makeDirectoriesWritable(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeDirectoriesWritable(join(dir, entry.name));
  }
}
