import { describeRange, inVersionRange } from '../base/compare-versions.ts';
import { shellWords } from '../base/shell-word.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { rootInside } from '../lxc-keys/own-ids.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';
import { storageName } from '../lxc-keys/storage-types.ts';

/** The folder for the changes of an overlay without `upper`: in memory, until the device restarts. */
const VOLATILE = '/run/lxc-overlay';

/**
 * The program that lays the overlay of an unprivileged container over its root filesystem before LXC starts it. LXC would
 * do that in the user namespace, where kernels before 5.11 refuse it, and later ones cannot mark a directory as replaced
 * (`trusted.overlay.opaque`, Documentation/filesystems/overlayfs.rst): making one again that was removed fails there.
 */
export const OVERLAY_HOOK = '/usr/share/lxc-kit/mount-overlay';

type Named = Pick<ContainerDefinition, 'name' | 'rootfs'>;
type Owned = Pick<ContainerDefinition, 'name' | 'rootfs' | 'idmap'>;

/**
 * Returns the value of the root filesystem's key. A directory is written without a storage type, because LXC 1.1 cannot
 * mount a path with the prefix "dir:".
 */
export function rootfsStorage({ name, rootfs, idmap }: Owned, lxcVersion: string): string {
  // With a size, the device mounts the overlay at boot.
  if (rootfs.overlay === undefined || rootfs.size !== undefined || idmap.length > 0) return rootfs.path;
  const type = storageName('overlay', lxcVersion);
  return `${typeof type === 'string' ? type : 'overlay'}:${rootfs.path}:${rootfs.overlay.upper ?? volatileUpper(name)}`;
}

/** Returns the pre-start hook that mounts the overlay of an unprivileged container; undefined for others. */
export function overlayHook({ name, rootfs, idmap }: Owned): string | undefined {
  if (rootfs.overlay === undefined || rootfs.size !== undefined || idmap.length === 0) return undefined;
  const { uid, gid } = rootInside({ idmap });
  const upper = rootfs.overlay.upper ?? volatileUpper(name);
  return shellWords([OVERLAY_HOOK, rootfs.path, upper, `${uid}:${gid}`]);
}

/** Reads the upper directory of a hook written by `overlayHook`; undefined for any other hook. */
export function readOverlayHook(
  value: string,
  name: string,
): { readonly upper: string | undefined } | undefined {
  const [program, , upper] = value.split(/\s+/);
  if (program !== OVERLAY_HOOK || upper === undefined) return undefined;
  return { upper: upper === volatileUpper(name) ? undefined : upper };
}

/** Reads the lower and upper directory of an overlay written by `rootfsStorage`; undefined for everything else. */
export function readOverlay(
  value: string,
  name: string,
): { readonly path: string; readonly upper: string | undefined } | undefined {
  const [, path, upper] = /^overlay(?:fs)?:(\/[^:]+):(\/[^:]+)$/.exec(value) ?? [];
  if (path === undefined || upper === undefined) return undefined;
  return { path, upper: upper === volatileUpper(name) ? undefined : upper };
}

/** Each container needs its own parent directory, because LXC makes a work directory beside the upper one. */
function volatileUpper(name: string): string {
  return `${VOLATILE}/${name}/upper`;
}

/** Earlier releases bind the directory without its options (dir_mount(), lxc/lxc#1702). */
const READONLY_DIRECTORIES = { since: '2.0.9' };

/** Checks that the LXC release supports the settings of the root filesystem. */
export function checkRootfs({ name, rootfs }: Named, lxcVersion: string, problems: ProblemList): void {
  const { readonly, image, overlay, path } = rootfs;
  if (readonly && image === undefined && !inVersionRange(lxcVersion, READONLY_DIRECTORIES)) {
    problems.error(
      ['rootfs', 'readonly'],
      `${name}: LXC ${lxcVersion} leaves a read-only directory writable; ${describeRange(READONLY_DIRECTORIES)} do not`,
      'add "image: squashfs" to its rootfs, which is always read-only',
    );
  }
  const upper = overlay?.upper;
  if (upper !== undefined && (isWithin(upper, path) || isWithin(path, upper))) {
    problems.error(
      ['rootfs', 'overlay', 'upper'],
      `${name}: the upper directory of an overlay must be outside its root filesystem ${path}, and must not contain it`,
      `use its own directory, such as /data/${name}/upper`,
    );
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
