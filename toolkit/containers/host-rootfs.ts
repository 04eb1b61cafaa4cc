import { posix } from 'node:path';
import type { RootfsEntry } from '../rootfs/manifest.ts';

export interface RootfsNode {
  readonly path: string;
  readonly type: RootfsEntry['type'];
  /** The target of a symlink, as written in the link. */
  readonly target?: string;
  /** The permission bits, if known. */
  readonly mode?: number;
  /** The size of a file, if known. */
  readonly sizeBytes?: number;
}

/** The view of a root filesystem that containers need. Paths are absolute and have no trailing slash. */
export interface HostRootfs {
  /** Returns the node of a path with every symlink followed; undefined when there is none. */
  lookup(path: string): RootfsNode | undefined;
  /** Returns the node at a path itself, without following any symlink. */
  entryAt(path: string): RootfsNode | undefined;
  paths(): Iterable<string>;
  nodes(): Iterable<RootfsNode>;
}

/** The kernel's limit (MAXSYMLINKS). */
const MAX_SYMLINKS = 40;

/** The view of a root filesystem that containers need. */
export function hostRootfsOf(entries: Iterable<RootfsNode>): HostRootfs {
  const nodes = new Map<string, RootfsNode>([['/', { path: '/', type: 'dir' }]]);
  for (const node of entries) nodes.set(node.path, node);

  function follow(path: string, symlinksLeft: number): RootfsNode | undefined {
    let at = '/';
    const parts = path.split('/').filter((part) => part !== '');
    for (const [i, part] of parts.entries()) {
      const node = nodes.get(posix.join(at, part));
      if (node === undefined) return undefined;
      if (node.type === 'symlink') {
        if (symlinksLeft === 0) return undefined;
        const rest = parts.slice(i + 1);
        return follow(posix.resolve(at, node.target ?? '', ...rest), symlinksLeft - 1);
      }
      at = node.path;
    }
    return nodes.get(at);
  }

  return {
    lookup: (path) => follow(posix.resolve('/', path), MAX_SYMLINKS),
    entryAt: (path) => nodes.get(path),
    paths: () => nodes.keys(),
    nodes: () => nodes.values(),
  };
}

/** Returns the names in a directory, for suggestions. */
export function namesIn(rootfs: HostRootfs, directory: string): string[] {
  const names: string[] = [];
  for (const path of rootfs.paths()) {
    if (path !== '/' && posix.dirname(path) === directory) names.push(posix.basename(path));
  }
  return names;
}
