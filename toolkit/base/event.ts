/** How a step ended. `restored`: its result was built for another out directory. `blocked`: a step it needs failed. */
export type StepOutcome = 'built' | 'restored' | 'fresh' | 'failed' | 'blocked' | 'cancelled';

/** Everything that happens while lxc-kit works. Rooms emit events; only `logging/` shows them. */
export type KitEvent =
  /** A step began; `title` is a present participle: "Building Linux 6.1.192". */
  | {
      readonly type: 'step-started';
      readonly step: string;
      readonly title: string;
      readonly logFile: string;
      /** The duration of its last comparable run, in seconds; undefined when unknown. */
      readonly lastSeconds?: number;
    }
  /** The progress of a running step. `done` and `total` count `unit`s; `total` is undefined while unknown. */
  | {
      readonly type: 'step-progress';
      readonly step: string;
      readonly done: number;
      readonly total?: number;
      readonly unit: 'bytes' | 'files' | 'lines' | 'commands';
      readonly text?: string;
    }
  /** A host tool printed a line (without its end). It is in the step's log already. */
  | { readonly type: 'tool-line'; readonly step: string; readonly line: string }
  /** How many of the files that a step compiled came from a compiler cache. */
  | {
      readonly type: 'compiler-cache';
      readonly step: string;
      readonly hits: number;
      readonly misses: number;
    }
  /** A step ended. `reason` says why it was not fresh, or why it failed. */
  | {
      readonly type: 'step-finished';
      readonly step: string;
      readonly outcome: StepOutcome;
      readonly seconds: number;
      readonly reason?: string;
    }
  /** Something worth knowing, such as where a source came from. */
  | { readonly type: 'note'; readonly step?: string; readonly message: string }
  /** Something that may be wrong but does not stop the build. */
  | { readonly type: 'warning'; readonly step?: string; readonly message: string };

export type Emit = (event: KitEvent) => void;
