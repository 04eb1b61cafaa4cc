import { open, rename } from 'node:fs/promises';

/**
 * Gives a file that was written under a temporary name its own. Its bytes are on the disk before: after a power cut there
 * is the file of before or the new one, never a name without its bytes. Throws what the system says.
 */
export async function renameSynced(temporary: string, file: string): Promise<void> {
  await syncToDisk(temporary);
  await rename(temporary, file);
}

/** Waits until the bytes of a file, or the names in a directory, are on the disk. Throws what the system says. */
export async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
