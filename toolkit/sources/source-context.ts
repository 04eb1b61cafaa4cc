import type { Emit } from '../base/event.ts';

/** What running a host tool needs. */
export interface ToolContext {
  /** The tools' whole environment, from `toolEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** The log of the step that asks. */
  readonly logFile: string;
  readonly signal: AbortSignal;
}

/** What finding, downloading and unpacking a source needs to know. */
export interface SourceContext extends ToolContext {
  /** The store: `sources/`, `trees/`, `apt/`, `resolved/`, `partial/` and `rejected/` lie in it. */
  readonly storeDir: string;
  /** A directory for what is needed for a moment only. */
  readonly workDir: string;
  /** The user's environment; only its proxy variables are read. */
  readonly userEnv: Readonly<Record<string, string | undefined>>;
  /** Nothing may be asked of the network. */
  readonly offline: boolean;
  /** Forget what an earlier run took, and ask apt anew. */
  readonly update?: boolean;
  readonly emit: Emit;
  /** Id of the step that asks, for its events. */
  readonly step: string;
  /** The board as the user names it, for the hint of an offline run. */
  readonly board?: string;
  /**
   * Names of the libraries an ELF file needs (DT_NEEDED), for the packages of prebuilt programs;
   * a file that is no ELF file, or a static one, needs none.
   */
  readonly neededLibraries: (file: string) => Promise<readonly string[]>;
  /** How patient downloads are; tests shorten it. */
  readonly pace?: Partial<DownloadPace>;
}

export interface DownloadPace {
  /** Wait before the second try; it doubles with each further one. */
  readonly baseDelayMs: number;
  /** Without a byte for so long, a connection counts as dead. */
  readonly stallMs: number;
}
