import type { Fingerprint } from './fingerprint.ts';
import type { Places } from './places.ts';
import type { StepOutput } from './step.ts';

/** What a step left, as it is kept for others. */
export interface MadeResult {
  readonly outputs: readonly StepOutput[];
  /** The step's result, portable (see `Places`). */
  readonly result: unknown;
  readonly digest: string;
  /** Whether the outputs still are those of the digest: somebody may write into an out directory meanwhile. */
  unchanged(): Promise<boolean>;
  /** How long it took to make. */
  readonly seconds: number;
  /** What it warned of; who takes the result is warned as well. */
  readonly warnings: readonly string[];
}

/** A result that somebody else made. */
export interface FoundResult extends Pick<MadeResult, 'result' | 'digest' | 'seconds' | 'warnings'> {
  /** For people: `the store`, `http://cache.example/`. */
  readonly from: string;
  /** The places of its outputs, portable. */
  readonly paths: readonly string[];
  /** Puts the outputs in their places; false when they are not whole, and then the same is not found there again. */
  place(): Promise<boolean>;
}

export interface SharingContext {
  /** The step that asks: a fingerprint may have the name of another that makes the same. */
  readonly step: string;
  /** The directories as they are named in the result. */
  readonly places: Places;
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
  /** What a step with this fingerprint left, if somebody has made it. Nothing in the out directory is touched yet. */
  find(fingerprint: Fingerprint, context: SharingContext): Promise<FoundResult | undefined>;
  /** Keeps what a step left. What goes wrong is told, and does not matter to the build. */
  keep(fingerprint: Fingerprint, made: MadeResult, context: SharingContext): Promise<void>;
}
