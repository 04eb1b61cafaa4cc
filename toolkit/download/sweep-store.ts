import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../host/remove-tree.ts';

/** Nothing that is still being written is this old. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** Removes leftovers of killed runs from the store after a day: half a tree may take a gigabyte. */
export async function sweepStore(storeDir: string): Promise<void> {
  for (const part of ['tmp', 'trees', 'resolved']) {
    const names = await readdir(join(storeDir, part)).catch(() => []);
    for (const name of names.filter((one) => part === 'tmp' || one.startsWith('.'))) {
      const left = join(storeDir, part, name);
      const { mtimeMs } = await stat(left).catch(() => ({ mtimeMs: Infinity }));
      // Another user's leftovers are for that user to remove.
      if (Date.now() - mtimeMs > DAY_MS) await removeTree(left).catch(() => undefined);
    }
  }
}
