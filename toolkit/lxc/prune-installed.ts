import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { walkTree } from '../host/walk-tree.ts';
import { unusedLxcFiles } from './recipes.ts';

/** Takes what the device does not use out of an installed LXC: headers, static libraries, documentation, unused helpers. */
export async function pruneInstalled(root: string): Promise<void> {
  for (const { name, path } of await walkTree(root)) {
    if (isUnused(`/${name}`)) await rm(path, { recursive: true, force: true });
  }
  await removeEmptyDirectories(root);
}

function isUnused(path: string): boolean {
  if (/\/(?:include|pkgconfig)$|\.l?a$/.test(path)) return true;
  return unusedLxcFiles.some((unused) =>
    unused.startsWith('/')
      ? path === unused
      : basename(path) === unused ||
        basename(path).startsWith(`${unused}.`) ||
        basename(path).startsWith(`${unused}-`),
  );
}

/** Directories that LXC needs though nothing is in them. */
const KEPT_EMPTY = /\/(?:rootfs|lxc|templates|config|common\.conf\.d)$/;

async function removeEmptyDirectories(root: string): Promise<void> {
  // Backwards: what is in a directory before the directory itself.
  for (const { name, path, stat } of (await walkTree(root)).reverse()) {
    if (!stat.isDirectory() || KEPT_EMPTY.test(`/${name}`)) continue;
    if ((await readdir(path)).length === 0) await rmdir(path);
  }
}
