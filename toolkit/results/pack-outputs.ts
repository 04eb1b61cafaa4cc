import { chmod, lstat, mkdir, readdir, readlink, rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { everyAtOnce } from '../base/every-at-once.ts';
import type { StepOutput } from '../engine/step.ts';
import { removeTree } from '../host/remove-tree.ts';
import { renameSynced } from '../host/sync-to-disk.ts';
import { temporaryName } from '../host/write-atomic.ts';
import type { BlobFiles } from './blob-files.ts';
import type { StoredEntry } from './stored-result.ts';

/** Files that are copied at once: each waits for the disk in turn. */
const COPIES = 4;

/** Copies the files of an output to the store; undefined when it contains something that cannot be stored. */
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
 * Puts an output in its place, in one step. False, with nothing changed, when one of its files is not in the store.
 * A file is on the disk afterwards; a directory need not be, see `StepStore.markPlaced`.
 */
export async function unpackOutput(
  path: string,
  entries: readonly StoredEntry[],
  blobs: BlobFiles,
): Promise<boolean> {
  const temporary = temporaryName(path);
  await mkdir(dirname(path), { recursive: true });
  try {
    const placeOf = ({ name }: StoredEntry): string => (name === '' ? temporary : join(temporary, name));
    for (const entry of entries) {
      if (entry.type === 'dir') await mkdir(placeOf(entry), { mode: entry.mode | 0o700 });
      else if (entry.type === 'link') await symlink(entry.target, placeOf(entry));
    }
    const files = entries.filter((entry) => entry.type === 'file');
    const copy = (entry: (typeof files)[number]): Promise<boolean> =>
      blobs.copyTo(entry.sha256, placeOf(entry), entry.mode);
    if (!(await everyAtOnce(files, COPIES, copy))) return false;
    await setDirectoryModes(temporary, entries);
    await removeTree(path);
    if (entries[0]?.type === 'file') await renameSynced(temporary, path);
    else await rename(temporary, path);
    return true;
  } finally {
    await removeTree(temporary);
  }
}

/** Sets modes at the end, innermost first, because a directory may be read-only. The mode of mkdir is masked. */
async function setDirectoryModes(root: string, entries: readonly StoredEntry[]): Promise<void> {
  for (const entry of entries.toReversed()) {
    if (entry.type === 'dir') await chmod(entry.name === '' ? root : join(root, entry.name), entry.mode);
  }
}
