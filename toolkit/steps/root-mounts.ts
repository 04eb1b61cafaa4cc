import { posix } from 'node:path';
import { shellWords } from '../base/shell-word.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { BoardProfile } from '../board/schema.ts';
import { mapsOf } from '../lxc-keys/id-map-lines.ts';
import { formatOf, keepsChanges, type ImageFormat } from '../images/formats.ts';

type Rootfs = ContainerDefinition['rootfs'];

/** The directory of the containers' root filesystems, unless a definition says otherwise. */
export const CONTAINERS_DIR = '/opt/lxc';

/** The script of the root filesystem that limits what a container writes. */
const SIZED_ROOT = '/etc/init.d/sized-root';

/** One file for each 16 KiB, as mke2fs has it. */
const BYTES_PER_FILE = 16 * 1024;

/** Returns where the image of a container's root filesystem is on the device. */
export function containerImageFile({ path, image = 'squashfs' }: Pick<Rootfs, 'path' | 'image'>): string {
  return `${path}.${image}`;
}

/** A file system of the size that a container may write; the device unpacks it where its root keeps changes. */
export interface ChangesFile {
  /** The file system, compressed. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
}

/** Returns the file systems for what the containers of a board write. */
export function changesFiles({
  containers,
  images,
}: Pick<BoardProfile, 'containers' | 'images'>): ChangesFile[] {
  if (!keepsChanges(images)) return [];
  return containers.flatMap(({ rootfs }) => {
    const { path, size, image, overlay } = rootfs;
    // An overlay without "upper" is forgotten at a restart.
    return size === undefined || image === 'ext4' || overlay !== undefined
      ? []
      : [{ file: `${path}.changes.gz`, size }];
  });
}

/**
 * Returns the mode of `/opt/lxc`. LXC passes it with the ids of an unprivileged container, so that it must be passable
 * for others; without such a container only root passes.
 */
export function containersDirMode(containers: readonly ContainerDefinition[]): number {
  return containers.some((one) => mayBeUnprivileged(one) && isBelow(one.rootfs.path)) ? 0o711 : 0o700;
}

/**
 * Returns the commands for the root filesystems that the device mounts at boot: images, directories in which a
 * privileged container could leave a setuid program or a device node for the users of the device, and sizes.
 */
export function rootMounts(containers: readonly ContainerDefinition[]): string[] {
  const shielded = containersDirMode(containers) === 0o700;
  return containers.flatMap((container) => [
    ...imageCommands(container),
    ...(hasSizedOverlay(container)
      ? [sizeCommand(container)]
      : meansNothingOutside(container, shielded)
        ? []
        : guardCommands(container)),
  ]);
}

/** Whether users of the device do not reach the root filesystem, or get only the container's own ids from it. */
function meansNothingOutside(container: ContainerDefinition, shielded: boolean): boolean {
  return isBelow(container.rootfs.path)
    ? shielded || isUnprivileged(container)
    : isUnprivilegedEverywhere(container);
}

function imageCommands(container: ContainerDefinition): string[] {
  const { rootfs } = container;
  const { image, path } = rootfs;
  if (image === undefined) return [];
  const readOnly = rootfs.readonly || isReadOnly(image);
  const options = ['loop', ...(readOnly ? ['ro'] : []), ...guardsOf(container)];
  return [shellWords(['mount', '-t', image, '-o', options.join(','), containerImageFile(rootfs), path])];
}

/** The kernel takes the options of a bind mount only when that is mounted again. */
function guardCommands(container: ContainerDefinition): string[] {
  const { image, path } = container.rootfs;
  const guards = guardsOf(container);
  if (image !== undefined || guards.length === 0) return [];
  return [
    shellWords(['mount', '--bind', path, path]),
    shellWords(['mount', '-o', ['remount', 'bind', ...guards].join(','), path]),
  ];
}

function sizeCommand(container: ContainerDefinition): string {
  const { path, size = 0, overlay } = container.rootfs;
  const files = Math.max(64, Math.ceil(size / BYTES_PER_FILE));
  const kept = overlay === undefined ? [] : ['memory'];
  return shellWords([
    SIZED_ROOT,
    path,
    String(size),
    String(files),
    guardsOf(container).join(',') || 'rw',
    ...kept,
  ]);
}

/** With an ext4 image, the image has that size. */
function hasSizedOverlay({ rootfs }: ContainerDefinition): boolean {
  return rootfs.size !== undefined && rootfs.image !== 'ext4';
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
function isUnprivileged(container: ContainerDefinition): boolean {
  return mapsOf(container).length > 0;
}

/** A range that lxc-kit chose counts only where the kernel has user namespaces; then the whole board is privileged. */
function isUnprivilegedEverywhere(container: ContainerDefinition): boolean {
  return isUnprivileged(container) && (!container.givenIds || container.privileged === false);
}

/** An included file can bring the map. */
function mayBeUnprivileged(container: ContainerDefinition): boolean {
  return isUnprivileged(container) || container.include.length > 0;
}

function isBelow(path: string): boolean {
  return posix.dirname(path) === CONTAINERS_DIR;
}

function isReadOnly(image: ImageFormat): boolean {
  const { boots } = formatOf(image);
  return boots?.kind === 'disk' && boots.readOnly;
}
