import { lstat, realpath, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { walkTree } from '../host/walk-tree.ts';
import type { Elf } from '../programs/elf.ts';

/** Reads the headers of an ELF file; undefined when the file is not ELF. */
export type ReadElf = (file: string) => Promise<Elf | undefined>;

const LIBRARY_FOLDER = /^(?:usr\/)?lib\//;

/** LXC's own directories in library folders, which hold no libraries. */
const LXC_FOLDER = /^usr\/lib\/(?:[^/]+\/)?lxc\//;

/**
 * Removes everything from the library folders of an unpacked tree that no program in it needs, directly or through
 * another library: Debian's library packages also have character set tables, NSS modules and debuggers.
 */
export async function keepNeededLibraries(tree: string, readElf: ReadElf): Promise<void> {
  // Paths are compared with the targets of links, so resolve links in the tree's own path.
  const root = await realpath(tree);
  const libraries = new Map<string, string[]>();
  const open: string[] = [];
  for (const { name, path, stat } of await walkTree(root)) {
    if (stat.isDirectory()) continue;
    if (!LIBRARY_FOLDER.test(name) || LXC_FOLDER.test(name)) open.push(path);
    else libraries.set(basename(name), [...(libraries.get(basename(name)) ?? []), path]);
  }
  const kept = new Set<string>();
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const library of (await wantedBy(path, root, readElf)).flatMap(
      (name) => libraries.get(name) ?? [],
    )) {
      if (kept.has(library)) continue;
      // Keep the link with the library's name and the file it leads to.
      kept.add(library).add((await fileBehind(library, root)) ?? library);
      open.push(library);
    }
  }
  for (const path of [...libraries.values()].flat()) if (!kept.has(path)) await rm(path);
}

/** Returns the libraries and the dynamic linker of a file; none for a link out of the tree. */
async function wantedBy(path: string, root: string, readElf: ReadElf): Promise<string[]> {
  const file = await fileBehind(path, root);
  const elf = file === undefined ? undefined : await readElf(file);
  if (elf === undefined) return [];
  return [...elf.needed, ...(elf.interpreter === undefined ? [] : [basename(elf.interpreter)])];
}

/** Returns the regular file of the tree that a path leads to. */
async function fileBehind(path: string, root: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (!real?.startsWith(`${root}/`)) return undefined;
  return (await lstat(real)).isFile() ? real : undefined;
}
