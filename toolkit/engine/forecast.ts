import type { Emit } from '../base/event.ts';
import { predecessors } from './order-steps.ts';
import type { StepTimings } from './step-timings.ts';
import type { Step } from './step.ts';
import type { StepStore } from './step-store.ts';
import { timeLeft, type StepAhead } from './time-left.ts';

export interface ForecastOptions {
  /** All steps of the run, each after what it needs. */
  readonly steps: readonly Step[];
  readonly store: StepStore;
  /** Whether a step's result may be restored from elsewhere. */
  readonly mayBeTaken: (step: Step) => boolean;
  readonly timings: StepTimings;
  readonly compileSlots: number;
  readonly emit: Emit;
  /** A clock in milliseconds; only differences count. */
  readonly now: () => number;
}

/**
 * `open`: the step may still turn out fresh or be restored. `sure`: it will run.
 * The start of a running step is in milliseconds.
 */
type State =
  'open' | 'sure' | { readonly startedMs: number; readonly expectedSeconds: number | undefined } | 'ended';

/** Report only when the steps that are sure to run take at least this part of the time that all of them would take. */
const SURE_PART = 0.8;

/** Don't report less than this. */
const MIN_REPORTED_SECONDS = 5;

/** Don't repeat an estimate of the end that changed by less than this. */
const NEWS_SECONDS = 1;

/** Slack before a running step counts as late. */
const TOLERANCE_SECONDS = 1;

/** Estimates the remaining time of a run from the last runs of its steps, and emits it when it changes. */
export class Forecast {
  readonly #options: ForecastOptions;
  readonly #states = new Map<string, State>();
  /** Expected seconds of each step that has not started. */
  readonly #expected = new Map<string, number | undefined>();
  /** The end of the run by the last reported estimate. */
  #reportedEndMs: number | undefined;

  constructor(options: ForecastOptions) {
    this.#options = options;
    const { steps, store, timings } = options;
    for (const step of steps) {
      const mayStay = options.mayBeTaken(step) || store.hasStamp(step.id);
      this.#states.set(step.id, mayStay ? 'open' : 'sure');
      // Before the step starts, all that is known is whether there is earlier work to continue.
      this.#expected.set(step.id, timings.of(step.id, store.mayContinueWork(step.id))?.seconds);
    }
  }

  /** The step will run, once the steps before it have ended and it is its turn. */
  sure(step: Step): void {
    this.#set(step, 'sure');
  }

  started(step: Step, expectedSeconds: number | undefined): void {
    this.#set(step, { startedMs: this.#options.now(), expectedSeconds });
  }

  /** The step ended, whatever its outcome. */
  ended(step: Step): void {
    this.#set(step, 'ended');
  }

  #set(step: Step, state: State): void {
    this.#states.set(step.id, state);
    this.#report();
  }

  #report(): void {
    const { emit, now } = this.#options;
    const seconds = this.#left();
    const reportedEndMs = this.#reportedEndMs;
    if (seconds === undefined) {
      this.#reportedEndMs = undefined;
      if (reportedEndMs !== undefined) emit({ type: 'time-left' });
      return;
    }
    const endMs = now() + seconds * 1000;
    if (reportedEndMs !== undefined && Math.abs(endMs - reportedEndMs) < NEWS_SECONDS * 1000) return;
    this.#reportedEndMs = endMs;
    emit({ type: 'time-left', seconds: Number(seconds.toFixed(1)) });
  }

  /** Undefined when it is unknown or very short. */
  #left(): number | undefined {
    const all: StepAhead[] = [];
    const open = new Set<string>();
    for (const step of this.#options.steps) {
      const state = this.#states.get(step.id) ?? 'ended';
      if (state === 'ended') continue;
      const seconds = this.#secondsOf(step, state);
      if (seconds === undefined) return undefined;
      if (state === 'open') open.add(step.id);
      all.push({
        id: step.id,
        before: predecessors(step).map(({ id }) => id),
        compiles: step.weight === 'compile',
        running: typeof state === 'object',
        seconds,
      });
    }
    const { compileSlots } = this.#options;
    const left = timeLeft(all, compileSlots);
    if (left < MIN_REPORTED_SECONDS) return undefined;
    const least = timeLeft(
      all.map((step) => (open.has(step.id) ? { ...step, seconds: 0 } : step)),
      compileSlots,
    );
    return least >= left * SURE_PART ? left : undefined;
  }

  #secondsOf(step: Step, state: Exclude<State, 'ended'>): number | undefined {
    if (typeof state === 'string') return this.#expected.get(step.id);
    const { startedMs, expectedSeconds } = state;
    if (expectedSeconds === undefined) return undefined;
    const left = expectedSeconds - (this.#options.now() - startedMs) / 1000;
    return left < -TOLERANCE_SECONDS ? undefined : Math.max(0, left);
  }
}
