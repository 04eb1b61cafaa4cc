import { readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { inStore } from '../host/own-folders.ts';
import { systemErrorCode } from '../base/errors.ts';
import type { Fingerprint } from '../engine/fingerprint.ts';
import { fingerprintHash } from '../engine/fingerprint.ts';
import type { PortablePaths } from '../engine/portable-paths.ts';
import type { ReadyResult } from '../engine/plan-steps.ts';
import type { MadeResult } from '../engine/shared-results.ts';
import { openSealed, sealText } from '../host/sealed-text.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { BlobFiles } from './blob-files.ts';
import { packOutput, unpackOutput } from './pack-outputs.ts';
import {
  blobsOf,
  MAX_RESULT_BYTES,
  parseStoredResult,
  STORED_SCHEMA,
  type StoredEntry,
  type StoredResult,
} from './stored-result.ts';

/** Errors of the system or of Node.js that mean that an entry's names, links or modes are invalid. */
const MALFORMED = [
  'EEXIST',
  'EINVAL',
  'EILSEQ',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'ENOTEMPTY',
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_ARG_VALUE',
  'ERR_OUT_OF_RANGE',
];

/**
 * Results of steps in the store of one machine: `results/ac/HASH` lists the outputs of a step with that fingerprint,
 * `results/cas/` has the bytes. The names are those of a remote cache.
 */
export class LocalResults {
  readonly blobs: BlobFiles;
  readonly #dir: string;
  /** Entries that turned out broken: in a read-only store they cannot be removed. */
  readonly #broken = new Set<string>();

  constructor(storeDir: string) {
    this.#dir = inStore(storeDir, 'results');
    this.blobs = new BlobFiles(join(this.#dir, 'cas'));
  }

  async find(fingerprint: Fingerprint): Promise<StoredResult | undefined> {
    const file = this.#fileOf(fingerprint);
    if (this.#broken.has(file)) return undefined;
    try {
      const found = await this.#read(fingerprint);
      if (found !== undefined) return found;
      await rm(file, { force: true });
    } catch {
      // A missing or unreadable one is built again.
    }
    return undefined;
  }

  /** Looks at a result without restoring it or changing anything. It does not read the files, which may be broken. */
  async lookUp(fingerprint: Fingerprint, places: PortablePaths): Promise<ReadyResult | undefined> {
    try {
      const found = await this.#read(fingerprint);
      if (found === undefined) return undefined;
      for (const { sha256, sizeBytes } of blobsOf(found))
        if ((await this.blobs.size(sha256)) !== sizeBytes) return undefined;
      const hashes = new Map(
        found.outputs.flatMap(({ path, entries }) => {
          const root = String(places.fromPortable(path));
          return entries.map((entry) => [join(root, entry.name), hashOfEntry(entry)] as const);
        }),
      );
      const roots = found.outputs.map(({ path }) => String(places.fromPortable(path)));
      const isOwn = (file: string): boolean =>
        roots.some((root) => file === root || file.startsWith(`${root}/`));
      return {
        result: places.fromPortable(found.result),
        digest: found.digest,
        hashOf: (file) => hashes.get(file) ?? (isOwn(file) ? 'missing' : undefined),
      };
    } catch {
      return undefined;
    }
  }

  /** Writes the outputs to their places. False when a file is missing or broken; the entry is then removed. */
  async place(stored: StoredResult, fingerprint: Fingerprint, places: PortablePaths): Promise<boolean> {
    const file = this.#fileOf(fingerprint);
    for (const { path, entries } of stored.outputs) {
      if (await this.#unpack(String(places.fromPortable(path)), entries)) continue;
      this.#broken.add(file);
      await rm(file, { force: true }).catch(() => undefined);
      return false;
    }
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined);
    return true;
  }

  /** False also for an entry that the file system refuses, such as a name that is too long for it. */
  async #unpack(path: string, entries: readonly StoredEntry[]): Promise<boolean> {
    try {
      return await unpackOutput(path, entries, this.blobs);
    } catch (error) {
      if (MALFORMED.includes(systemErrorCode(error) ?? '')) return false;
      throw error;
    }
  }

  /** Stores a step's result; undefined when it cannot be stored or has changed. The entry comes after its files. */
  async keep(
    fingerprint: Fingerprint,
    made: MadeResult,
    places: PortablePaths,
  ): Promise<StoredResult | undefined> {
    const outputs = [];
    for (const output of made.outputs) {
      const entries = await packOutput(output, this.blobs);
      if (entries === undefined) return undefined;
      outputs.push({ path: String(places.toPortable(output.path)), entries });
    }
    if (!(await made.unchanged())) return undefined;
    const { result, digest, seconds, warnings } = made;
    const stored = {
      schema: STORED_SCHEMA,
      fingerprint,
      result,
      digest,
      seconds,
      warnings,
      outputs,
    } as const;
    await this.write(stored, fingerprint);
    return stored;
  }

  async write(stored: StoredResult, fingerprint: Fingerprint): Promise<void> {
    const file = this.#fileOf(fingerprint);
    await writeAtomic(file, sealText(JSON.stringify(stored)));
    this.#broken.delete(file);
  }

  /** Undefined for an entry that is incomplete or not of this fingerprint. Throws when there is none. */
  async #read(fingerprint: Fingerprint): Promise<StoredResult | undefined> {
    const file = this.#fileOf(fingerprint);
    const found = await stat(file);
    if (!found.isFile() || found.size > MAX_RESULT_BYTES) return undefined;
    const text = openSealed(await readFile(file, 'utf8'));
    const stored = text === undefined ? undefined : parseStoredResult(Buffer.from(text));
    return stored !== undefined && isSame(stored, fingerprint) ? stored : undefined;
  }

  #fileOf(fingerprint: Fingerprint): string {
    return join(this.#dir, 'ac', fingerprintHash(fingerprint));
  }
}

/** Whether a stored result has exactly this fingerprint, and not just its hash or its name. */
export function isSame(stored: StoredResult, fingerprint: Fingerprint): boolean {
  return JSON.stringify(stored.fingerprint) === JSON.stringify(fingerprint);
}

/** The hash of the file in the fingerprint of a step that reads it; unknown for a link, which is followed there. */
function hashOfEntry(entry: StoredEntry): string {
  return entry.type === 'file' ? entry.sha256 : 'missing';
}
