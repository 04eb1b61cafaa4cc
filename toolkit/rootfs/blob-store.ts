import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { chmod, copyFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFully, type FilePart } from '../host/file-part.ts';
import { GiveWay } from '../host/give-way.ts';
import { hashBytes, hashFile } from '../host/hash-file.ts';
import { requireRegularFile } from '../host/read-user-file.ts';
import { temporaryName } from '../host/write-atomic.ts';

/** A manifest's reference to the bytes of a file. */
export interface Blob extends FilePart {
  /** Undefined if the bytes have their own file. */
  readonly offset: number | undefined;
  readonly sha256: string;
}

/** Writes the bytes of one blob piece by piece. */
export interface BlobWriter {
  write(piece: Uint8Array): void;
  /** Finishes the blob and returns its place. */
  finish(): Blob;
  /** Removes what was written. */
  discard(): void;
}

/** Smaller blobs share one file: creating and removing a file costs far more than writing its bytes. */
const PACKED_BYTES = 1 << 16;

/**
 * A directory with the contents of rootfs files, so that a manifest does not depend on their origin: large ones are
 * named by their hash, small ones are concatenated in `packed`. Existing files are replaced, because a power cut may have
 * left half a file; so each store needs its own directory.
 */
export class BlobStore {
  readonly #dir: string;
  /** A digest of the whole content. */
  readonly #packedFile: string;
  readonly #small = new Map<string, Blob>();
  readonly #way = new GiveWay();
  #buffer: Buffer | undefined;
  /** The file of small blobs, open since the first one. */
  #packed: number | undefined;
  #packedBytes = 0;

  constructor(dir: string) {
    this.#dir = dir;
    this.#packedFile = join(dir, 'packed');
  }

  /** Opens a store for a function that assembles a part of a rootfs, and closes it afterwards. */
  static async use<T>(dir: string, fill: (blobs: BlobStore) => Promise<T>): Promise<T> {
    const blobs = new BlobStore(dir);
    try {
      return await fill(blobs);
    } finally {
      blobs.close();
    }
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
   * Returns a writer for a blob whose bytes come in pieces. It writes synchronously: fifty thousand small files take a
   * second this way, but half a minute with promises, and the sender has to wait for the disk.
   */
  open(): BlobWriter {
    const small: Uint8Array[] = [];
    let bytes = 0;
    let own: BlobWriter | undefined;
    let ended = false;
    return {
      write: (piece) => {
        if (ended) throw new Error('the blob is finished');
        bytes += piece.length;
        if (own === undefined && bytes < PACKED_BYTES) {
          // Copy it, because its buffer may be reused for the next piece.
          small.push(Buffer.from(piece));
          return;
        }
        own ??= this.#openOwnFile();
        for (const before of small.splice(0)) own.write(before);
        own.write(piece);
      },
      finish: () => {
        ended = true;
        return (
          own?.finish() ?? this.#pack(small.length === 1 ? (small[0] ?? Buffer.of()) : Buffer.concat(small))
        );
      },
      discard: () => {
        ended = true;
        own?.discard();
      },
    };
  }

  /** Stores a copy of a file; later changes of the file do not affect it. */
  async addFile(file: string): Promise<Blob> {
    if (requireRegularFile(file).size < PACKED_BYTES) {
      if (this.#way.due()) await this.#way.rest();
      const content = this.#readInto(file);
      // Otherwise the file has grown.
      if (content.length < PACKED_BYTES) return this.#pack(content);
    }
    mkdirSync(this.#dir, { recursive: true });
    // Use a temporary name first: a copy keeps the file's mode, and a read-only one cannot be written again.
    const temporary = temporaryName(join(this.#dir, 'new'));
    try {
      await copyFile(file, temporary);
      await chmod(temporary, 0o644);
      const sha256 = await hashFile(temporary);
      const { size: sizeBytes } = await stat(temporary);
      const source = join(this.#dir, sha256);
      await rename(temporary, source);
      return { source, offset: undefined, sizeBytes, sha256 };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Returns the first bytes of a file, valid until the next read: a buffer per file would use too much memory. */
  #readInto(file: string): Buffer {
    this.#buffer ??= Buffer.alloc(PACKED_BYTES);
    const descriptor = openSync(file, 'r');
    try {
      return this.#buffer.subarray(0, readFully(descriptor, this.#buffer, 0));
    } finally {
      closeSync(descriptor);
    }
  }

  #openOwnFile(): BlobWriter {
    mkdirSync(this.#dir, { recursive: true });
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
        writeFully(handle, piece);
        sizeBytes += piece.length;
      },
      finish: () => {
        close();
        const sha256 = hash.digest('hex');
        const source = join(this.#dir, sha256);
        renameSync(temporary, source);
        return { source, offset: undefined, sizeBytes, sha256 };
      },
      discard: () => {
        close();
        rmSync(temporary, { force: true });
      },
    };
  }

  /** Closes the store; no small blob can be added afterwards. */
  close(): void {
    if (this.#packed !== undefined) closeSync(this.#packed);
    this.#packed = undefined;
  }

  #pack(content: Uint8Array): Blob {
    const sha256 = hashBytes(content);
    const known = this.#small.get(sha256);
    if (known !== undefined) return known;
    const source = this.#packedFile;
    if (this.#packed === undefined) {
      if (this.#small.size > 0) throw new Error(`${this.#dir} is closed`);
      mkdirSync(this.#dir, { recursive: true });
      this.#packed = openSync(source, 'w', 0o644);
    }
    writeFully(this.#packed, content);
    const blob = { source, offset: this.#packedBytes, sizeBytes: content.length, sha256 };
    this.#packedBytes += content.length;
    this.#small.set(sha256, blob);
    return blob;
  }
}

function writeFully(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done);
}
