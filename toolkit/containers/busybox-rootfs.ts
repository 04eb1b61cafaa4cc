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

/** The directories that ordinary programs expect, with their modes; those above one of them have 0755. */
const DIRECTORIES: Readonly<Record<string, number>> = {
  '/bin': 0o755,
  '/sbin': 0o755,
  '/usr/bin': 0o755,
  '/usr/sbin': 0o755,
  '/dev': 0o755,
  '/proc': 0o755,
  '/sys': 0o755,
  '/run': 0o755,
  '/mnt': 0o755,
  '/home': 0o755,
  '/root': 0o700,
  '/tmp': 0o1777,
  '/var/cache': 0o755,
  // udhcpd's leases.
  '/var/lib/misc': 0o755,
  '/var/log': 0o755,
  '/var/mail': 0o755,
  '/var/spool/cron/crontabs': 0o755,
  '/var/tmp': 0o1777,
  '/var/www': 0o755,
};

/** The folders of `rootfs-skeleton` with the files of these containers. */
export const SKELETON_FOLDERS = [
  { root: 'container', folder: 'etc' },
  // The script of udhcpc is that of the device.
  { root: 'base', folder: 'usr/share/udhcpc' },
] as const;

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
  for (const [path, mode] of Object.entries(DIRECTORIES)) addDirectory(path, mode);
  add({ type: 'symlink', path: '/var/run', mode: 0o777, ...owner, target: '../run' });
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

/** Returns the files of the skeleton; those that end in `.hbs` are filled in. */
async function skeletonFiles({
  name,
  hostname,
  tty = 0,
}: ContainerDefinition): Promise<{ path: string; content: string }[]> {
  // LXC uses these names in /dev, whatever lxc.tty.dir is.
  const terminals = Array.from({ length: tty }, (_, index) => `tty${index + 1}`);
  const files = (await Promise.all(SKELETON_FOLDERS.map(listFiles))).flat();
  return Promise.all(
    files.map(async ({ file, path }) => {
      const text = await readFile(file, 'utf8');
      if (!path.endsWith('.hbs')) return { path, content: text };
      return {
        path: path.slice(0, -'.hbs'.length),
        content: await renderTemplate(text, { name, hostname, terminals }),
      };
    }),
  );
}

/** Lists the files of a folder of the skeleton, with their paths in the container. */
async function listFiles({
  root,
  folder,
}: (typeof SKELETON_FOLDERS)[number]): Promise<{ file: string; path: string }[]> {
  const rootDir = shippedPath('rootfs-skeleton', root);
  const found = await readdir(posix.join(rootDir, folder), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ file, path: file.slice(rootDir.length) }));
}
