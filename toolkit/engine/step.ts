import type { Emit } from '../base/event.ts';
import type { JobServer } from '../host/job-server.ts';
import type { Shape } from './result-shape.ts';

export type Json =
  string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** Everything that decides the result of a step. Nothing else makes it run again. */
export interface StepInputs {
  /** Values, such as a version or flags. Never a job count or a time; an absolute path only if the result has it. */
  readonly settings: Readonly<Record<string, Json>>;
  /** Files whose bytes count; the label is what `explain` shows. */
  readonly files?: Readonly<Record<string, string>>;
}

/** An output of a step: a file or a directory. */
export interface StepOutput {
  readonly path: string;
  /** `stat`: only existence, size and time are checked, because its bytes are known otherwise (a file of the store). */
  readonly check?: 'content' | 'stat';
}

/** The results of the steps that a step needs. */
export interface StepView {
  readonly result: <T>(step: Step<T>) => T;
}

export interface StepContext extends StepView {
  /** The step's own directory for intermediate files; kept between runs only when `workKey` says so. */
  readonly workDir: string;
  readonly logFile: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The cores that a compile step may use; a light step runs one process at a time. */
  readonly cores?: StepCores;
}

/** A compile step's share of the processes that all steps may run together. */
export interface StepCores {
  /** The limit of the whole run, for a tool that takes tokens from the pipe. */
  readonly total: number;
  /** The jobserver; undefined when there is none. */
  readonly server: Pick<JobServer, 'inherited' | 'named'> | undefined;
  /** For a tool that cannot take tokens: the number of processes it may run until `release`. */
  share(): { readonly jobs: number; readonly release: () => void };
}

/**
 * One unit of work. Its fingerprint consists of `id`, `revision`, `inputs` and the outputs of the steps it needs. It is
 * fresh as long as the fingerprint and its own outputs are unchanged.
 */
export interface Step<T = unknown> {
  readonly id: string;
  /** Present participle and object: "Building Linux 6.1.192". */
  title(view: StepView): string;
  /** Steps whose outputs this one reads; they enter the fingerprint by content. */
  readonly needs: readonly Step[];
  /** Steps that write input files of this one; only those files enter the fingerprint. */
  readonly after?: readonly Step[];
  /** Steps that have to succeed before this one starts, although it does not read their outputs. */
  readonly gates?: readonly Step[];
  /** Raise it when the same inputs must give a different output from now on. */
  readonly revision: number;
  /** `compile` steps fill all cores; few of them run side by side. */
  readonly weight: 'light' | 'compile';
  /**
   * Its result may be built in one out directory and used in another: it depends on the fingerprint alone, it is
   * complete in the outputs, and the files do not contain the place where they were built.
   */
  readonly shared?: boolean;
  /** For a shared step with the same result as another step; by default the result is stored under its own name. */
  readonly sharedAs?: SharedName;
  /** For a shared step: checks that a result from elsewhere has the expected form. */
  readonly shape?: Shape;
  inputs(view: StepView): Promise<StepInputs> | StepInputs;
  /** Called after the step ran, with its result. */
  outputs(result: T, view: StepView): readonly StepOutput[];
  /** While the key stays the same, a run continues in the work directory of the last; without a key it starts empty. */
  workKey?(view: StepView): string;
  run(context: StepContext): Promise<T>;
}

/** The name under which a result is stored when several steps make the same result from the same inputs. */
export interface SharedName {
  readonly id: string;
  /** Labels of input files: this step's label, and the other step's label for the same file. */
  readonly files?: Readonly<Record<string, string>>;
  /** Paths of outputs, relative to the out directory: this step's, and the other step's. */
  readonly places?: Readonly<Record<string, string>>;
}
