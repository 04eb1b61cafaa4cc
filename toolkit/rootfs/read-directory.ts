import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from './blob-store.ts';
import type { RootfsEntry } from './manifest.ts';

/**
 * The entries of a directory on the host, as they go into the rootfs: all owned by root. Group and others cannot write,
 * whatever the umask of the checkout was, so that the same files give the same image everywhere.
 */
export async function readDirectory(dir: string, blobs: BlobStore, prefix = ''): Promise<RootfsEntry[]> {
  const entries: RootfsEntry[] = [];
  for (const name of (await readdir(dir)).sort()) {
    const file = join(dir, name);
    const path = `${prefix}/${name}`;
    const stat = await lstat(file);
    const base = { path, mode: stat.mode & 0o7755, uid: 0, gid: 0 };
    if (stat.isDirectory()) {
      entries.push({ ...base, type: 'dir' }, ...(await readDirectory(file, blobs, path)));
    } else if (stat.isSymbolicLink()) {
      entries.push({ ...base, mode: 0o777, type: 'symlink', target: await readlink(file) });
    } else if (stat.isFile()) {
      entries.push({ ...base, type: 'file', ...(await blobs.addFile(file, stat.size)) });
    } else if (stat.isFIFO()) {
      entries.push({ ...base, type: 'fifo' });
    } else if (stat.isCharacterDevice() || stat.isBlockDevice()) {
      const [major, minor] = deviceNumbers(stat.rdev);
      entries.push({ ...base, type: stat.isBlockDevice() ? 'block' : 'char', major, minor });
    }
  }
  return entries;
}

/** Splits a device number as glibc's gnu_dev_major and gnu_dev_minor do. */
function deviceNumbers(rdev: number): [major: number, minor: number] {
  return [(rdev >>> 8) & 0xfff, (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)];
}
