import { setMaxListeners } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { KitError, errorMessage } from '../base/errors.ts';
import type { Emit, StepOutcome } from '../base/event.ts';
import { checkStep } from './check-step.ts';
import { CoreBudget, type CoreBudgetOptions } from './core-budget.ts';
import { criticalPath } from './critical-path.ts';
import { orderSteps, predecessors } from './order-steps.ts';
import { changedOutput, digestOutputs, observeOutputs } from './output-state.ts';
import { summariseReasons, type Fingerprint } from './fingerprint.ts';
import { explainSystemError } from './explain-system-error.ts';
import { PortablePaths } from './portable-paths.ts';
import type { SharedResults } from './shared-results.ts';
import type { StepRecord } from './step-record.ts';
import { StepSharing } from './step-sharing.ts';
import type { StepTimings } from './step-timings.ts';
import type { Step, StepContext, StepCores, StepView } from './step.ts';
import type { StepStore } from './step-store.ts';
import { ToolProgress } from './tool-progress.ts';

export interface RunStepsOptions {
  readonly store: StepStore;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The number of processes that all compile steps together may run at once. */
  readonly jobs: number;
  /** Opens the jobserver through which they share the processes; without it each has a fixed share. */
  readonly openServer?: CoreBudgetOptions['openServer'];
  /** The directories that results may refer to; without it, results are valid only in this place. */
  readonly places?: PortablePaths;
  /** Results shared with other out directories; without it every step is built here. */
  readonly results?: SharedResults;
  /** The durations of earlier runs, to which this run adds its own. */
  readonly timings?: StepTimings;
}

export interface RunStepsResult {
  readonly records: readonly StepRecord[];
  /** The steps that decided the length of the run, see `criticalPath`. */
  readonly criticalPath: readonly StepRecord[];
  readonly view: StepView;
  /** The error of the first failed step, or INTERRUPTED; undefined on success. */
  readonly error: unknown;
}

/**
 * Runs the steps and all they need, independent ones in parallel. The first failure stops the rest.
 * Does not throw when a step fails; throws for an invalid list of steps.
 */
export async function runSteps(wanted: readonly Step[], options: RunStepsOptions): Promise<RunStepsResult> {
  const steps = orderSteps(wanted);
  const run = new StepRun(steps, options);
  const ended = new Map<string, Promise<void>>();
  for (const step of steps) {
    const before = predecessors(step).flatMap((needed) => ended.get(needed.id) ?? []);
    ended.set(
      step.id,
      Promise.all(before).then(() => run.step(step)),
    );
  }
  try {
    await Promise.all(ended.values());
  } finally {
    await run.close();
  }
  const records = steps.flatMap((step) => run.records.get(step.id) ?? []);
  const critical = criticalPath(steps, run.records);
  return {
    records,
    criticalPath: critical,
    view: run.view,
    error: run.error ?? interruption(records, options.signal),
  };
}

