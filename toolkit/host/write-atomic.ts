import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDirs } from './make-dirs.ts';
import { renameSynced } from './sync-to-disk.ts';

/**
 * Writes a file so that it exists completely or not at all, even after a power cut: temporary name, fsync, rename. Long
 * content can come in pieces.
 */
export async function writeAtomic(
  file: string,
  content: string | Uint8Array | Iterable<string>,
  mode = 0o666,
): Promise<void> {
  makeDirs(dirname(file));
  const temporary = temporaryName(file);
  try {
    await writeFile(temporary, content, { mode });
    await renameSynced(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes temporary files that killed processes left in a folder. No process may be writing now. */
export async function sweepTemporary(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => []);
  for (const name of names) if (TEMPORARY_NAME.test(name)) await rm(join(dir, name), { recursive: true });
}

const TEMPORARY_NAME = /^\..*\.\d+-[0-9a-f]{8}\.tmp$/;

/** A name next to `file` that no other process uses. It starts with a dot, which marks leftovers of a crash. */
export function temporaryName(file: string): string {
  const slash = file.lastIndexOf('/') + 1;
  return `${file.slice(0, slash)}.${file.slice(slash)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}
