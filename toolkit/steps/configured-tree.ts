import type { StepContext } from '../engine/step.ts';
import type { RequiredSymbol } from '../kconfig/audit-config.ts';
import type { Request } from '../kconfig/merge-fragments.ts';
import type { SymbolLine } from '../kconfig/parse-config.ts';

/** What configuring takes of a step's context; commands that are no step make one of their own. */
export type ConfigureContext = Pick<StepContext, 'workDir' | 'logFile' | 'emit' | 'signal'>;

/** A tree with Kconfig files, Linux or BusyBox, and the configuration that its own conf made of what was asked for. */
export interface ConfiguredTree {
  readonly name: 'kernel' | 'emulator-kernel' | 'busybox';
  readonly version: string | undefined;
  /** The unpacked source, read-only. */
  readonly tree: string;
  /** `O=` of its make, where `.config` is. */
  readonly objDir: string;
  /** The beginning of every call of its make. */
  readonly make: readonly [string, ...string[]];
  /** What becomes of a symbol that nobody asked for: n as with allnoconfig, or its default. */
  readonly unset: 'n' | 'default';
  /** The base configuration, after the profile's `modules:` was applied; empty for allnoconfig. */
  readonly base: string;
  /** The lines of the base, where it is a file of the user's, before `modules:` was applied; else none. */
  readonly baseLines: readonly SymbolLine[];
  /** The profile's policy for the base's =m symbols. */
  readonly modules: 'keep' | 'builtin' | 'drop';
  readonly requests: ReadonlyMap<string, Request>;
  /** Base and requests together, as conf got them. */
  readonly merged: string;
  /** The final .config. */
  readonly text: string;
  /** Symbols that have to be set in it. */
  readonly required: readonly RequiredSymbol[];
  /**
   * Runs the tree's own conf on other base and requests and gives the final .config. It works in `objDir`,
   * so one call at a time.
   */
  readonly configure: (merged: string) => Promise<string>;
}
