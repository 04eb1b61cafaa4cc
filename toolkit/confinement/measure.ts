import type { VersionRange } from '../base/compare-versions.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { CgroupLayout } from '../cgroups/layouts.ts';

/** The kinds of attempts by root in a container against the device, and their names in messages. */
export const escapeClasses = {
  devices: 'device nodes',
  mounts: 'mounts of disks',
  remounts: 'read-only binds made writable',
  namespaces: "the device's own root directory",
  handles: 'files by their handles',
  terminals: "the device's terminals",
  'proc-sys': 'settings in /proc and /sys',
  cgroups: 'device rules and limits taken off',
  setuid: 'setuid files for users of the device',
  modules: 'kernel modules',
  time: 'the clock',
  processes: 'priorities and locked memory',
} as const;

export type EscapeClass = keyof typeof escapeClasses;

/** The parts of a device that confine containers. */
export interface ConfiningDevice {
  readonly kernelVersion: string;
  /** Whether the final configuration of the kernel has a symbol, given without `CONFIG_`. */
  readonly hasSymbol: (symbol: string) => boolean;
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
  /** Whether LXC was built with a library: `seccomp`. */
  readonly hasFeature: (feature: string) => boolean;
  /** The limits of containers without their own. */
  readonly limits: DefaultLimits;
}

/** The board's limits of a container; `none` for no limit. */
export interface DefaultLimits {
  readonly memory: string;
  readonly pids: number | 'none';
}

/**
 * How a definition comes to a measure: `asked` in so many words, `default` because it says nothing else, `declined` in so
 * many words, `own` when its raw lines or included files say something about it.
 */
export type Wish = 'asked' | 'default' | 'declined' | 'own';

/** One thing that keeps root in a container away from the device. */
export interface Measure {
  readonly name: string;
  /** The thing in messages: "a user namespace". */
  readonly what: string;
  /** The symbols that the kernel must have, without `CONFIG_`. */
  readonly symbols: readonly string[];
  /** The kernels that have it. */
  readonly kernel: VersionRange;
  /** The releases of LXC that have it. */
  readonly lxc: VersionRange;
  /** The attempts that stay open without it. */
  readonly stops: readonly EscapeClass[];
  /** The consequence of its absence, a sentence without a full stop. */
  readonly without: string;
  readonly wish: (container: ContainerDefinition) => Wish;
  /** The key of a definition that asks for it or declines it. */
  readonly key: keyof ContainerDefinition;
  /** How a definition declines it, as it is written. */
  readonly decline: string;
  /** Returns the definition as it is when the device does not have the measure. */
  readonly drop: (container: ContainerDefinition) => ContainerDefinition;
  /** Symbols needed on one of the cgroup versions only. */
  readonly layoutSymbols?: Readonly<Record<'v1' | 'v2', readonly string[]>>;
  /** Another reason why a device does not have it. */
  readonly lacks?: (device: ConfiningDevice) => string | undefined;
  /** Returns the definition with the measure, which it has by default. Without it the definition already has it. */
  readonly add?: (container: ContainerDefinition, device: ConfiningDevice) => ContainerDefinition;
}
