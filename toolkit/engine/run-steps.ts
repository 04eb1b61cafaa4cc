import { setMaxListeners } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { KitError, errorMessage, systemErrorCode } from '../base/errors.ts';
import type { Emit, StepOutcome } from '../base/event.ts';
import { checkStep } from './check-step.ts';
import { orderSteps, predecessors } from './order-steps.ts';
import { digestOutputs, observeOutputs } from './output-state.ts';
import type { Step, StepView } from './step.ts';
import type { StepStore } from './step-store.ts';

export interface RunStepsOptions {
  readonly store: StepStore;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly jobs: number;
}

/** How one step of a run ended. */
export interface StepRecord {
  readonly id: string;
  readonly outcome: StepOutcome;
  readonly seconds: number;
  readonly reason?: string;
}

export interface RunStepsResult {
  readonly records: readonly StepRecord[];
  readonly view: StepView;
  /** What the first failed step threw, or INTERRUPTED; undefined when all went well. */
  readonly error: unknown;
}

/**
 * How many compile steps run at once. Each uses all cores, so more of them only adds memory;
 * two keep the cores busy while one of them runs a configure script or a link.
 */
const COMPILE_SLOTS = 2;

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
  return { records, view: run.view, error: run.error ?? interruption(records, options.signal) };
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

  constructor(options: RunStepsOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#failure.signal]);
    // Every running tool listens to it; Node takes more than ten listeners for a leak.
    setMaxListeners(0, this.#signal);
  }

  async step(step: Step): Promise<void> {
    let started = performance.now();
    const finish = (outcome: StepOutcome, reason?: string): void => {
      const seconds = (performance.now() - started) / 1000;
      const record = { id: step.id, outcome, seconds, ...(reason === undefined ? {} : { reason }) };
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
      const reason = await this.#runUnlessFresh(step, () => {
        // The time it waited for a free slot is not its own.
        started = performance.now();
      });
      finish(reason === undefined ? 'fresh' : 'built', reason);
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

  /** Returns why the step ran, or undefined when it was fresh. */
  async #runUnlessFresh(step: Step, onStart: () => void): Promise<string | undefined> {
    const { store, emit, jobs } = this.#options;
    const check = await checkStep(step, store, this.view, (needed) => this.#done(needed).digest);
    if (check.fresh) {
      this.#results.set(step.id, { result: check.stamp.result, digest: check.stamp.digest });
      return undefined;
    }
    const release = step.weight === 'compile' ? await this.#slots.take(this.#signal) : undefined;
    try {
      this.#signal.throwIfAborted();
      onStart();
      const started = performance.now();
      const logFile = store.logFile(step.id);
      emit({ type: 'step-started', step: step.id, title: step.title(this.view), logFile });
      const workDir = await store.prepareWorkDir(step.id, step.workKey?.(this.view));
      rmSync(logFile, { force: true });
      store.markRunning(step.id);
      const result = await this.#runMarked(step, { workDir, logFile, jobs });
      const outputs = step.outputs(result, this.view);
      for (const { path } of outputs) {
        if (existsSync(path)) continue;
        throw new KitError('STEP_FAILED', `${step.id} ended without an error, but left no ${path}`, {
          logFile,
        });
      }
      const digest = await digestOutputs(outputs, result);
      const seconds = (performance.now() - started) / 1000;
      const reason = summarise(check.reasons);
      await store.writeStamp(step.id, {
        fingerprint: check.fingerprint,
        outputs: await observeOutputs(outputs),
        digest,
        result,
        seconds,
        reason,
      });
      this.#results.set(step.id, { result, digest });
      return reason;
    } finally {
      release?.();
    }
  }

  async #runMarked(step: Step, given: { workDir: string; logFile: string; jobs: number }): Promise<unknown> {
    const { store, emit } = this.#options;
    try {
      return await step.run({ ...given, emit, signal: this.#signal, ...this.view });
    } finally {
      store.markEnded(step.id);
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

const SHOWN_REASONS = 5;

/** A whole overlay can have changed; the first few names say enough. */
function summarise(reasons: readonly string[]): string {
  const more = reasons.length - SHOWN_REASONS;
  const shown = reasons.slice(0, SHOWN_REASONS).join('; ');
  return more > 0 ? `${shown}; and ${more} more` : shown;
}

/** What the operating system refuses is not a bug in lxc-kit: a full disk, a missing permission. */
function explainSystemError(step: Step, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (error instanceof KitError || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const message = full
    ? `${step.id} stopped: no space left on the disk`
    : `${step.id} stopped: ${errorMessage(error)}`;
  return new KitError('STEP_FAILED', message, {
    cause: error,
    ...(full
      ? { hint: 'make room, or give another place with --out or LXC_KIT_STORE, and build again' }
      : {}),
  });
}

/** A counting semaphore whose waiters give up when the signal is aborted. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async take(signal: AbortSignal): Promise<() => void> {
    while (this.#free === 0) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
      });
      signal.throwIfAborted();
    }
    this.#free--;
    return () => {
      this.#free++;
      this.#waiting.shift()?.();
    };
  }
}
