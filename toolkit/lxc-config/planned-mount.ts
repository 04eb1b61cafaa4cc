import type { PropertyPath } from '../lxc-keys/problem-list.ts';

/** One mount entry and the mount point it needs. */
export interface PlannedMount {
  /** The path in the container. */
  readonly target: string;
  /** The path on the device that is bound there; undefined for other file systems. */
  readonly source: string | undefined;
  readonly fsType: string;
  readonly options: readonly string[];
  /** The value of lxc.mount.entry. */
  readonly entry: string;
  readonly path: PropertyPath;
  /** The mount point that the container's rootfs must have; undefined when another mount or LXC provides it. */
  readonly mountPoint: 'dir' | 'file' | undefined;
}
