import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../host/hash-file.ts';
import { requireRegularFile } from '../host/read-user-file.ts';
import { temporaryName } from '../host/write-atomic.ts';

/** A file's bytes as a manifest refers to them. */
export interface Blob {
  readonly source: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Takes the bytes of one blob piece by piece. */
export interface BlobWriter {
  write(piece: Uint8Array): void;
  /** Gives the blob its name; after this nothing more is taken. */
  finish(): Blob;
  /** Removes what was written. */
  discard(): void;
}

/**
 * A directory that keeps the contents of rootfs files under their hash, so that a manifest does not depend on where they
 * came from. What is there already is not believed but replaced, so that half a file of a power cut does not last.
 */
export class BlobStore {
  readonly #dir: string;
  #made = false;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async addBytes(content: Uint8Array | string): Promise<Blob> {
    const writer = this.open();
    try {
      writer.write(typeof content === 'string' ? Buffer.from(content) : content);
      return await Promise.resolve(writer.finish());
    } catch (error) {
      writer.discard();
      throw error;
    }
  }

  /**
   * A blob whose bytes come in pieces. It is written synchronously: fifty thousand small files take a second so, and half
   * a minute by promises, and whoever sends the pieces waits for the disk.
   */
  open(): BlobWriter {
    if (!this.#made) mkdirSync(this.#dir, { recursive: true });
    this.#made = true;
    const temporary = temporaryName(join(this.#dir, 'new'));
    const hash = createHash('sha256');
    let handle: number | undefined = openSync(temporary, 'wx', 0o644);
    let sizeBytes = 0;
    const close = (): void => {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    };
    return {
      write: (piece) => {
        if (handle === undefined) throw new Error('the blob is finished');
        hash.update(piece);
        for (let done = 0; done < piece.length;) done += writeSync(handle, piece, done);
        sizeBytes += piece.length;
      },
      finish: () => {
        close();
        const sha256 = hash.digest('hex');
        const source = join(this.#dir, sha256);
        renameSync(temporary, source);
        return { source, sizeBytes, sha256 };
      },
      discard: () => {
        close();
        rmSync(temporary, { force: true });
      },
    };
  }

  /** Keeps a copy of a file as it is now; what becomes of the file later does not matter. */
  async addFile(file: string): Promise<Blob> {
    await mkdir(this.#dir, { recursive: true });
    // Under a name of its own first: a copy takes the file's mode over, and a read-only one cannot be written again.
    const temporary = temporaryName(join(this.#dir, 'new'));
    try {
      await requireRegularFile(file);
      await copyFile(file, temporary);
      await chmod(temporary, 0o644);
      const sha256 = await hashFile(temporary);
      const { size: sizeBytes } = await stat(temporary);
      const source = join(this.#dir, sha256);
      await rename(temporary, source);
      return { source, sizeBytes, sha256 };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}
