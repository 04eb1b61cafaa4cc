import { chmod, copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../host/hash-file.ts';
import { temporaryName } from '../host/write-atomic.ts';

/** A file's bytes as a manifest refers to them. */
export interface Blob {
  readonly source: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * A directory that keeps the contents of rootfs files under their hash, so that a manifest does not depend on where they
 * came from. What is there already is not believed but replaced, so that half a file of a power cut does not last.
 */
export class BlobStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async addBytes(content: Uint8Array | string): Promise<Blob> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return this.#place((temporary) => writeFile(temporary, bytes));
  }

  /** Keeps a copy of a file as it is now; what becomes of the file later does not matter. */
  async addFile(file: string): Promise<Blob> {
    return this.#place((temporary) => copyFile(file, temporary));
  }

  /** Under a name of its own first: a copy takes the file's mode over, and a read-only one cannot be written again. */
  async #place(write: (temporary: string) => Promise<void>): Promise<Blob> {
    await mkdir(this.#dir, { recursive: true });
    const temporary = temporaryName(join(this.#dir, 'new'));
    try {
      await write(temporary);
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
