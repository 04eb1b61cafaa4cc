import { constants, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GiveWay } from './give-way.ts';

/**
 * The part of `Stats` that a walk keeps. Each `Stats` has four dates and a hidden class of its own: a kilobyte, times
 * fifty thousand files.
 */
export class ItemState {
  /** Type and permission bits. */
  readonly mode: number;
  readonly sizeBytes: number;
  /** The device of a special file. */
  readonly rdev: number;

  constructor({ mode, size, rdev }: { readonly mode: number; readonly size: number; readonly rdev: number }) {
    this.mode = mode;
    this.sizeBytes = size;
    this.rdev = rdev;
  }

  isFile(): boolean {
    return this.#is(constants.S_IFREG);
  }

  isDirectory(): boolean {
    return this.#is(constants.S_IFDIR);
  }

  isSymbolicLink(): boolean {
    return this.#is(constants.S_IFLNK);
  }

  isFIFO(): boolean {
    return this.#is(constants.S_IFIFO);
  }

  isCharacterDevice(): boolean {
    return this.#is(constants.S_IFCHR);
  }

  isBlockDevice(): boolean {
    return this.#is(constants.S_IFBLK);
  }

  #is(type: number): boolean {
    return (this.mode & constants.S_IFMT) === type;
  }
}

/** A file, folder or link below a directory. */
export interface TreeItem {
  /** Relative to the directory. */
  readonly name: string;
  readonly path: string;
  /** The state of the item itself: a link is not followed. */
  readonly stat: ItemState;
}

/**
 * Everything below a directory, each folder before its contents, ordered by name. Links are not followed:
 * `readdir` with `recursive` does that, and leads out of the tree to the files of the host.
 */
export async function walkTree(dir: string): Promise<TreeItem[]> {
  const items: TreeItem[] = [];
  const way = new GiveWay();
  // A list instead of recursion: a tree may be deeper than the stack. The next item is the last of the list.
  const open = namesOf(dir, '');
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const path = join(dir, name);
    const stat = new ItemState(lstatSync(path));
    items.push({ name, path, stat });
    if (stat.isDirectory()) for (const child of namesOf(path, `${name}/`)) open.push(child);
    if (way.due()) await way.rest();
  }
  return items;
}

/** The names in a folder, in reverse order. */
function namesOf(dir: string, prefix: string): string[] {
  return readdirSync(dir)
    .sort()
    .reverse()
    .map((name) => `${prefix}${name}`);
}
