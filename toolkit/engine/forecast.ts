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
  /** Whether a step's result may be taken from elsewhere. */
  readonly mayBeTaken: (step: Step) => boolean;
  readonly timings: StepTimings;
  readonly compileSlots: number;
  readonly emit: Emit;
  /** A clock in milliseconds; only differences count. */
  readonly now: () => number;
}

/**
 * `open`: whether it will run is not known yet, because it may turn out fresh or be restored. `sure`: it will.
 * The start of a running one is in milliseconds.
 */
type State =
  'open' | 'sure' | { readonly startedMs: number; readonly expectedSeconds: number | undefined } | 'ended';

/** What is told is known: the steps that are sure to run take at least this part of the time that all of them would. */
const SURE_PART = 0.8;

/** Of less nobody has to be told. */
const MIN_TOLD_SECONDS = 5;

/** A forecast that goes on as it was told before is not told again. */
const NEWS_SECONDS = 1;

/** Of how long a running step takes, less than this more than was foreseen is as foreseen. */
const TOLERANCE_SECONDS = 1;

/** Foresees from the last runs of the steps how long a run still takes, and tells it when that has changed. */
export class Forecast {
  readonly #options: ForecastOptions;
  readonly #states = new Map<string, State>();
  /** How long a step will take that has not started, in seconds. */
  readonly #expected = new Map<string, number | undefined>();
  /** When the run ends by what was told last. */
  #toldEndMs: number | undefined;

  constructor(options: ForecastOptions) {
    this.#options = options;
    const { steps, store, timings } = options;
    for (const step of steps) {
      const mayStay = options.mayBeTaken(step) || store.hasStamp(step.id);
      this.#states.set(step.id, mayStay ? 'open' : 'sure');
      // Before it starts nobody can know more than that there is something to build upon.
      this.#expected.set(step.id, timings.of(step.id, store.mayContinueWork(step.id))?.seconds);
    }
  }

  /** Nothing keeps the step from running any more but the ones before it and its turn. */
  sure(step: Step): void {
    this.#set(step, 'sure');
  }

  started(step: Step, expectedSeconds: number | undefined): void {
    this.#set(step, { startedMs: this.#options.now(), expectedSeconds });
  }

  /** It ended, in whatever way. */
  ended(step: Step): void {
    this.#set(step, 'ended');
  }

  #set(step: Step, state: State): void {
    this.#states.set(step.id, state);
    this.#tell();
  }

  #tell(): void {
    const { emit, now } = this.#options;
    const seconds = this.#left();
    const toldEndMs = this.#toldEndMs;
    if (seconds === undefined) {
      this.#toldEndMs = undefined;
      if (toldEndMs !== undefined) emit({ type: 'time-left' });
      return;
    }
    const endMs = now() + seconds * 1000;
    if (toldEndMs !== undefined && Math.abs(endMs - toldEndMs) < NEWS_SECONDS * 1000) return;
    this.#toldEndMs = endMs;
    emit({ type: 'time-left', seconds: Number(seconds.toFixed(1)) });
  }

  /** Undefined when it is not known, or next to nothing. */
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
    if (left < MIN_TOLD_SECONDS) return undefined;
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
