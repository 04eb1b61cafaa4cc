import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { walkTree } from '../host/walk-tree.ts';
import { helpers, keptConfigs, keptTemplates, unusedLxcFiles } from './installed-files.ts';

/**
 * Removes files that the device does not use from an installed LXC: headers, static libraries, documentation, files for
 * containers of distributions, and helpers that this release does not need.
 */
export async function pruneInstalled(root: string, neededHelpers: readonly string[]): Promise<void> {
  const unusedHelpers = helpers.map(({ name }) => name).filter((name) => !neededHelpers.includes(name));
  for (const { name, path } of await walkTree(root)) {
    if (isUnused(`/${name}`, unusedHelpers)) await rm(path, { recursive: true, force: true });
  }
  await removeEmptyDirectories(root);
}

function isUnused(path: string, unusedHelpers: readonly string[]): boolean {
  const name = basename(path);
  if (/\/(?:include|pkgconfig)$|\.l?a$/.test(path) || unusedHelpers.includes(name)) return true;
  const [, folder, entry = ''] = /\/share\/lxc\/(templates|config)\/([^/]+)/.exec(path) ?? [];
  if (folder === 'templates') return !keptTemplates.includes(entry);
  if (folder === 'config') return !keptConfigs.includes(entry);
  return unusedLxcFiles.some((unused) =>
    unused.startsWith('/')
      ? path.endsWith(unused)
      : name === unused || name.startsWith(`${unused}.`) || name.startsWith(`${unused}-`),
  );
}

/** Empty directories that LXC needs. */
const KEPT_EMPTY = /\/(?:rootfs|lxc|templates|config|common\.conf\.d)$/;

async function removeEmptyDirectories(root: string): Promise<void> {
  // In reverse order: the content of a directory before the directory itself.
  for (const { name, path, stat } of (await walkTree(root)).reverse()) {
    if (!stat.isDirectory() || KEPT_EMPTY.test(`/${name}`)) continue;
    if ((await readdir(path)).length === 0) await rmdir(path);
  }
}
