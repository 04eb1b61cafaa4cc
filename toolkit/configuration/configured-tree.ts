import type { StepContext } from '../engine/step.ts';
import type { RequiredSymbol } from '../kconfig/audit-config.ts';
import type { Request } from '../kconfig/merge-fragments.ts';
import type { SymbolLine } from '../kconfig/symbol-line.ts';

/** The parts of a step's context that configuring uses; commands that are not steps make their own. */
export type ConfigureContext = Pick<StepContext, 'workDir' | 'logFile' | 'emit' | 'signal'>;

/** A tree with Kconfig files, Linux or BusyBox, and the configuration that its own conf made from the requests. */
export interface ConfiguredTree {
  readonly name: 'kernel' | 'emulator-kernel' | 'busybox';
  readonly version: string | undefined;
  /** The unpacked source, read-only. */
  readonly tree: string;
  /** `O=` of its make, the directory with `.config`. */
  readonly objDir: string;
  /** The first words of every call of its make. */
  readonly make: readonly [string, ...string[]];
  /** The value of symbols without a request: n, as with allnoconfig, or their default. */
  readonly unset: 'n' | 'default';
  /** The base configuration after the profile's `modules:` was applied; empty for allnoconfig. */
  readonly base: string;
  /** The lines of the base before `modules:` was applied, when it is a file of the user's; else empty. */
  readonly baseLines: readonly SymbolLine[];
  /** The profile's policy for the =m symbols of the base. */
  readonly modules: 'keep' | 'builtin' | 'drop';
  readonly requests: ReadonlyMap<string, Request>;
  /** Base and requests together, the input of conf. */
  readonly merged: string;
  /** The final .config. */
  readonly text: string;
  /** Symbols that have to be set in it. */
  readonly required: readonly RequiredSymbol[];
  /**
   * Runs the tree's own conf on another base and other requests, and returns the final .config. It works in `objDir`,
   * so only one call at a time.
   */
  readonly configure: (merged: string) => Promise<string>;
}
