import type { VersionRange } from '../base/compare-versions.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { CgroupLayout } from '../cgroups/layouts.ts';
import { mapsOf } from '../lxc-keys/id-map-lines.ts';

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
}

/**
 * How a definition comes to a measure: `asked` in so many words, `default` because it says nothing else, `declined` in so
 * many words.
 */
export type Wish = 'asked' | 'default' | 'declined';

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
}

/*
 * The kernel's side is from Kconfig and user_namespaces(7), LXC's from the first releases of the keys in
 * toolkit/lxc-keys/lxc-keys.ts. The stopped attempts were found by trying them as root in containers with and without.
 */
export const measures: readonly Measure[] = [
  {
    name: 'user-namespace',
    what: 'a user namespace',
    symbols: ['USER_NS'],
    kernel: { since: '3.8' },
    lxc: { since: '1.0.0' },
    stops: [
      'devices',
      'mounts',
      'remounts',
      'namespaces',
      'handles',
      'terminals',
      'proc-sys',
      'cgroups',
      'setuid',
      'modules',
      'time',
      'processes',
    ],
    without: 'its root is the root of the device',
    wish: (container) => {
      if (container.privileged === true) return 'declined';
      return container.privileged === false || (mapsOf(container).length > 0 && !container.givenIds)
        ? 'asked'
        : 'default';
    },
    key: 'privileged',
    decline: 'privileged: true',
    drop: (container) => ({ ...container, idmap: [], givenIds: false }),
  },
];

/** Returns all kernel symbols of the table, without `CONFIG_`. */
export function confiningSymbols(): string[] {
  return [...new Set(measures.flatMap(({ symbols }) => symbols))].sort();
}
