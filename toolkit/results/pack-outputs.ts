import { chmod, lstat, mkdir, readdir, readlink, rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StepOutput } from '../engine/step.ts';
import { removeTree } from '../host/remove-tree.ts';
import { renameSynced } from '../host/sync-to-disk.ts';
import { temporaryName } from '../host/write-atomic.ts';
import type { BlobFiles } from './blob-files.ts';
import type { StoredEntry } from './stored-result.ts';

/** Takes the files of an output into the store; undefined when there is something in it that cannot be kept. */
export async function packOutput(
  { path }: StepOutput,
  blobs: BlobFiles,
): Promise<readonly StoredEntry[] | undefined> {
  const entries: StoredEntry[] = [];
  const whole = await pack(path, '');
  return whole ? entries : undefined;

  async function pack(file: string, name: string): Promise<boolean> {
    const stat = await lstat(file);
    const mode = stat.mode & 0o7777;
    if (stat.isSymbolicLink()) {
      entries.push({ type: 'link', name, target: await readlink(file) });
      return true;
    }
    if (stat.isFile()) {
      entries.push({ type: 'file', name, mode, sha256: await blobs.addFile(file), sizeBytes: stat.size });
      return true;
    }
    if (!stat.isDirectory()) return false;
    entries.push({ type: 'dir', name, mode });
    for (const child of (await readdir(file)).sort()) {
      if (!(await pack(join(file, child), name === '' ? child : `${name}/${child}`))) return false;
    }
    return true;
  }
}

/**
 * Puts an output in its place, in one go. False, with nothing changed, when a file of it is not in the store.
 * A file is on the disk by then; a directory need not be, see `StepStore.markPlaced`.
 */
export async function unpackOutput(
  path: string,
  entries: readonly StoredEntry[],
  blobs: BlobFiles,
): Promise<boolean> {
  const temporary = temporaryName(path);
  await mkdir(dirname(path), { recursive: true });
  try {
    for (const entry of entries) {
      const file = entry.name === '' ? temporary : join(temporary, entry.name);
      if (entry.type === 'dir') await mkdir(file, { mode: entry.mode | 0o700 });
      else if (entry.type === 'link') await symlink(entry.target, file);
      else if (!(await blobs.copyTo(entry.sha256, file, entry.mode))) return false;
    }
    await setDirectoryModes(temporary, entries);
    await removeTree(path);
    if (entries[0]?.type === 'file') await renameSynced(temporary, path);
    else await rename(temporary, path);
    return true;
  } finally {
    await removeTree(temporary);
  }
}

/** At the end, and the innermost first: a directory may be one that nobody can write to. The mode of mkdir is masked. */
async function setDirectoryModes(root: string, entries: readonly StoredEntry[]): Promise<void> {
  for (const entry of entries.toReversed()) {
    if (entry.type === 'dir') await chmod(entry.name === '' ? root : join(root, entry.name), entry.mode);
  }
}
