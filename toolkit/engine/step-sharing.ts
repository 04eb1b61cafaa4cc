import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Emit } from '../base/event.ts';
import { fingerprintHash, type Fingerprint } from './fingerprint.ts';
import { observeOutputs } from './output-state.ts';
import type { PortablePaths } from './portable-paths.ts';
import { sharedFingerprint, sharedPlaces } from './shared-name.ts';
import type { FoundResult, MadeResult, SharedResults, SharingContext } from './shared-results.ts';
import type { Step, StepView } from './step.ts';
import type { Stamp, StepStore } from './step-store.ts';

export interface StepSharingOptions {
  /** Undefined when nothing is shared. */
  readonly results: SharedResults | undefined;
  readonly store: StepStore;
  readonly places: PortablePaths;
  readonly view: StepView;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** A broken result is removed from the store after the first try; a remote cache may then have a complete one. */
const RESTORE_TRIES = 2;

/** Restores results of steps from elsewhere, and stores results for others. */
export class StepSharing {
  readonly #options: StepSharingOptions;
  /** By fingerprint: the last step of this run that asked for the lock, and a promise of its release. */
  readonly #turns = new Map<string, { readonly id: string; readonly ended: Promise<void> }>();

  constructor(options: StepSharingOptions) {
    this.#options = options;
  }

  /** Whether the step's result may come from elsewhere. */
  shares({ shared }: Step): boolean {
    return this.#options.results !== undefined && shared === true;
  }

  /** The directories as they are named in the step's result. */
  placesOf(step: Step): PortablePaths {
    return sharedPlaces(step, this.#options.places);
  }

  /** Waits until no other step or process builds the same. The returned function lets the others go on. */
  async lock(step: Step, fingerprint: Fingerprint): Promise<() => void> {
    const { results } = this.#options;
    if (results === undefined || !this.shares(step)) return () => undefined;
    const key = sharedFingerprint(step, fingerprint);
    const hash = fingerprintHash(key);
    const context = this.#context(step);
    const before = this.#turns.get(hash);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    this.#turns.set(hash, { id: step.id, ended });
    try {
      if (before !== undefined) {
        context.note(`waiting for ${before.id}, which builds the same`);
        await before.ended;
      }
      const unlock = await results.lock(key, context);
      return () => {
        unlock();
        end();
      };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Restores the result of another out directory; undefined when there is none. */
  async restore(
    step: Step,
    fingerprint: Fingerprint,
    reason: string,
  ): Promise<Pick<Stamp, 'result' | 'digest'> | undefined> {
    const { results, emit } = this.#options;
    if (results === undefined || !this.shares(step)) return undefined;
    const started = performance.now();
    for (let tries = 0; tries < RESTORE_TRIES; tries++) {
      const found = await results.find(sharedFingerprint(step, fingerprint), this.#context(step));
      if (found === undefined) return undefined;
      if (!this.#fits(step, found)) {
        const message = `the result of ${step.id} from ${found.from} is malformed and not used`;
        emit({ type: 'warning', step: step.id, message });
        return undefined;
      }
      if (await this.#place(step, found)) {
        const seconds = (performance.now() - started) / 1000;
        return this.#noteRestored(step, found, { fingerprint, reason, seconds });
      }
    }
    return undefined;
  }

  /** Stores the result of the step, if it may be shared. */
  async keep(step: Step, fingerprint: Fingerprint, made: MadeResult): Promise<void> {
    const { results } = this.#options;
    if (!this.shares(step)) return;
    await results?.keep(sharedFingerprint(step, fingerprint), made, this.#context(step));
  }

  /** Whether later steps can work with a result: the matching fingerprint does not guarantee its form. */
  #fits(step: Step, found: FoundResult): boolean {
    const { view } = this.#options;
    const places = this.placesOf(step);
    try {
      const result = places.fromPortable(found.result);
      if (step.shape?.(result) === false) return false;
      const paths = step.outputs(result, view).map(({ path }) => places.toPortable(path));
      return paths.every((path) => found.paths.includes(String(path)));
    } catch {
      return false;
    }
  }

  async #place(step: Step, found: FoundResult): Promise<boolean> {
    const { store, view } = this.#options;
    // Leftovers of an earlier run in it belong to outputs that are being replaced.
    await store.prepareWorkDir(step.id, step.workKey?.(view));
    await store.markRunning(step.id);
    try {
      return await found.place();
    } finally {
      store.markPlaced(step.id);
    }
  }

  async #noteRestored(
    step: Step,
    { digest, from, ...found }: FoundResult,
    stamp: Pick<Stamp, 'fingerprint' | 'reason' | 'seconds'>,
  ): Promise<Pick<Stamp, 'result' | 'digest'>> {
    const { store, view, emit } = this.#options;
    const result = this.placesOf(step).fromPortable(found.result);
    const outputs = await observeOutputs(step.outputs(result, view));
    const logFile = store.logFile(step.id);
    mkdirSync(dirname(logFile), { recursive: true });
    writeFileSync(logFile, `restored from ${from}; building it took ${found.seconds.toFixed(1)} s\n`);
    await store.writeStamp(step.id, { ...stamp, outputs, digest, result });
    for (const message of found.warnings) emit({ type: 'warning', step: step.id, message });
    return { result, digest };
  }

  #context(step: Step): SharingContext {
    const { emit, signal } = this.#options;
    return {
      step: step.id,
      places: this.placesOf(step),
      signal,
      warn: (message) => {
        emit({ type: 'warning', step: step.id, message });
      },
      note: (message) => {
        emit({ type: 'note', step: step.id, message });
      },
    };
  }
}
