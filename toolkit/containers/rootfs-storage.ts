import { describeRange, inVersionRange } from '../base/compare-versions.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import type { ProblemList } from './problem-list.ts';
import { storageName } from './storage-types.ts';

/** Where the changes of an overlay lie that has no place of its own: in memory, until the device restarts. */
const VOLATILE = '/run/lxc-overlay';

type Named = Pick<ContainerDefinition, 'name' | 'rootfs'>;

/**
 * What a configuration says the root filesystem is. A directory is written bare: what stands before a colon would be a
 * storage type, and 1.1 cannot mount what has a "dir:" before it.
 */
export function rootfsStorage({ name, rootfs }: Named, lxcVersion: string): string {
  if (rootfs.overlay === undefined) return rootfs.path;
  const type = storageName('overlay', lxcVersion);
  return `${typeof type === 'string' ? type : 'overlay'}:${rootfs.path}:${rootfs.overlay.upper ?? volatileUpper(name)}`;
}

/** Lower and upper directory of an overlay, as `rootfsStorage` writes it; undefined for everything else. */
export function readOverlay(
  value: string,
  name: string,
): { readonly path: string; readonly upper: string | undefined } | undefined {
  const [, path, upper] = /^overlay(?:fs)?:(\/[^:]+):(\/[^:]+)$/.exec(value) ?? [];
  if (path === undefined || upper === undefined) return undefined;
  return { path, upper: upper === volatileUpper(name) ? undefined : upper };
}

/** LXC makes a work directory beside the upper one: each container needs a parent for itself. */
function volatileUpper(name: string): string {
  return `${VOLATILE}/${name}/upper`;
}

/** Earlier releases bind the directory and leave its options out (dir_mount(), lxc/lxc#1702). */
const READONLY_DIRECTORIES = { since: '2.0.9' };

/** Checks that LXC does what is asked of the root filesystem. */
export function checkRootfs({ name, rootfs }: Named, lxcVersion: string, problems: ProblemList): void {
  const { readonly, image, overlay, path } = rootfs;
  if (readonly && image === undefined && !inVersionRange(lxcVersion, READONLY_DIRECTORIES)) {
    problems.error(
      ['rootfs', 'readonly'],
      `${name}: LXC ${lxcVersion} leaves a directory writable all the same; ${describeRange(READONLY_DIRECTORIES)} do not`,
      'add "image: squashfs" to its rootfs, which nobody can write',
    );
  }
  const upper = overlay?.upper;
  if (upper !== undefined && (isWithin(upper, path) || isWithin(path, upper))) {
    problems.error(
      ['rootfs', 'overlay', 'upper'],
      `${name}: the changes of an overlay must lie beside its root filesystem ${path}, not around it or in it`,
      `give it a directory of its own, such as /data/${name}/upper`,
    );
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