/** The error of a run that was stopped between two steps, when no step could fail. */
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
  readonly #budget: CoreBudget;
  /** Earlier steps of the list go first when not all can run. */
  readonly #ranks: ReadonlyMap<Step, number>;
  readonly #sharing: StepSharing;
  readonly #compilerCaches = new Map<string, NonNullable<StepRecord['compilerCache']>>();
  readonly #began = performance.now();

  constructor(steps: readonly Step[], options: RunStepsOptions) {
    this.#options = options;
    this.#ranks = new Map(steps.map((step, index) => [step, index]));
    this.#budget = new CoreBudget({
      jobs: options.jobs,
      compileSteps: steps.filter(({ weight }) => weight === 'compile').length,
      openServer: options.openServer,
    });
    const { store, emit, results } = options;
    this.#signal = AbortSignal.any([options.signal, this.#failure.signal]);
    this.#sharing = new StepSharing({
      results,
      store,
      places: options.places ?? new PortablePaths({}),
      view: this.view,
      emit,
      signal: this.#signal,
    });
    // Every running tool listens to it, and Node.js reports more than ten listeners as a leak.
    setMaxListeners(0, this.#signal);
  }

  async step(step: Step): Promise<void> {
    await this.#step(step);
    if (step.weight === 'compile') await this.#budget.finished();
  }

  close(): Promise<void> {
    return this.#budget.close();
  }

  async #step(step: Step): Promise<void> {
    let started = performance.now();
    const finish = (outcome: StepOutcome, reason?: string): void => {
      const seconds = (performance.now() - started) / 1000;
      const start = (started - this.#began) / 1000;
      const compilerCache = this.#compilerCaches.get(step.id);
      const record = {
        id: step.id,
        outcome,
        start,
        seconds,
        ...(reason === undefined ? {} : { reason }),
        ...(compilerCache === undefined ? {} : { compilerCache }),
      };
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
        // The time spent waiting for a free slot does not count.
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
      // The line begins with the step's name already.
      const why = errorMessage(this.error).replace(`${step.id} stopped: `, '');
      finish(interrupted ? 'cancelled' : 'failed', why);
    }
  }

  async #runUnlessFresh(step: Step, onStart: () => void): Promise<Pick<StepRecord, 'outcome' | 'reason'>> {
    const { store } = this.#options;
    const digestOf = (needed: Step): string => this.#done(needed).digest;
    const check = await checkStep(step, store, this.view, digestOf, { signal: this.#signal });
    if (check.fresh) {
      this.#results.set(step.id, { result: check.stamp.result, digest: check.stamp.digest });
      return { outcome: 'fresh' };
    }
    const reason = summariseReasons(check.reasons);
    const unlock = await this.#sharing.lock(step, check.fingerprint);
    try {
      this.#signal.throwIfAborted();
      onStart();
      const restored = await this.#sharing.restore(step, check.fingerprint, reason);
      if (restored !== undefined) {
        this.#results.set(step.id, restored);
        return { outcome: 'restored', reason };
      }
      const turn =
        step.weight === 'compile'
          ? await this.#budget.enter(this.#ranks.get(step) ?? 0, this.#signal)
          : undefined;
      try {
        this.#signal.throwIfAborted();
        onStart();
        await this.#make(step, check.fingerprint, reason, turn?.cores);
      } finally {
        turn?.leave();
      }
      return { outcome: 'built', reason };
    } finally {
      unlock();
    }
  }

  /** Runs the step and stores its stamp. */
  async #make(
    step: Step,
    fingerprint: Fingerprint,
    reason: string,
    cores: StepCores | undefined,
  ): Promise<void> {
    const { store, emit, timings } = this.#options;
    const started = performance.now();
    const logFile = store.logFile(step.id);
    const workKey = step.workKey?.(this.view);
    const continued = store.continuesWork(step.id, workKey);
    // The rest of a stopped run is like no other run.
    const comparable = !continued || store.hasStamp(step.id);
    const last = comparable ? timings?.of(step.id, continued) : undefined;
    emit({
      type: 'step-started',
      step: step.id,
      title: step.title(this.view),
      logFile,
      ...(last === undefined ? {} : { lastSeconds: last.seconds }),
    });
    const workDir = await store.prepareWorkDir(step.id, workKey);
    rmSync(logFile, { force: true });
    await store.markRunning(step.id);
    const warnings: string[] = [];
    const progress = new ToolProgress(last?.lines);
    const listening: Emit = (event) => {
      if (event.type === 'warning') warnings.push(event.message);
      if (event.type === 'compiler-cache') {
        const { hits, misses } = event;
        this.#compilerCaches.set(step.id, { hits, misses });
      }
      emit(event);
      const share = event.type === 'tool-line' ? progress.take(event.line) : undefined;
      if (share !== undefined) emit({ type: 'step-progress', step: step.id, ...share });
    };
    const result = await this.#runMarked(step, {
      workDir,
      logFile,
      emit: listening,
      ...(cores === undefined ? {} : { cores }),
    });
    const outputs = step.outputs(result, this.view);
    for (const { path } of outputs) {
      if (existsSync(path)) continue;
      throw new KitError('STEP_FAILED', `${step.id} ended without an error, but left no ${path}`, {
        logFile,
      });
    }
    const portable = this.#sharing.placesOf(step).toPortable(result);
    // Before they are read, so that a change in the meantime is noticed.
    const state = await observeOutputs(outputs);
    const digest = await digestOutputs(outputs, portable);
    const seconds = (performance.now() - started) / 1000;
    await store.writeStamp(step.id, { fingerprint, outputs: state, digest, result, seconds, reason });
    const { lines } = progress;
    if (comparable) timings?.note(step.id, continued, { seconds, ...(lines === undefined ? {} : { lines }) });
    this.#results.set(step.id, { result, digest });
    await this.#sharing.keep(step, fingerprint, {
      outputs,
      result: portable,
      digest,
      seconds,
      warnings,
      unchanged: async () => changedOutput(state, await observeOutputs(outputs)) === undefined,
    });
  }

  async #runMarked(
    step: Step,
    given: Pick<StepContext, 'workDir' | 'logFile' | 'cores' | 'emit'>,
  ): Promise<unknown> {
    const { store } = this.#options;
    let result: unknown;
    try {
      result = await step.run({ ...given, signal: this.#signal, ...this.view });
    } catch (error) {
      // Report the first error; the note stays if the end could not be marked.
      await store.markEnded(step.id).catch(() => undefined);
      throw error;
    }
    await store.markEnded(step.id);
    return result;
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
