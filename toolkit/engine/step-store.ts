import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inOut, STATE_FOLDER } from '../host/own-folders.ts';
import { openSealed, sealText } from '../host/sealed-text.ts';
import { removeTree } from '../host/remove-tree.ts';
import { syncFileSystem } from '../host/sync-file-system.ts';
import { syncToDisk } from '../host/sync-to-disk.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { OutputState } from './output-state.ts';

/** The record of a step that succeeded. */
export interface Stamp {
  readonly fingerprint: Fingerprint;
  readonly outputs: OutputState;
  /** One hash over the bytes of the outputs and the result. */
  readonly digest: string;
  readonly result: unknown;
  readonly seconds: number;
  /** Why it ran, in the words that `explain` shows. */
  readonly reason: string;
}

/** The stamps and work directories of the steps of one out directory. */
export class StepStore {
  readonly #outDir: string;

  constructor(outDir: string) {
    this.#outDir = outDir;
  }

  workDir(id: string): string {
    return inOut(this.#outDir, 'work', id);
  }

  logFile(id: string): string {
    return inOut(this.#outDir, 'logs', `${id}.log`);
  }

  /**
   * The stamp of the last successful run. A damaged stamp counts as none. So does one from another place, which a
   * copied directory has: its results contain paths of the original.
   */
  readStamp(id: string): Stamp | undefined {
    try {
      const text = openSealed(readFileSync(this.#state('stamps', `${id}.json`), 'utf8'));
      const stored: unknown = JSON.parse(text ?? '');
      return isStoredStamp(stored) && stored.place === this.#outDir ? stored : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether there is a stamp, valid or not. */
  hasStamp(id: string): boolean {
    return existsSync(this.#state('stamps', `${id}.json`));
  }

  /**
   * Removes the stamp and notes that the step is running, so that a killed one never counts as finished. The note is on
   * the disk before the step writes anything.
   */
  async markRunning(id: string): Promise<void> {
    rmSync(this.#state('stamps', `${id}.json`), { force: true });
    mkdirSync(this.#state('running'), { recursive: true });
    writeFileSync(this.#state('running', id), '');
    await syncToDisk(this.#state('running', id));
    await syncToDisk(this.#state('running'));
  }

  /**
   * Notes that the step and its tools have ended, well or not: no file in its work directory was cut off in a write.
   * The files are on the disk before the note is removed: make would accept an object file that a power cut left empty.
   */
  async markEnded(id: string): Promise<void> {
    if (hasEntries(this.workDir(id))) await syncFileSystem(this.workDir(id));
    this.markPlaced(id);
  }

  /**
   * Notes that the outputs of the step were restored. They need not be on the disk yet: a file that a power cut left
   * empty does not have the size in the stamp.
   */
  markPlaced(id: string): void {
    rmSync(this.#state('running', id), { force: true });
  }

  /** Whether the last run of this step was cut off, for example by kill -9 or a power cut. */
  wasCutOff(id: string): boolean {
    return existsSync(this.#state('running', id));
  }

  async writeStamp(id: string, stamp: Stamp): Promise<void> {
    const stored: StoredStamp = { place: this.#outDir, ...stamp };
    await writeAtomic(this.#state('stamps', `${id}.json`), sealText(`${JSON.stringify(stored)}\n`));
  }

  /** Whether a run with this key would continue the work of an earlier one in the work directory. */
  continuesWork(id: string, key: string | undefined): boolean {
    return key !== undefined && !this.wasCutOff(id) && this.#keptKey(id) === this.#storedKey(id, key);
  }

  /** Prepares the work directory: unchanged if `key` is the same as in the last run, otherwise empty. */
  async prepareWorkDir(id: string, key: string | undefined): Promise<string> {
    const dir = this.workDir(id);
    const keyFile = this.#state('work-keys', id);
    if (!this.continuesWork(id, key)) {
      rmSync(keyFile, { force: true });
      // A killed run may have left a copy of a source tree that is still read-only.
      await removeTree(dir);
    }
    mkdirSync(dir, { recursive: true });
    if (key !== undefined) await writeAtomic(keyFile, this.#storedKey(id, key));
    return dir;
  }

  #keptKey(id: string): string | undefined {
    return readText(this.#state('work-keys', id));
  }

  #storedKey(id: string, key: string): string {
    // The tools wrote absolute paths to it.
    return `${this.workDir(id)}\n${key}`;
  }

  #state(...parts: string[]): string {
    return inOut(this.#outDir, STATE_FOLDER, ...parts);
  }
}

/** A stamp as it is stored, with its out directory. */
type StoredStamp = Stamp & { readonly place: string };

function isStoredStamp(value: unknown): value is StoredStamp {
  if (!isObject(value) || !isObject(value['fingerprint'])) return false;
  const { settings, files, needs } = value['fingerprint'];
  const strings = [value['place'], value['digest']].every((text) => typeof text === 'string');
  return strings && [value['outputs'], settings, files, needs].every(isObject);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function hasEntries(dir: string): boolean {
  return existsSync(dir) && readdirSync(dir).length > 0;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
