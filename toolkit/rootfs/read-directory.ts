import { readlinkSync } from 'node:fs';
import { walkTree } from '../host/walk-tree.ts';
import type { BlobStore } from './blob-store.ts';
import type { RootfsEntry } from './manifest.ts';

/**
 * Returns the entries of a host directory for the rootfs: all owned by root and not writable by group or others, because
 * that depends on the umask of a checkout. A file that only its owner may read stays so. Sockets are left out.
 */
export async function readDirectory(
  dir: string,
  blobs: BlobStore,
  prefix = '',
  signal?: AbortSignal,
): Promise<RootfsEntry[]> {
  const entries: RootfsEntry[] = [];
  for (const { name, path: file, stat } of await walkTree(dir)) {
    signal?.throwIfAborted();
    const base = { path: `${prefix}/${name}`, mode: stat.mode & 0o7755, uid: 0, gid: 0 };
    if (stat.isDirectory()) {
      entries.push({ ...base, type: 'dir' });
    } else if (stat.isSymbolicLink()) {
      entries.push({ ...base, mode: 0o777, type: 'symlink', target: readlinkSync(file) });
    } else if (stat.isFile()) {
      const { source, offset, sizeBytes, sha256 } = await blobs.addFile(file);
      const { path, mode } = base;
      // Every key by name: a spread gives each object its own shape, which needs more memory than the content.
      entries.push({ path, mode, uid: 0, gid: 0, type: 'file', source, offset, sizeBytes, sha256 });
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
