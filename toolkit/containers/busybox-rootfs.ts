import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { shippedPath } from '../base/package-root.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { rootInside } from '../lxc-keys/own-ids.ts';
import type { ContainerEntry } from './container-entries.ts';
import type { HostRootfs } from './host-rootfs.ts';
import { renderTemplate } from '../base/render-template.ts';

/** The path of BusyBox, on the device and in the container. */
export const BUSYBOX = '/bin/busybox';

/** Files of the skeleton that only root may read. */
const SECRET_FILES: ReadonlySet<string> = new Set(['/etc/shadow']);

const DIRECTORIES = [
  '/bin',
  '/sbin',
  '/usr',
  '/usr/bin',
  '/usr/sbin',
  '/dev',
  '/proc',
  '/sys',
  '/run',
  '/var',
];

/**
 * Returns the root filesystem of a container that runs its own copy of the device's BusyBox.
 *
 * @param applets The paths of the applets' links: `/bin/ls`, `/sbin/init`. `busyboxApplets` finds the device's.
 */
export async function busyboxRootfs(
  container: ContainerDefinition,
  applets: readonly string[],
): Promise<ContainerEntry[]> {
  const owner = rootInside(container);
  const entries = new Map<string, ContainerEntry>();
  const add = (entry: ContainerEntry): void => {
    entries.set(entry.path, { ...entry, path: posix.join(container.rootfs.path, entry.path) });
  };
  const addDirectory = (path: string, mode: number): void => {
    if (path === '/' || entries.has(path)) return;
    addDirectory(posix.dirname(path), 0o755);
    add({ type: 'dir', path, mode, ...owner });
  };
  for (const path of DIRECTORIES) addDirectory(path, 0o755);
  addDirectory('/root', 0o700);
  addDirectory('/tmp', 0o1777);
  add({ type: 'file', path: BUSYBOX, mode: 0o755, ...owner, content: { from: BUSYBOX } });
  for (const path of new Set(['/bin/sh', '/sbin/init', ...applets])) {
    addDirectory(posix.dirname(path), 0o755);
    add({
      type: 'symlink',
      path,
      mode: 0o777,
      ...owner,
      target: posix.relative(posix.dirname(path), BUSYBOX),
    });
  }
  for (const file of await skeletonFiles(container)) {
    addDirectory(posix.dirname(file.path), 0o755);
    // Do not read the executable bit from disk: a package manager or an archive may have dropped it.
    const mode = SECRET_FILES.has(file.path) ? 0o600 : file.content.startsWith('#!') ? 0o755 : 0o644;
    add({ type: 'file', ...file, mode, ...owner });
  }
  return [...entries.values()];
}

/** Returns the paths of the device's links to its BusyBox. */
export function busyboxApplets(host: HostRootfs): string[] {
  const busybox = host.lookup(BUSYBOX);
  if (busybox === undefined) return [];
  return [...host.paths()]
    .filter(
      (path) =>
        /^\/(usr\/)?s?bin\/[^/]+$/.test(path) && path !== BUSYBOX && host.entryAt(path)?.type === 'symlink',
    )
    .filter((path) => host.lookup(path)?.path === busybox.path)
    .sort();
}

/** Returns the files of `rootfs-skeleton/container/etc`; those that end in `.hbs` are filled in. */
async function skeletonFiles({
  name,
  hostname,
  tty = 0,
}: ContainerDefinition): Promise<{ path: string; content: string }[]> {
  // LXC uses these names in /dev, whatever lxc.tty.dir is.
  const terminals = Array.from({ length: tty }, (_, index) => `tty${index + 1}`);
  const folder = shippedPath('rootfs-skeleton', 'container');
  const found = await readdir(posix.join(folder, 'etc'), { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => {
      const text = await readFile(file, 'utf8');
      const path = file.slice(folder.length);
      if (!path.endsWith('.hbs')) return { path, content: text };
      return {
        path: path.slice(0, -'.hbs'.length),
        content: await renderTemplate(text, { name, hostname, terminals }),
      };
    }),
  );
}
