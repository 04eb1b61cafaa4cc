import { readFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fingerprint } from '../engine/fingerprint.ts';
import { fingerprintHash } from '../engine/fingerprint.ts';
import type { Places } from '../engine/places.ts';
import type { MadeResult } from '../engine/shared-results.ts';
import { openSealed, sealText } from '../host/sealed-text.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import { BlobFiles } from './blob-files.ts';
import { packOutput, unpackOutput } from './pack-outputs.ts';
import { parseStoredResult, STORED_SCHEMA, type StoredResult } from './stored-result.ts';

/**
 * Results of steps in the store of one machine: `results/ac/HASH` says what a step with that fingerprint left,
 * `results/cas/` has the bytes. The names are those of a remote cache.
 */
export class LocalResults {
  readonly blobs: BlobFiles;
  readonly #dir: string;
  readonly #places: Places;

  constructor(storeDir: string, places: Places) {
    this.#dir = join(storeDir, 'results');
    this.#places = places;
    this.blobs = new BlobFiles(join(this.#dir, 'cas'));
  }

  async find(fingerprint: Fingerprint): Promise<StoredResult | undefined> {
    const file = this.#fileOf(fingerprint);
    try {
      const text = openSealed(await readFile(file, 'utf8'));
      const found = parseStoredResult(Buffer.from(text ?? ''));
      if (found !== undefined && isSame(found, fingerprint)) return found;
      await rm(file, { force: true });
    } catch {
      // None, or one that cannot be read: it is made again.
    }
    return undefined;
  }

  /** Puts the outputs in their places. False when a file is missing or broken; the entry is removed then. */
  async place(stored: StoredResult, fingerprint: Fingerprint): Promise<boolean> {
    const file = this.#fileOf(fingerprint);
    for (const { path, entries } of stored.outputs) {
      if (await unpackOutput(String(this.#places.fromPortable(path)), entries, this.blobs)) continue;
      await rm(file, { force: true }).catch(() => undefined);
      return false;
    }
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined);
    return true;
  }

  /** Keeps what a step left; undefined when that cannot be kept. The entry comes last, when all its files are there. */
  async keep(fingerprint: Fingerprint, made: MadeResult): Promise<StoredResult | undefined> {
    const outputs = [];
    for (const output of made.outputs) {
      const entries = await packOutput(output, this.blobs);
      if (entries === undefined) return undefined;
      outputs.push({ path: String(this.#places.toPortable(output.path)), entries });
    }
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
    await writeAtomic(this.#fileOf(fingerprint), sealText(JSON.stringify(stored)));
  }

  #fileOf(fingerprint: Fingerprint): string {
    return join(this.#dir, 'ac', fingerprintHash(fingerprint));
  }
}

/** Whether a stored result is of this very fingerprint, and not only of one with its hash, or with its name. */
export function isSame(stored: StoredResult, fingerprint: Fingerprint): boolean {
  return JSON.stringify(stored.fingerprint) === JSON.stringify(fingerprint);
}
