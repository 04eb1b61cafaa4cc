import type { KitEvent } from '../base/event.ts';

/** A shorter step ends before anyone has read the estimate. */
const MIN_EXPECTED_SECONDS = 5;

/** From a minute on, seconds would make an estimate look exact. */
const ROUNDED_FROM_SECONDS = 60;
const ROUNDED_TO_SECONDS = 10;

/** The estimate for a running step. */
export interface ExpectedStep {
  /** By the clock of the logger. */
  readonly startedMs: number;
  readonly expectedSeconds?: number;
}

/** The total time of a step, in seconds as shown; undefined when it is unknown or already exceeded. */
export function expectedTotal(step: ExpectedStep, nowMs: number): number | undefined {
  const { startedMs, expectedSeconds = 0 } = step;
  if (expectedSeconds < MIN_EXPECTED_SECONDS) return undefined;
  const shown = round(expectedSeconds);
  return (nowMs - startedMs) / 1000 < shown ? shown : undefined;
}

/** Counts down the estimate for the whole run. */
export class TimeLeft {
  #endMs: number | undefined;

  take({ seconds }: Extract<KitEvent, { type: 'time-left' }>, nowMs: number): void {
    this.#endMs = seconds === undefined ? undefined : nowMs + seconds * 1000;
  }

  /** The remaining seconds as shown; undefined when unknown, or when a running step takes longer than expected. */
  at(nowMs: number, running: Iterable<ExpectedStep>): number | undefined {
    if (this.#endMs === undefined) return undefined;
    for (const step of running) {
      const { expectedSeconds = 0 } = step;
      if (expectedSeconds >= MIN_EXPECTED_SECONDS && expectedTotal(step, nowMs) === undefined)
        return undefined;
    }
    const shown = round((this.#endMs - nowMs) / 1000);
    return shown > 0 ? shown : undefined;
  }
}

function round(seconds: number): number {
  const unit = seconds < ROUNDED_FROM_SECONDS ? 1 : ROUNDED_TO_SECONDS;
  return Math.round(seconds / unit) * unit;
}
