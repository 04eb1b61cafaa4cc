import { posix } from 'node:path';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { RootfsEntry } from '../rootfs/manifest.ts';
import { automaticMountTargets } from './automatic-mounts.ts';
import type { HostRootfs } from './host-rootfs.ts';
import type { PlannedMount } from './mount-plan.ts';
import type { ProblemList } from './problem-list.ts';

/** An entry that a container adds to the device's root filesystem. */
export type ContainerEntry =
  | Exclude<RootfsEntry, { type: 'file' }>
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      /** The text, or the file of the device's root filesystem that is copied. */
      readonly content: string | { readonly from: string };
    };

/** Directories that every container needs for what LXC or its programs mount there. */
const STANDARD_DIRECTORIES = ['/dev', '/proc', '/sys', '/tmp'];

/** With `autodev: false` /dev lies in the rootfs itself. */
const PLAIN_DEV_DIRECTORIES = ['/dev/pts', '/dev/shm'];

const STICKY_DIRECTORIES = ['/tmp', '/dev/shm'];

/**
 * Entries in the container's root filesystem for the mounts of its configuration, and for those that LXC makes by
 * itself, as far as `inner` lacks them.
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
  // Where /sys is not mounted the directory is the rootfs's own.
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

/** The directory of the container's root filesystem, its configuration, and the way LXC finds that. */
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
        // 0755 and not the 0770 of lxc-create: nothing in it is secret, the container's files lie elsewhere, and
        // with a user namespace the container's root has to get through.
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

/** Where a container's LXC configuration is installed. */
export function configPathOf(rootfsPath: string): string {
  return `${rootfsPath}.conf`;
}

/** Who root of the container is on the device: with id maps not 0, and its files have to belong to that number. */
export function rootInside({ idmap }: Pick<ContainerDefinition, 'idmap'>): {
  readonly uid: number;
  readonly gid: number;
} {
  return { uid: idOnDevice(idmap, 'uid', 0), gid: idOnDevice(idmap, 'gid', 0) };
}

/** The number on the device of a user or group of the container; one that is not mapped stays as it is. */
export function idOnDevice(idmap: ContainerDefinition['idmap'], kind: 'uid' | 'gid', id: number): number {
  const map = idmap.find((one) => one.kind === kind && id >= one.container && id < one.container + one.count);
  return map === undefined ? id : map.host + (id - map.container);
}

/** `/a/b/c` has the parents `/a` and `/a/b`; the root is everybody's. */
function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

function directoryMode(path: string): number {
  return STICKY_DIRECTORIES.includes(path) ? 0o1777 : 0o755;
}
