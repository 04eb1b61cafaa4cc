import { setMaxListeners } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KitError, errorMessage } from '../base/errors.ts';
import type { Emit, StepOutcome } from '../base/event.ts';
import { checkStep } from './check-step.ts';
import { criticalPath } from './critical-path.ts';
import { orderSteps, predecessors } from './order-steps.ts';
import { digestOutputs, observeOutputs } from './output-state.ts';
import { summariseReasons, type Fingerprint } from './fingerprint.ts';
import { explainSystemError } from './explain-system-error.ts';
import { Places } from './places.ts';
import type { FoundResult, SharedResults, SharingContext } from './shared-results.ts';
import { Slots } from './slots.ts';
import type { StepRecord } from './step-record.ts';
import type { Step, StepContext, StepView } from './step.ts';
import type { Stamp, StepStore } from './step-store.ts';

export interface RunStepsOptions {
  readonly store: StepStore;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly jobs: number;
  /** The directories that results may lie in; without it they mean something in this place alone. */
  readonly places?: Places;
  /** Results that other out directories may have; without it each is made here. */
  readonly results?: SharedResults;
}

export interface RunStepsResult {
  readonly records: readonly StepRecord[];
  /** The steps that the length of the run came from, see `criticalPath`. */
  readonly criticalPath: readonly StepRecord[];
  readonly view: StepView;
  /** What the first failed step threw, or INTERRUPTED; undefined when all went well. */
  readonly error: unknown;
}

/**
 * How many compile steps run at once. Each uses all cores, so more of them only adds memory;
 * two keep the cores busy while one of them runs a configure script or a link.
 */
const COMPILE_SLOTS = 2;

/** A broken result of the store is gone once it was tried; then a remote cache may have a whole one. */
const RESTORE_TRIES = 2;

/**
 * Runs the steps and all they need, side by side where they do not need one another. The first failure stops the rest.
 * Does not throw for a step that fails; throws for a list of steps that makes no sense.
 */
export async function runSteps(wanted: readonly Step[], options: RunStepsOptions): Promise<RunStepsResult> {
  const steps = orderSteps(wanted);
  const run = new StepRun(options);
  const ended = new Map<string, Promise<void>>();
  for (const step of steps) {
    const before = predecessors(step).flatMap((needed) => ended.get(needed.id) ?? []);
    ended.set(
      step.id,
      Promise.all(before).then(() => run.step(step)),
    );
  }
  await Promise.all(ended.values());
  const records = steps.flatMap((step) => run.records.get(step.id) ?? []);
  const critical = criticalPath(steps, run.records);
  return {
    records,
    criticalPath: critical,
    view: run.view,
    error: run.error ?? interruption(records, options.signal),
  };
}

/** The error of a run that was stopped between two steps, where nothing was there to fail. */
function interruption(records: readonly StepRecord[], signal: AbortSignal): KitError | undefined {
  const unfinished = records.some(({ outcome }) => outcome === 'cancelled');
  return signal.aborted && unfinished ? new KitError('INTERRUPTED', 'interrupted') : undefined;
}

