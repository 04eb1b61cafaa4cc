import type { KitEvent } from '../base/event.ts';

/** A shorter step is over before anybody has read how long it takes. */
const MIN_EXPECTED_SECONDS = 5;

/** From a minute on the seconds of an estimate would only look measured. */
const ROUNDED_FROM_SECONDS = 60;
const ROUNDED_TO_SECONDS = 10;

/** What is known beforehand of a step that runs. */
export interface ExpectedStep {
  /** By the clock that is asked. */
  readonly startedMs: number;
  readonly expectedSeconds?: number;
}

/** How long a step takes in all, in seconds as they are shown; undefined when nobody knows, or it takes longer already. */
export function expectedTotal(step: ExpectedStep, nowMs: number): number | undefined {
  const { startedMs, expectedSeconds = 0 } = step;
  if (expectedSeconds < MIN_EXPECTED_SECONDS) return undefined;
  const shown = round(expectedSeconds);
  return (nowMs - startedMs) / 1000 < shown ? shown : undefined;
}

/** Counts down what was foreseen for the whole run. */
export class TimeLeft {
  #endMs: number | undefined;

  take({ seconds }: Extract<KitEvent, { type: 'time-left' }>, nowMs: number): void {
    this.#endMs = seconds === undefined ? undefined : nowMs + seconds * 1000;
  }

  /** Seconds as they are shown; undefined when nobody knows, or a running step takes longer than was foreseen. */
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
