import { constants } from 'node:fs';
import { access, chmod, copyFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';
import { hashFile } from '../host/hash-file.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { renameSynced } from '../host/sync-to-disk.ts';
import { temporaryName } from '../host/write-atomic.ts';

/** Errors that mean that a file of the store is missing or not accessible. */
const MISSING = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EIO', 'ESTALE'];

/** Errors during a copy that mean a broken disk of the store; any other, such as a full disk, concerns the copy. */
const UNREADABLE = ['EIO', 'ESTALE'];

/** Files by the sha256 of their bytes, in one folder. A file exists completely or not at all. */
export class BlobFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  path(sha256: string): string {
    return join(this.#dir, sha256.slice(0, 2), sha256);
  }

  /** The size of a blob in bytes, or undefined when it does not exist. Its bytes are not read. */
  async size(sha256: string): Promise<number | undefined> {
    return stat(this.path(sha256)).then(
      ({ size }) => size,
      () => undefined,
    );
  }

  /** Stores a copy of a file and returns its hash. */
  async addFile(file: string): Promise<string> {
    const temporary = temporaryName(join(this.#dir, 'new'));
    makeDirs(this.#dir);
    try {
      await copyBytes(file, temporary);
      // The hash of the copy: the file may change meanwhile.
      const sha256 = await hashFile(temporary);
      await this.#place(temporary, sha256);
      return sha256;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Stores the new file that `fill` writes. False when `fill` returns false: its bytes do not have that hash. */
  async receive(sha256: string, fill: (file: string) => Promise<boolean>): Promise<boolean> {
    const temporary = temporaryName(join(this.#dir, 'new'));
    makeDirs(this.#dir);
    try {
      if (!(await fill(temporary))) return false;
      await this.#place(temporary, sha256);
      return true;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /**
   * Copies a blob to a new file with a mode. False when it is missing or its bytes do not match its name, as after bit
   * rot: then it is removed, and so is the copy.
   */
  async copyTo(sha256: string, file: string, mode: number): Promise<boolean> {
    try {
      await access(this.path(sha256), constants.R_OK);
    } catch (error) {
      if (MISSING.includes(systemErrorCode(error) ?? '')) return false;
      throw error;
    }
    try {
      await copyBytes(this.path(sha256), file);
    } catch (error) {
      if (UNREADABLE.includes(systemErrorCode(error) ?? '')) return false;
      throw error;
    }
    if ((await hashFile(file)) !== sha256) {
      await rm(file, { force: true });
      // In a read-only store it stays, and is found broken each time.
      await rm(this.path(sha256), { force: true }).catch(() => undefined);
      return false;
    }
    await chmod(file, mode);
    const now = new Date();
    // Marks it as in use, so that a clean-up keeps it.
    await utimes(this.path(sha256), now, now).catch(() => undefined);
    return true;
  }

  async #place(temporary: string, sha256: string): Promise<void> {
    const place = this.path(sha256);
    makeDirs(dirname(place));
    await chmod(temporary, 0o444);
    await renameSynced(temporary, place);
  }
}

/**
 * Shares the blocks if the file system can (reflink), otherwise copies the bytes. Never a hard link: writing to a file
 * of an out directory would change the store.
 */
async function copyBytes(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o600);
}
