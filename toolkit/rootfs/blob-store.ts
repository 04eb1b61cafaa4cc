import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashBytes, hashFile } from '../host/hash-file.ts';

/** A file's bytes as a manifest refers to them. */
export interface Blob {
  readonly source: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A directory that keeps the contents of rootfs files under their hash, so that a manifest does not depend on where they came from. */
export class BlobStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async addBytes(content: Uint8Array | string): Promise<Blob> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const sha256 = hashBytes(bytes);
    const source = await this.#place(sha256);
    await writeFile(source, bytes);
    return { source, sizeBytes: bytes.length, sha256 };
  }

  async addFile(file: string, sizeBytes: number): Promise<Blob> {
    const sha256 = await hashFile(file);
    const source = await this.#place(sha256);
    await copyFile(file, source);
    return { source, sizeBytes, sha256 };
  }

  async #place(sha256: string): Promise<string> {
    await mkdir(this.#dir, { recursive: true });
    return join(this.#dir, sha256);
  }
}
