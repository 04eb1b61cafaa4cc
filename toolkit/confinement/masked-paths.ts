import type { ContainerDefinition } from '../board/container-schema.ts';
import { automaticMounts } from '../lxc-config/automatic-mounts.ts';

interface MaskedPath {
  readonly path: string;
  /** A file is covered by /dev/null, a directory by an empty file system that is read-only. */
  readonly is: 'file' | 'dir';
}

/**
 * The paths in /proc and /sys that containers do not see by default: kernel memory, keys, buses, firmware, timers of all
 * processes. After Docker's list of masked paths, and PCI. To mask one more, add a row.
 */
export const maskedPaths: readonly MaskedPath[] = [
  { path: '/proc/acpi', is: 'dir' },
  { path: '/proc/asound', is: 'dir' },
  { path: '/proc/bus', is: 'dir' },
  { path: '/proc/kcore', is: 'file' },
  { path: '/proc/keys', is: 'file' },
  { path: '/proc/kmsg', is: 'file' },
  { path: '/proc/latency_stats', is: 'file' },
  { path: '/proc/sched_debug', is: 'file' },
  { path: '/proc/scsi', is: 'dir' },
  { path: '/proc/sysrq-trigger', is: 'file' },
  { path: '/proc/timer_list', is: 'file' },
  { path: '/proc/timer_stats', is: 'file' },
  { path: '/sys/bus/pci', is: 'dir' },
  { path: '/sys/firmware', is: 'dir' },
  { path: '/sys/kernel/debug', is: 'dir' },
];

/** Returns the paths of a definition that are masked in it: only those in a /proc or /sys that LXC mounts. */
export function maskedIn(container: ContainerDefinition, wanted: readonly string[]): readonly MaskedPath[] {
  const words = automaticMounts(container);
  return wanted.flatMap((path) => {
    const top = /^\/(proc|sys)\//.exec(path)?.[1];
    if (top === undefined || !words.some((word) => word.startsWith(top))) return [];
    return maskedPaths.find((row) => row.path === path) ?? { path, is: 'file' as const };
  });
}

/** Returns a definition with mounts over its masked paths, each only where the kernel has the path. */
export function withMasks(container: ContainerDefinition, paths: readonly MaskedPath[]): ContainerDefinition {
  const taken = [...container.bind, ...container.mounts].map(({ to }) => to);
  const masks = paths
    .filter(({ path }) => !taken.includes(path))
    .map(({ path, is }): ContainerDefinition['mounts'][number] =>
      is === 'file'
        ? { type: 'none', from: '/dev/null', to: path, options: ['bind', 'optional'] }
        : { type: 'tmpfs', to: path, options: ['ro', 'nosuid', 'nodev', 'noexec', 'optional'] },
    );
  return { ...container, mounts: [...container.mounts, ...masks] };
}
