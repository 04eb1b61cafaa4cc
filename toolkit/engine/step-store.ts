import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSealed, sealText } from '../host/sealed-text.ts';
import { removeTree } from '../host/remove-tree.ts';
import { syncFileSystem } from '../host/sync-file-system.ts';
import { syncToDisk } from '../host/sync-to-disk.ts';
import { writeAtomic } from '../host/write-atomic.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { OutputState } from './output-state.ts';

/** What is written down when a step has ended well. */
export interface Stamp {
  readonly fingerprint: Fingerprint;
  readonly outputs: OutputState;
  /** One hash over the bytes of the outputs and the result. */
  readonly digest: string;
  readonly result: unknown;
  readonly seconds: number;
  /** Why it ran: the words that `explain` shows. */
  readonly reason: string;
}

/** Where the steps of one out directory keep their stamps and work directories. */
export class StepStore {
  readonly #outDir: string;

  constructor(outDir: string) {
    this.#outDir = outDir;
  }

  workDir(id: string): string {
    return join(this.#outDir, 'work', id);
  }

  logFile(id: string): string {
    return join(this.#outDir, 'logs', `${id}.log`);
  }

  /**
   * The stamp of the last run that ended well. One that is not as it was written counts as none, and so does one that was
   * made in another place: its results are paths there, of a directory that this one is a copy of.
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

  /** Whether there is a stamp, be it one that holds or not. */
  hasStamp(id: string): boolean {
    return existsSync(this.#state('stamps', `${id}.json`));
  }

  /**
   * Takes the stamp away and notes that the step is at work, so that a killed one is never taken for finished. The note
   * is on the disk before the step writes anything.
   */
  async markRunning(id: string): Promise<void> {
    rmSync(this.#state('stamps', `${id}.json`), { force: true });
    mkdirSync(this.#state('running'), { recursive: true });
    writeFileSync(this.#state('running', id), '');
    await syncToDisk(this.#state('running', id));
    await syncToDisk(this.#state('running'));
  }

  /**
   * The step ended, well or not, and its tools with it: what lies in its work directory was not cut off in a write. It is
   * on the disk before the note goes: make takes an object file that a power cut left empty for one that is done.
   */
  async markEnded(id: string): Promise<void> {
    if (hasEntries(this.workDir(id))) await syncFileSystem(this.workDir(id));
    this.markPlaced(id);
  }

  /**
   * The outputs of the step were taken from elsewhere. They need not be on the disk: a file that a power cut left empty
   * has not the size that the stamp says.
   */
  markPlaced(id: string): void {
    rmSync(this.#state('running', id), { force: true });
  }

  /** True when the last run of this step was cut off, as by a kill -9 or a power cut. */
  wasCutOff(id: string): boolean {
    return existsSync(this.#state('running', id));
  }

  async writeStamp(id: string, stamp: Stamp): Promise<void> {
    const stored: StoredStamp = { place: this.#outDir, ...stamp };
    await writeAtomic(this.#state('stamps', `${id}.json`), sealText(`${JSON.stringify(stored)}\n`));
  }

  /** Whether a run with this key would build upon what an earlier one left in the work directory. */
  continuesWork(id: string, key: string | undefined): boolean {
    return key !== undefined && !this.wasCutOff(id) && this.#keptKey(id) === this.#storedKey(id, key);
  }

  /** The same while the key is not known yet: whether there is anything to build upon. */
  mayContinueWork(id: string): boolean {
    return this.#keptKey(id) !== undefined && !this.wasCutOff(id);
  }

  /** Makes the work directory ready: as an earlier run left it when `key` is still the same, else empty. */
  async prepareWorkDir(id: string, key: string | undefined): Promise<string> {
    const dir = this.workDir(id);
    const keyFile = this.#state('work-keys', id);
    if (!this.continuesWork(id, key)) {
      rmSync(keyFile, { force: true });
      // Of a run that was killed, a copy of a source tree can be left that is still read-only.
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
    // The tools wrote absolute paths into it.
    return `${this.workDir(id)}\n${key}`;
  }

  #state(...parts: string[]): string {
    return join(this.#outDir, '.lxc-kit', ...parts);
  }
}

/** A stamp as it is stored, with the out directory it was made in. */
type StoredStamp = Stamp & { readonly place: string };

function isStoredStamp(value: unknown): value is StoredStamp {
  if (!isMap(value) || !isMap(value['fingerprint'])) return false;
  const { settings, files, needs } = value['fingerprint'];
  const strings = [value['place'], value['digest']].every((text) => typeof text === 'string');
  return strings && [value['outputs'], settings, files, needs].every(isMap);
}

function isMap(value: unknown): value is Record<string, unknown> {
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
