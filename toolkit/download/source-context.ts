import type { Emit } from '../base/event.ts';

/** The environment and log for running a host tool. */
export interface ToolContext {
  /** The tools' whole environment, from `toolEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** The log of the calling step. */
  readonly logFile: string;
  readonly signal: AbortSignal;
}

/** The context for finding, downloading and unpacking a source. */
export interface SourceContext extends ToolContext {
  /** The store: `sources/`, `trees/`, `apt/`, `resolved/`, `partial/` and `rejected/` are in it. */
  readonly storeDir: string;
  /** A directory for temporary files. */
  readonly workDir: string;
  /** The user's environment; only its proxy variables are read. */
  readonly userEnv: Readonly<Record<string, string | undefined>>;
  /** The network must not be used. */
  readonly offline: boolean;
  /** Forget what an earlier run took, and ask apt again. */
  readonly update?: boolean;
  readonly emit: Emit;
  /** Id of the calling step, for its events. */
  readonly step: string;
  /** The board as the user named it, for the hint of an offline run. */
  readonly board?: string;
  /**
   * Returns the names of the libraries that an ELF file needs (DT_NEEDED), for the packages of prebuilt programs;
   * none for a static file or one that is not ELF.
   */
  readonly neededLibraries: (file: string) => Promise<readonly string[]>;
  /** Waiting times of downloads; tests shorten them. */
  readonly pace?: Partial<DownloadPace>;
}

export interface DownloadPace {
  /** The wait before the second try; it doubles with each further try. */
  readonly baseDelayMs: number;
  /** A connection without a byte for this long counts as dead. */
  readonly stallMs: number;
}
