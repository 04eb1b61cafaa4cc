import type { RootfsTree } from './rootfs-tree.ts';

/** setuid and setgid. On a directory setgid only decides the group of new files, so it stays. */
const SETID = 0o6000;

/** A file that would have run with another user's or group's rights. */
export interface DroppedSetid {
  readonly path: string;
  /** Its mode before: 0o4755. */
  readonly mode: number;
}

/** Takes setuid and setgid from every file of a tree. Returns those that had it, sorted by path. */
export function dropSetuid(tree: RootfsTree): DroppedSetid[] {
  return tree.entries().flatMap((entry) => {
    if (entry.type !== 'file' || (entry.mode & SETID) === 0) return [];
    tree.put({ ...entry, mode: entry.mode & ~SETID });
    return [{ path: entry.path, mode: entry.mode }];
  });
}
