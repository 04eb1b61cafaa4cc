import type { RootfsManifest } from '../rootfs/manifest.ts';

/**
 * Asserts what every writer relies on: `/` comes first, paths are normalised and strictly ascending by their
 * bytes (so each is there once), and every parent is an earlier directory.
 * Throws a plain Error: a manifest that breaks this is a bug in lxc-kit, not the user's mistake.
 */
export function checkManifest(manifest: RootfsManifest): void {
  const directories = new Set<string>();
  let previous: string | undefined;
  for (const { path, type } of manifest.entries) {
    if (previous === undefined) {
      if (path !== '/' || type !== 'dir')
        throw new Error(`the manifest starts with ${type} ${path}, not with dir /`);
    } else {
      if (!/^(\/(?!\.\.?(\/|$))[^/\0]+)+$/.test(path))
        throw new Error(`manifest path ${JSON.stringify(path)} is not normalised`);
      if (Buffer.compare(Buffer.from(previous), Buffer.from(path)) >= 0) {
        throw new Error(`manifest is not sorted: ${path} comes after ${previous}`);
      }
      if (!directories.has(parentPath(path)))
        throw new Error(`${path} is in the manifest, but its parent directory is not`);
    }
    if (type === 'dir') directories.add(path);
    previous = path;
  }
  if (previous === undefined) throw new Error('the manifest is empty');
}

/** Returns the directory that a path is in: `/etc` for `/etc/passwd`, `/` for `/etc`. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Returns the last part of a path: `passwd` for `/etc/passwd`. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
