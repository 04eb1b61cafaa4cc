import { open, rename } from 'node:fs/promises';

/**
 * Renames a file from its temporary name once its bytes are on the disk: after a power cut there is either the old file
 * or the new one, never a name without its bytes. Throws the system's error.
 */
export async function renameSynced(temporary: string, file: string): Promise<void> {
  await syncToDisk(temporary);
  await rename(temporary, file);
}

/** Waits until the bytes of a file, or the names in a directory, are on the disk. Throws the system's error. */
export async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
