import { posix } from 'node:path';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { RootfsEntry } from '../rootfs/manifest.ts';
import { rootInside } from '../lxc-keys/own-ids.ts';
import { automaticMountTargets } from '../lxc-config/automatic-mounts.ts';
import type { HostRootfs } from './host-rootfs.ts';
import type { PlannedMount } from '../lxc-config/planned-mount.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';

/** An entry that a container adds to the device's root filesystem. */
export type ContainerEntry =
  | Exclude<RootfsEntry, { type: 'file' }>
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      /** The text, or the file of the device's root filesystem to copy. */
      readonly content: string | { readonly from: string };
    };

/** Directories that every container needs as mount points for LXC or its programs. */
const STANDARD_DIRECTORIES = ['/dev', '/proc', '/sys', '/tmp'];

/** With `autodev: false`, /dev is a directory of the rootfs. */
const PLAIN_DEV_DIRECTORIES = ['/dev/pts', '/dev/shm'];

const STICKY_DIRECTORIES = ['/tmp', '/dev/shm'];

/**
 * Returns the entries that the container's root filesystem needs for the mounts of its configuration and LXC's own
 * mounts, except those that `inner` has.
 */
export function mountPointEntries(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  inner: HostRootfs,
  ownMountPoints: readonly string[] = [],
): ContainerEntry[] {
  const types = new Map<string, 'dir' | 'file'>();
  function add(path: string, type: 'dir' | 'file'): void {
    for (const parent of parentsOf(path)) types.set(parent, 'dir');
    types.set(path, type);
  }
  for (const path of STANDARD_DIRECTORIES) add(path, 'dir');
  if (!container.autodev) for (const path of PLAIN_DEV_DIRECTORIES) add(path, 'dir');
  // If /sys is not mounted, the directory is one of the rootfs.
  for (const path of automaticMountTargets(container.auto)) add(path, 'dir');
  for (const path of ownMountPoints) add(path, 'file');
  for (const { target, mountPoint } of mounts) if (mountPoint !== undefined) add(target, mountPoint);
  const owner = rootInside(container);
  return [...types]
    .filter(([path]) => inner.entryAt(path) === undefined)
    .map(([path, type]) => {
      const at = { path: posix.join(container.rootfs.path, path), ...owner };
      return type === 'dir'
        ? { type, ...at, mode: directoryMode(path) }
        : { type, ...at, mode: 0o644, content: '' };
    });
}

/** Returns the entries for the container's root directory, its configuration, and LXC's link to that. */
export function placeEntries(
  container: ContainerDefinition,
  configText: string,
  { lxcPath, host }: { readonly lxcPath: string; readonly host: HostRootfs },
  problems: ProblemList,
): ContainerEntry[] {
  const { name, rootfs } = container;
  const configPath = configPathOf(rootfs.path);
  const lxcDirectory = posix.join(lxcPath, name);
  const rootOwner = { uid: 0, gid: 0 };
  const entries: ContainerEntry[] = [];
  for (const [path, property] of [
    [rootfs.path, ['rootfs', 'path']],
    [lxcDirectory, []],
  ] as const) {
    for (const at of [...parentsOf(path), path]) {
      const there = host.entryAt(at);
      if (there === undefined) {
        const owner = at === rootfs.path ? rootInside(container) : rootOwner;
        // 0755 instead of the 0770 of lxc-create: nothing in it is secret, the container's files are elsewhere, and
        // in a user namespace the container's root must be able to pass through.
        entries.push({ type: 'dir', path: at, mode: 0o755, ...owner });
      } else if (there.type !== 'dir') {
        const what =
          there.type === 'symlink' ? `a symlink to ${there.target ?? 'another path'}` : `a ${there.type}`;
        problems.error(
          property,
          `${name}: ${at} must be a directory for ${path}, but is ${what} in the root filesystem`,
        );
        break;
      }
    }
  }
  return [
    ...entries,
    { type: 'file', path: configPath, mode: 0o644, ...rootOwner, content: configText },
    {
      type: 'symlink',
      path: posix.join(lxcDirectory, 'config'),
      mode: 0o777,
      ...rootOwner,
      target: configPath,
    },
  ];
}

/** Returns the path of a container's LXC configuration on the device. */
export function configPathOf(rootfsPath: string): string {
  return `${rootfsPath}.conf`;
}

/** Returns the parents of a path without the root: `/a` and `/a/b` for `/a/b/c`. */
function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

function directoryMode(path: string): number {
  return STICKY_DIRECTORIES.includes(path) ? 0o1777 : 0o755;
}
