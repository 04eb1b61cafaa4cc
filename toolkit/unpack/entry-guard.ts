import { KitError } from '../base/errors.ts';

export type EntryKind = 'dir' | 'file' | 'symlink';

/** The kernel follows this many links for one path; a path with more, such as a loop, leads nowhere. */
const MAX_LINKS = 40;

/** An entry as it is in the archive. */
export interface ArchiveEntry {
  readonly path: string;
  readonly kind: EntryKind | 'hardlink' | 'special';
  readonly linkTarget?: string;
}

/**
 * Checks the entries of an archive one by one and refuses those that would be written, or lead, outside of its
 * directory. Archives that are unpacked into the same directory share a guard.
 */
export class EntryGuard {
  /** The admitted entries, by path without leading `./` and trailing slash. */
  readonly kinds = new Map<string, EntryKind>();
  readonly #targets = new Map<string, string>();
  readonly #absoluteLinks: 'refused' | 'from the root';

  /** Absolute link targets are `refused` or, in packages of a system, start `from the root` of that system. */
  constructor(absoluteLinks: 'refused' | 'from the root' = 'refused') {
    this.#absoluteLinks = absoluteLinks;
  }

  /** Admits an entry and returns its normalised path, '' for the root. Throws ARCHIVE_HOSTILE. */
  admit(entry: ArchiveEntry): string {
    const parts = safeParts(entry.path, entry.path);
    const path = parts.join('/');
    if (entry.kind === 'special') throw hostile(entry.path, 'it is a device, a pipe or a socket');
    if (path === '' && entry.kind !== 'dir')
      throw hostile(entry.path, 'it would replace the directory itself');
    for (let depth = 1; depth < parts.length; depth++) {
      const parent = parts.slice(0, depth).join('/');
      const kind = this.kinds.get(parent);
      if (kind === 'symlink') throw hostile(entry.path, `it would be written through the link ${parent}`);
      if (kind === 'file') throw hostile(entry.path, `${parent} is a file`);
      if (kind === undefined) this.kinds.set(parent, 'dir');
    }
    const kind = entry.kind === 'hardlink' ? 'file' : entry.kind;
    const before = this.kinds.get(path);
    if (before !== undefined && (before !== kind || kind === 'symlink')) {
      throw hostile(entry.path, `it is there twice, first as a ${before}, then as a ${kind}`);
    }
    const target = entry.linkTarget ?? '';
    if (entry.kind === 'hardlink' && this.kinds.get(safeParts(target, entry.path).join('/')) !== 'file') {
      throw hostile(entry.path, `it is a hard link to ${target}, which is not a file of the archive`);
    }
    if (entry.kind === 'symlink') {
      if (target.includes('\0')) throw hostile(entry.path, 'its target has a NUL character');
      if (target.startsWith('/') && this.#absoluteLinks === 'refused') throw leadsOut(entry.path, target);
      this.#targets.set(path, target);
    }
    if (path !== '') this.kinds.set(path, kind);
    return path;
  }

  /**
   * Call it after the last entry, with the directory that becomes the root of the tree ('' for the archive's own).
   * Throws ARCHIVE_HOSTILE when a symbolic link leads out of it, directly or through other links.
   */
  checkLinks(root: string): void {
    const rootDepth = root === '' ? 0 : root.split('/').length;
    for (const [path, target] of this.#targets) {
      const end = this.#follow(path.split('/').slice(0, -1), target, rootDepth, { links: MAX_LINKS });
      if (end === undefined) throw leadsOut(path, target);
    }
  }

  /** The target of a link in `dir`, resolved as in the kernel (path_resolution(7)); undefined outside of the root. */
  #follow(
    dir: readonly string[],
    target: string,
    rootDepth: number,
    budget: { links: number },
  ): string[] | undefined {
    if (budget.links-- === 0) return [...dir];
    let at = target.startsWith('/') ? [] : [...dir];
    for (const part of target.split('/')) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (at.length <= rootDepth) return undefined;
        at.pop();
        continue;
      }
      const next = this.#targets.get([...at, part].join('/'));
      const followed = next === undefined ? [...at, part] : this.#follow(at, next, rootDepth, budget);
      if (followed === undefined) return undefined;
      at = followed;
    }
    return at;
  }
}

/** The error that refuses an archive, with the entry's name. */
export function hostile(entryPath: string, reason: string): KitError {
  return new KitError(
    'ARCHIVE_HOSTILE',
    `the archive contains the entry ${JSON.stringify(entryPath)}, and ${reason}`,
    {
      hint: 'nothing of it was kept; check the origin of this archive',
    },
  );
}

function leadsOut(path: string, target: string): KitError {
  return hostile(path, `it is a link to ${target}, which leads out of its directory`);
}

function safeParts(path: string, entryPath: string): string[] {
  if (path.includes('\0')) throw hostile(entryPath, 'its name has a NUL character');
  if (path.startsWith('/')) throw hostile(entryPath, 'its path is absolute');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw hostile(entryPath, 'its path leads out of its directory');
  return parts;
}
