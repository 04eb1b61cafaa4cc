import type { ContainerDefinition } from '../board/container-schema.ts';
import { automaticMounts, automaticMountTargets } from '../lxc-config/automatic-mounts.ts';
import { checkTargetInBind, checkTargetInRootfs } from './check-mount-target.ts';
import type { HostRootfs } from './host-rootfs.ts';
import type { PlannedMount } from '../lxc-config/planned-mount.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';
import { createdType, wantedMounts, type WantedMount } from './wanted-mounts.ts';

/** The facts that a container is checked against. */
export interface MountContext {
  /** The device's own root filesystem. */
  readonly host: HostRootfs;
  /** The content of the container's root filesystem. */
  readonly inner: HostRootfs;
  readonly problems: ProblemList;
}

/** File systems that are empty when mounted, so that mount points in them must be created. */
export const EMPTY_FILE_SYSTEMS = ['tmpfs', 'ramfs'];

/**
 * Plans the mounts of a container, a mount before those below it. Reports what LXC notices only at the start: a bind
 * with a missing source, a target behind a symlink or of another type.
 */
export function planMounts(container: ContainerDefinition, context: MountContext): PlannedMount[] {
  const { name } = container;
  const planned: PlannedMount[] = [];
  for (const wanted of inMountOrder(wantedMounts(container, context.host, context.problems))) {
    if (wanted.target.split('/').includes('..')) {
      context.problems.error(
        wanted.path,
        `${name}: the mount target ${wanted.target} leads out of its root filesystem`,
      );
    } else if (planned.some(({ target }) => target === wanted.target)) {
      context.problems.error(
        wanted.path,
        `${name} mounts something on ${wanted.target} twice`,
        'remove one of the two',
      );
    } else {
      planned.push(planMount(wanted, container, planned, context));
    }
  }
  return planned;
}

/** Keeps the order of the definition, but moves a mount before those below it. */
function inMountOrder(wanted: readonly WantedMount[]): WantedMount[] {
  const ordered: WantedMount[] = [];
  for (const mount of wanted) {
    const firstBelow = ordered.findIndex(({ target }) => isBelow(target, mount.target));
    ordered.splice(firstBelow === -1 ? ordered.length : firstBelow, 0, mount);
  }
  return ordered;
}

function planMount(
  wanted: WantedMount,
  container: ContainerDefinition,
  earlier: readonly PlannedMount[],
  context: MountContext,
): PlannedMount {
  const { target, source, device, fsType, options, path } = wanted;
  const planned = { target, source, fsType, options, path };
  const above = earlier.findLast((mount) => isBelow(target, mount.target));
  if (
    above === undefined
      ? container.autodev && isBelow(target, '/dev')
      : EMPTY_FILE_SYSTEMS.includes(above.fsType)
  ) {
    const created =
      createdType(options) === undefined ? [...options, `create=${wanted.targetType}`] : options;
    return { ...planned, entry: mountEntry(device, target, fsType, created), mountPoint: undefined };
  }
  const entry = mountEntry(device, target, fsType, options);
  if (above?.source !== undefined) {
    checkTargetInBind(wanted, { from: above.source, to: above.target }, container.name, context);
  }
  if (
    above !== undefined ||
    automaticMountTargets(automaticMounts(container)).some((top) => isBelow(target, top))
  ) {
    return { ...planned, entry, mountPoint: undefined };
  }
  checkTargetInRootfs(wanted, container.name, context);
  return { ...planned, entry, mountPoint: wanted.targetType };
}

/** Returns a mount entry with a relative target. LXC skips an absolute one outside the rootfs with only a warning. */
function mountEntry(device: string, target: string, fsType: string, options: readonly string[]): string {
  return `${device} ${target.slice(1)} ${fsType} ${options.join(',')} 0 0`;
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}
