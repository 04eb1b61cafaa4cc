import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Something below a directory. */
export interface TreeItem {
  /** Relative to the directory. */
  readonly name: string;
  readonly path: string;
  /** Of the thing itself: a link is not followed. */
  readonly stat: Stats;
}

/**
 * Everything below a directory, each folder before what is in it, in the order of names. Links are not followed:
 * `readdir` with `recursive` does that, and leads out of the tree to the files of the host.
 */
export async function walkTree(dir: string, prefix = ''): Promise<TreeItem[]> {
  const items: TreeItem[] = [];
  for (const child of (await readdir(dir)).sort()) {
    const item = { name: `${prefix}${child}`, path: join(dir, child), stat: await lstat(join(dir, child)) };
    items.push(item);
    if (item.stat.isDirectory()) items.push(...(await walkTree(item.path, `${item.name}/`)));
  }
  return items;
}
