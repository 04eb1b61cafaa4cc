import { posix } from 'node:path';
import { shellWords } from '../base/shell-word.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { formatOf, type ImageFormat } from '../images/formats.ts';

type Rootfs = ContainerDefinition['rootfs'];

/** The directory of the containers' root filesystems, unless a definition says otherwise. */
export const CONTAINERS_DIR = '/opt/lxc';

/** Returns where the image of a container's root filesystem is on the device. */
export function containerImageFile({ path, image = 'squashfs' }: Pick<Rootfs, 'path' | 'image'>): string {
  return `${path}.${image}`;
}

/**
 * Returns the mode of `/opt/lxc`. LXC passes it with the ids of an unprivileged container, so that it must be passable
 * for others; without such a container only root passes.
 */
export function containersDirMode(containers: readonly ContainerDefinition[]): number {
  return containers.some((one) => mayBeUnprivileged(one) && isBelow(one.rootfs.path)) ? 0o711 : 0o700;
}

/**
 * Returns the arguments of `mount` for the root filesystems that the device mounts at boot: images, and directories in
 * which a privileged container could leave a setuid program or a device node for the users of the device.
 */
export function rootMounts(containers: readonly ContainerDefinition[]): string[] {
  const shielded = containersDirMode(containers) === 0o700;
  return containers.flatMap((container) => {
    const { rootfs } = container;
    const guards = guardsOf(container);
    if (rootfs.image !== undefined) {
      const readOnly = rootfs.readonly || isReadOnly(rootfs.image);
      const options = ['loop', ...(readOnly ? ['ro'] : []), ...guards];
      return [
        shellWords(['-t', rootfs.image, '-o', options.join(','), containerImageFile(rootfs), rootfs.path]),
      ];
    }
    if (isUnprivileged(container) || guards.length === 0 || (shielded && isBelow(rootfs.path))) return [];
    // The kernel takes the options of a bind mount only when that is mounted again.
    return [
      shellWords(['--bind', rootfs.path, rootfs.path]),
      shellWords(['-o', ['remount', 'bind', ...guards].join(','), rootfs.path]),
    ];
  });
}

/**
 * Returns the options that keep what a container writes from meaning something on the device. LXC binds the mount into
 * the container, so they hold there too: nosuid only where no program of the container needs setuid, nodev only where
 * its device nodes are in a /dev of LXC's.
 */
function guardsOf({
  rootfs,
  autodev,
  'no-new-privs': noNewPrivileges = false,
}: ContainerDefinition): string[] {
  const hasNoSetuid = rootfs.from === 'bind' || rootfs.from === 'busybox' || noNewPrivileges;
  return [...(hasNoSetuid ? ['nosuid'] : []), ...(autodev ? ['nodev'] : [])];
}

/** Its root is an ordinary user of the device, and a setuid program of it gives the rights of that user. */
function isUnprivileged({ idmap }: ContainerDefinition): boolean {
  return idmap.length > 0;
}

/** An included file or a raw line can bring the map. */
function mayBeUnprivileged(container: ContainerDefinition): boolean {
  const { include, raw } = container;
  return (
    isUnprivileged(container) || include.length > 0 || raw.some((line) => /^\s*lxc\.id_?map\b/.test(line))
  );
}

function isBelow(path: string): boolean {
  return posix.dirname(path) === CONTAINERS_DIR;
}

function isReadOnly(image: ImageFormat): boolean {
  const { boots } = formatOf(image);
  return boots?.kind === 'disk' && boots.readOnly;
}
