import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inStore } from '../host/own-folders.ts';
import { KitError, systemErrorCode } from '../base/errors.ts';
import { hashFile } from '../host/hash-file.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { renameSynced } from '../host/sync-to-disk.ts';

/** A file of the store; its path contains its sha256, so its bytes are known without reading them. */
export interface StoredFile {
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Absolute. */
  readonly file: string;
}

/**
 * Returns the store's file with this content, if there is one; of several, the one called `preferredName`. A file whose
 * bytes have changed, as after bit rot, is removed and does not count.
 */
export async function storedFile(
  storeDir: string,
  sha256: string,
  preferredName?: string,
): Promise<StoredFile | undefined> {
  const dir = inStore(storeDir, 'sources', sha256);
  const names = (await readdir(dir).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
  const name = preferredName !== undefined && names.includes(preferredName) ? preferredName : names[0];
  if (name === undefined) return undefined;
  const file = join(dir, name);
  if ((await hashFile(file)) !== sha256) {
    await rm(file, { force: true });
    return storedFile(storeDir, sha256, preferredName);
  }
  return { name, sha256, sizeBytes: (await stat(file)).size, file };
}

/**
 * Moves a file of the same file system into the store. `sha256` must be that of its bytes.
 * Files in the store are complete and on the disk: they are synced before the rename.
 */
export async function keepInStore(
  storeDir: string,
  temporaryFile: string,
  sha256: string,
  name: string,
): Promise<StoredFile> {
  const kept = await storedFile(storeDir, sha256, name);
  if (kept !== undefined) {
    await rm(temporaryFile, { force: true });
    return kept;
  }
  const file = inStore(storeDir, 'sources', sha256, basename(name));
  makeDirs(inStore(storeDir, 'sources', sha256));
  await chmod(temporaryFile, 0o444);
  await renameSynced(temporaryFile, file);
  return { name: basename(name), sha256, sizeBytes: (await stat(file)).size, file };
}

/** Runs `work` with an empty directory on the store's file system, and removes it afterwards. */
export async function withStoreScratch<T>(storeDir: string, work: (dir: string) => Promise<T>): Promise<T> {
  makeDirs(inStore(storeDir, 'tmp'));
  const dir = await mkdtemp(inStore(storeDir, 'tmp', 'scratch-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const WRITE_FAILURES: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'its file system is read-only',
  EACCES: 'permission denied',
};

/** Turns a full or read-only disk below `dir` into an error that the user can act on; other errors stay unchanged. */
export function writeFailure(dir: string, error: unknown): unknown {
  const code = systemErrorCode(error) ?? '';
  const reason = WRITE_FAILURES[code];
  if (reason === undefined) return error;
  const kind = ['ENOSPC', 'EDQUOT'].includes(code) ? 'STEP_FAILED' : 'OUT_UNWRITABLE';
  return new KitError(kind, `${dir} cannot be written: ${reason} (${code})`, {
    hint: 'free some space or make it writable for you; LXC_KIT_STORE and --out name other directories',
    cause: error,
  });
}
