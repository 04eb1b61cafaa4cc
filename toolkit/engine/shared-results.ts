import type { Fingerprint } from './fingerprint.ts';
import type { PortablePaths } from './portable-paths.ts';
import type { StepOutput } from './step.ts';

/** The result and outputs of a step, in the form that is shared. */
export interface MadeResult {
  readonly outputs: readonly StepOutput[];
  /** The step's result, portable (see `PortablePaths`). */
  readonly result: unknown;
  readonly digest: string;
  /** Whether the outputs still match the digest: someone may write to the out directory meanwhile. */
  unchanged(): Promise<boolean>;
  /** How long building it took. */
  readonly seconds: number;
  /** Its warnings; they are repeated when the result is restored. */
  readonly warnings: readonly string[];
}

/** A result from elsewhere. */
export interface FoundResult extends Pick<MadeResult, 'result' | 'digest' | 'seconds' | 'warnings'> {
  /** For people: `the store`, `http://cache.example/`. */
  readonly from: string;
  /** Portable paths of its outputs. */
  readonly paths: readonly string[];
  /** Writes the outputs to their places. False when they are incomplete; the same result is then not found again. */
  place(): Promise<boolean>;
}

export interface SharingContext {
  /** The asking step; its fingerprint may carry the name of another step with the same result. */
  readonly step: string;
  /** The directories as they are named in the result. */
  readonly places: PortablePaths;
  readonly signal: AbortSignal;
  /** Reports something that the user should know, such as why a cache is no longer used. */
  readonly warn: (message: string) => void;
  /** Reports why nothing happens for a while. */
  readonly note: (message: string) => void;
}

/** Results of steps that several out directories share, by fingerprint. */
export interface SharedResults {
  /**
   * Waits until no other process builds the same, and makes others wait until the returned function is called. Rejects
   * when the signal is aborted.
   */
  lock(fingerprint: Fingerprint, context: SharingContext): Promise<() => void>;
  /** Looks for the result of a step with this fingerprint. The out directory is not touched yet. */
  find(fingerprint: Fingerprint, context: SharingContext): Promise<FoundResult | undefined>;
  /** Stores the result of a step. A failure is a warning and does not affect the build. */
  keep(fingerprint: Fingerprint, made: MadeResult, context: SharingContext): Promise<void>;
}
