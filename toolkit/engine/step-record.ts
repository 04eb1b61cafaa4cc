import type { StepOutcome } from '../base/event.ts';

/** How one step of a run ended. */
export interface StepRecord {
  readonly id: string;
  readonly outcome: StepOutcome;
  /** When it started, in seconds since the run did. */
  readonly start: number;
  readonly seconds: number;
  readonly reason?: string;
  /** How many of the compiled files came from a compiler cache; undefined without one. */
  readonly compilerCache?: { readonly hits: number; readonly misses: number };
}
