import type { Emit } from '../base/event.ts';
import type { JobServer } from '../host/job-server.ts';
import type { Shape } from './result-shape.ts';
import type { SharedName } from './shared-name.ts';

export type Json =
  string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** Everything that decides what a step makes. What is not in here does not make it run again. */
export interface StepInputs {
  /** Values, such as a version, flags or a list of symbols. Never a job count or a time, nor an absolute path unless the result holds it too. */
  readonly settings: Readonly<Record<string, Json>>;
  /** Files whose bytes count; the label is what `explain` shows. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What a step leaves behind: a file or a directory. */
export interface StepOutput {
  readonly path: string;
  /** `stat`: its bytes are known by other means (a file of the store); only existence, size and time are looked at. */
  readonly check?: 'content' | 'stat';
}

/** What a step gets to know before it runs: the results of the steps it needs. */
export interface StepView {
  readonly result: <T>(step: Step<T>) => T;
}

export interface StepContext extends StepView {
  /** The step's own directory for intermediate files; kept between runs only when `workKey` says so. */
  readonly workDir: string;
  readonly logFile: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** What a compile step may use of the machine; a light step runs one process at a time. */
  readonly cores?: StepCores;
}

/** A compile step's part of the processes that all steps may run together. */
export interface StepCores {
  /** How many the whole run may have: what a tool that takes its tokens from the pipe is told. */
  readonly total: number;
  /** The jobserver; undefined when there is none. */
  readonly server: Pick<JobServer, 'inherited' | 'named'> | undefined;
  /** For a tool that cannot take tokens: how many processes it may run from now until `release`. */
  share(): { readonly jobs: number; readonly release: () => void };
}

/**
 * One unit of work. Its fingerprint is made of `id`, `revision`, `inputs` and the outputs of what it needs;
 * while that is the same and its outputs are as it left them, it is fresh.
 */
export interface Step<T = unknown> {
  readonly id: string;
  /** Present participle and object: "Building Linux 6.1.192". */
  title(view: StepView): string;
  /** Steps whose outputs this one reads; they enter the fingerprint by content. */
  readonly needs: readonly Step[];
  /** Steps that write files which this one has among its inputs; only those files enter the fingerprint. */
  readonly after?: readonly Step[];
  /** Steps that have to end well before this one starts, though it reads nothing of theirs. */
  readonly gates?: readonly Step[];
  /** Raise it when the same inputs must now give a different output. */
  readonly revision: number;
  /** `compile` steps fill all cores; few of them run side by side. */
  readonly weight: 'light' | 'compile';
  /**
   * Its result may be made for one out directory and used in another: the fingerprint alone decides it, it lies in the
   * outputs and nowhere else, and the files say nothing of where they were made.
   */
  readonly shared?: boolean;
  /** For a shared step that makes the same as one of another name; without it the result is kept under its own. */
  readonly sharedAs?: SharedName;
  /** Of a shared step: whether a result that somebody else made has the form of its own. */
  readonly shape?: Shape;
  inputs(view: StepView): Promise<StepInputs> | StepInputs;
  /** Asked after the step ran, with its own result. */
  outputs(result: T, view: StepView): readonly StepOutput[];
  /** While this stays the same the work directory of an earlier run is built upon; without it each run starts empty. */
  workKey?(view: StepView): string;
  run(context: StepContext): Promise<T>;
}
