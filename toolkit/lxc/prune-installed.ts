import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { unusedLxcFiles } from './recipes.ts';

/** Takes what the device does not use out of an installed LXC: headers, static libraries, documentation, unused helpers. */
export async function pruneInstalled(root: string): Promise<void> {
  for (const name of await readdir(root, { recursive: true })) {
    if (isUnused(`/${name}`)) await rm(join(root, name), { recursive: true, force: true });
  }
  await removeEmptyParents(root, root);
}

function isUnused(path: string): boolean {
  if (/\/(?:include|pkgconfig)$|\.l?a$/.test(path)) return true;
  return unusedLxcFiles.some((unused) =>
    unused.startsWith('/') ? path === unused : basename(path) === unused || basename(path).startsWith(`${unused}.`) || basename(path).startsWith(`${unused}-`),
  );
}

/** Directories that LXC needs though nothing is in them. */
const KEPT_EMPTY = /\/(?:rootfs|lxc|templates|config|common\.conf\.d)$/;

async function removeEmptyParents(dir: string, root: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    if ((await lstat(path)).isDirectory()) await removeEmptyParents(path, root);
  }
  if (dir !== root && !KEPT_EMPTY.test(dir) && (await readdir(dir)).length === 0) await rmdir(dir);
}
