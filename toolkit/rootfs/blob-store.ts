import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { chmod, copyFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFully, type FilePart } from '../host/file-part.ts';
import { GiveWay } from '../host/give-way.ts';
import { hashBytes, hashFile } from '../host/hash-file.ts';
import { requireRegularFile } from '../host/read-user-file.ts';
import { temporaryName } from '../host/write-atomic.ts';

/** A file's bytes as a manifest refers to them. */
export interface Blob extends FilePart {
  /** Undefined where the bytes have a file of their own. */
  readonly offset: number | undefined;
  readonly sha256: string;
}

/** Takes the bytes of one blob piece by piece. */
export interface BlobWriter {
  write(piece: Uint8Array): void;
  /** Gives the blob its place; after this nothing more is taken. */
  finish(): Blob;
  /** Removes what was written. */
  discard(): void;
}

/** Whatever is smaller lies with others in one file: making and removing a file costs far more than its bytes. */
const PACKED_BYTES = 1 << 16;

/**
 * A directory that keeps the contents of rootfs files, so that a manifest does not depend on where they came from: large
 * ones under their hash, small ones one behind the other in `packed`. What is there already is not believed but replaced,
 * so that half a file of a power cut does not last; so a directory is one store's alone.
 */
export class BlobStore {
  readonly #dir: string;
  /** One text for all that is in it. */
  readonly #packedFile: string;
  readonly #small = new Map<string, Blob>();
  readonly #way = new GiveWay();
  #buffer: Buffer | undefined;
  /** The file of the small ones, open from the first on. */
  #packed: number | undefined;
  #packedBytes = 0;

  constructor(dir: string) {
    this.#dir = dir;
    this.#packedFile = join(dir, 'packed');
  }

  /** Gives a store to what puts a part of a rootfs together, and closes it after. */
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
   * A blob whose bytes come in pieces. It is written synchronously: fifty thousand small files take a second so, and half
   * a minute by promises, and whoever sends the pieces waits for the disk.
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
          // A copy: the buffer that it is in may be used for the next piece.
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

  /** Keeps a copy of a file as it is now; a later change of the file does not reach it. */
  async addFile(file: string): Promise<Blob> {
    if (requireRegularFile(file).size < PACKED_BYTES) {
      if (this.#way.due()) await this.#way.rest();
      const content = this.#readInto(file);
      // Otherwise it has grown.
      if (content.length < PACKED_BYTES) return this.#pack(content);
    }
    mkdirSync(this.#dir, { recursive: true });
    // Under a name of its own first: a copy takes the file's mode over, and a read-only one cannot be written again.
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

  /** The first bytes of a file, good until the next is read: a buffer for each of many files would be memory for long. */
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

  /** Closes what is open; after this no small blob can be added. */
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
