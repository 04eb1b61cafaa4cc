import type { Fingerprint } from './fingerprint.ts';
import type { StepOutput } from './step.ts';

/** What a step left, as it is kept for others. */
export interface MadeResult {
  readonly outputs: readonly StepOutput[];
  /** The step's result, portable (see `Places`). */
  readonly result: unknown;
  readonly digest: string;
  /** How long it took to make. */
  readonly seconds: number;
  /** What it warned of; who takes the result is warned as well. */
  readonly warnings: readonly string[];
}

/** A result that somebody else made, and that is now here. */
export interface RestoredResult extends Pick<MadeResult, 'result' | 'digest' | 'seconds' | 'warnings'> {
  /** For people: `the store`, `http://cache.example/`. */
  readonly from: string;
}

export interface SharingContext {
  readonly signal: AbortSignal;
  /** Says something that the user should know, such as why a cache is not used any more. */
  readonly warn: (message: string) => void;
  /** Says why nothing happens for a while. */
  readonly note: (message: string) => void;
}

/** Results of steps that serve more than one out directory, by fingerprint. */
export interface SharedResults {
  /**
   * Waits until no other process makes the same, and keeps others from it until what is returned is called. Rejects
   * when the signal is aborted.
   */
  lock(fingerprint: Fingerprint, context: SharingContext): Promise<() => void>;
  /** Puts the outputs of a step with this fingerprint in their places; undefined when nobody has made it, or not whole. */
  restore(fingerprint: Fingerprint, context: SharingContext): Promise<RestoredResult | undefined>;
  /** Keeps what a step left. What goes wrong is told, and does not matter to the build. */
  keep(fingerprint: Fingerprint, made: MadeResult, context: SharingContext): Promise<void>;
}