class StepRun {
  readonly records = new Map<string, StepRecord>();
  readonly view: StepView = { result: <T>(step: Step<T>): T => this.#result(step) };
  error: unknown;
  readonly #options: RunStepsOptions;
  readonly #results = new Map<string, { readonly result: unknown; readonly digest: string }>();
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;
  readonly #slots = new Slots(COMPILE_SLOTS);
  readonly #places: Places;
  readonly #began = performance.now();

  constructor(options: RunStepsOptions) {
    this.#options = options;
    this.#places = options.places ?? new Places({});
    this.#signal = AbortSignal.any([options.signal, this.#failure.signal]);
    // Every running tool listens to it; Node takes more than ten listeners for a leak.
    setMaxListeners(0, this.#signal);
  }

  async step(step: Step): Promise<void> {
    let started = performance.now();
    const finish = (outcome: StepOutcome, reason?: string): void => {
      const seconds = (performance.now() - started) / 1000;
      const start = (started - this.#began) / 1000;
      const record = { id: step.id, outcome, start, seconds, ...(reason === undefined ? {} : { reason }) };
      this.records.set(step.id, record);
      this.#options.emit({
        type: 'step-finished',
        step: step.id,
        outcome,
        seconds,
        ...(reason === undefined ? {} : { reason }),
      });
    };
    if (this.#signal.aborted) {
      const blocked = predecessors(step).some((needed) =>
        ['failed', 'blocked'].includes(this.records.get(needed.id)?.outcome ?? ''),
      );
      finish(blocked ? 'blocked' : 'cancelled');
      return;
    }
    try {
      const { outcome, reason } = await this.#runUnlessFresh(step, () => {
        // The time it waited for a free slot is not its own.
        started = performance.now();
      });
      finish(outcome, reason);
    } catch (error) {
      const interrupted = this.#options.signal.aborted;
      if (this.error !== undefined) {
        finish('cancelled');
        return;
      }
      this.error = interrupted ? new KitError('INTERRUPTED', 'interrupted') : explainSystemError(step, error);
      this.#failure.abort();
      // Beside the step's name its name is not said again.
      const why = errorMessage(this.error).replace(`${step.id} stopped: `, '');
      finish(interrupted ? 'cancelled' : 'failed', why);
    }
  }

  async #runUnlessFresh(step: Step, onStart: () => void): Promise<Pick<StepRecord, 'outcome' | 'reason'>> {
    const { store } = this.#options;
    const check = await checkStep(step, store, this.view, (needed) => this.#done(needed).digest);
    if (check.fresh) {
      this.#results.set(step.id, { result: check.stamp.result, digest: check.stamp.digest });
      return { outcome: 'fresh' };
    }
    const reason = summariseReasons(check.reasons);
    const unlock = await this.#lockShared(step, check.fingerprint);
    try {
      this.#signal.throwIfAborted();
      if (await this.#restore(step, check.fingerprint, reason, onStart))
        return { outcome: 'restored', reason };
      const release = step.weight === 'compile' ? await this.#slots.take(this.#signal) : undefined;
      try {
        this.#signal.throwIfAborted();
        onStart();
        await this.#make(step, check.fingerprint, reason);
      } finally {
        release?.();
      }
      return { outcome: 'built', reason };
    } finally {
      unlock();
    }
  }

  /** Runs the step and writes down what it left. */
  async #make(step: Step, fingerprint: Fingerprint, reason: string): Promise<void> {
    const { store, emit, jobs, results } = this.#options;
    const started = performance.now();
    const logFile = store.logFile(step.id);
    emit({ type: 'step-started', step: step.id, title: step.title(this.view), logFile });
    const workDir = await store.prepareWorkDir(step.id, step.workKey?.(this.view));
    rmSync(logFile, { force: true });
    await store.markRunning(step.id);
    const warnings: string[] = [];
    const listening: Emit = (event) => {
      if (event.type === 'warning') warnings.push(event.message);
      emit(event);
    };
    const result = await this.#runMarked(step, { workDir, logFile, jobs, emit: listening });
    const outputs = step.outputs(result, this.view);
    for (const { path } of outputs) {
      if (existsSync(path)) continue;
      throw new KitError('STEP_FAILED', `${step.id} ended without an error, but left no ${path}`, {
        logFile,
      });
    }
    const portable = this.#places.toPortable(result);
    const digest = await digestOutputs(outputs, portable);
    const seconds = (performance.now() - started) / 1000;
    const state = await observeOutputs(outputs);
    await store.writeStamp(step.id, { fingerprint, outputs: state, digest, result, seconds, reason });
    this.#results.set(step.id, { result, digest });
    if (step.shared !== true) return;
    await results?.keep(
      fingerprint,
      { outputs, result: portable, digest, seconds, warnings },
      this.#sharing(step),
    );
  }

  async #lockShared(step: Step, fingerprint: Fingerprint): Promise<() => void> {
    const { results } = this.#options;
    if (results === undefined || step.shared !== true) return () => undefined;
    return results.lock(fingerprint, this.#sharing(step));
  }

  /** Takes what another out directory made; false when there is nothing. */
  async #restore(
    step: Step,
    fingerprint: Fingerprint,
    reason: string,
    onStart: () => void,
  ): Promise<boolean> {
    const { results } = this.#options;
    if (results === undefined || step.shared !== true) return false;
    onStart();
    const started = performance.now();
    for (let tries = 0; tries < RESTORE_TRIES; tries++) {
      const found = await results.find(fingerprint, this.#sharing(step));
      if (found === undefined) return false;
      if (await this.#place(step, found)) {
        const seconds = (performance.now() - started) / 1000;
        await this.#noteRestored(step, found, { fingerprint, reason, seconds });
        return true;
      }
    }
    return false;
  }

  async #place(step: Step, found: FoundResult): Promise<boolean> {
    const { store } = this.#options;
    // What an earlier run left in there belongs to outputs that are replaced.
    await store.prepareWorkDir(step.id, step.workKey?.(this.view));
    await store.markRunning(step.id);
    try {
      return await found.place();
    } finally {
      store.markPlaced(step.id);
    }
  }

  async #noteRestored(
    step: Step,
    found: FoundResult,
    stamp: Pick<Stamp, 'fingerprint' | 'reason' | 'seconds'>,
  ): Promise<void> {
    const { store, emit } = this.#options;
    const { digest, from } = found;
    const result = this.#places.fromPortable(found.result);
    const outputs = await observeOutputs(step.outputs(result, this.view));
    const logFile = store.logFile(step.id);
    mkdirSync(dirname(logFile), { recursive: true });
    writeFileSync(logFile, `taken from ${from}; making it took ${found.seconds.toFixed(1)} s\n`);
    await store.writeStamp(step.id, { ...stamp, outputs, digest, result });
    this.#results.set(step.id, { result, digest });
    for (const message of found.warnings) emit({ type: 'warning', step: step.id, message });
  }

  #sharing(step: Step): SharingContext {
    const { emit } = this.#options;
    return {
      signal: this.#signal,
      warn: (message) => {
        emit({ type: 'warning', step: step.id, message });
      },
      note: (message) => {
        emit({ type: 'note', step: step.id, message });
      },
    };
  }

  async #runMarked(
    step: Step,
    given: Pick<StepContext, 'workDir' | 'logFile' | 'jobs' | 'emit'>,
  ): Promise<unknown> {
    const { store } = this.#options;
    try {
      return await step.run({ ...given, signal: this.#signal, ...this.view });
    } finally {
      await store.markEnded(step.id);
    }
  }

  #result<T>(step: Step<T>): T {
    return this.#done(step).result as T;
  }

  #done(step: Step): { readonly result: unknown; readonly digest: string } {
    const done = this.#results.get(step.id);
    if (done === undefined) throw new Error(`the result of ${step.id} was asked for before it ended`);
    return done;
  }
}
