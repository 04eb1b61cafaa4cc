import { constants, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GiveWay } from './give-way.ts';

/**
 * What a walk keeps of the state of a thing. `Stats` have four dates and a shape of their own each: a kilobyte, of which
 * a tree of fifty thousand files has as many.
 */
export class ItemState {
  /** Type and permission bits. */
  readonly mode: number;
  readonly sizeBytes: number;
  /** The device that a special file stands for. */
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

/** Something below a directory. */
export interface TreeItem {
  /** Relative to the directory. */
  readonly name: string;
  readonly path: string;
  /** Of the thing itself: a link is not followed. */
  readonly stat: ItemState;
}

/**
 * Everything below a directory, each folder before what is in it, in the order of names. Links are not followed:
 * `readdir` with `recursive` does that, and leads out of the tree to the files of the host.
 */
export async function walkTree(dir: string): Promise<TreeItem[]> {
  const items: TreeItem[] = [];
  const way = new GiveWay();
  // A list and no recursion: a tree may be deeper than the stack. The next one is the last of the list.
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

/** The names in a folder, the last one first. */
function namesOf(dir: string, prefix: string): string[] {
  return readdirSync(dir)
    .sort()
    .reverse()
    .map((name) => `${prefix}${name}`);
}
