import { posix } from 'node:path';
import type { RootfsEntry, RootfsManifest } from './manifest.ts';

/** The kernel's limit for symbolic links in one path (path_resolution(7)). */
const MAX_LINKS = 40;

/** A root filesystem during assembly: entries by path, with links followed as on the device. */
export class RootfsTree {
  readonly #entries = new Map<string, RootfsEntry>();

  constructor(entries: Iterable<RootfsEntry> = []) {
    this.#entries.set('/', { path: '/', type: 'dir', mode: 0o755, uid: 0, gid: 0 });
    for (const entry of entries) this.put(entry);
  }

  /**
   * Adds an entry; missing parents become directories of root. If a parent is a link to a directory, the entry goes to
   * the link's target; a directory added at such a link keeps the link. If the target does not exist yet, such as a
   * partition that is mounted at run time, its directories are made.
   */
  put(entry: RootfsEntry): void {
    let path = this.#realPath(entry.path);
    const existing = this.#entries.get(path);
    if (entry.type === 'dir' && existing?.type === 'symlink') path = this.#directoryBehind(path) ?? path;
    if (existing?.type === 'dir' && entry.type !== 'dir') this.remove(path);
    this.#entries.set(path, path === entry.path ? entry : { ...entry, path });
  }

  /** Removes an entry and everything below it. */
  remove(path: string): void {
    const type = this.#entries.get(path)?.type;
    this.#entries.delete(path);
    // Only directories have children.
    if (type !== 'dir') return;
    for (const other of [...this.#entries.keys()])
      if (other.startsWith(`${path}/`)) this.#entries.delete(other);
  }

  /** Returns the entry at exactly this path; for a link, the link itself. */
  get(path: string): RootfsEntry | undefined {
    return this.#entries.get(path);
  }

  /** Returns the target of a path after all links are followed; undefined when it leads nowhere. */
  resolve(path: string): string | undefined {
    return this.#follow(path, () => undefined);
  }

  /** Returns the entry that a path leads to, links followed. */
  lookup(path: string): RootfsEntry | undefined {
    const real = this.resolve(path);
    return real === undefined ? undefined : this.#entries.get(real);
  }

  entries(): RootfsEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  manifest(): RootfsManifest {
    // Image writers expect bytewise order. JavaScript compares UTF-16 units, which differs only for surrogates.
    const entries = this.entries();
    if (entries.some(({ path }) => /[\ud800-\udfff]/.test(path)))
      entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
    return { entries };
  }

  /** Returns the real path of an entry with this path. */
  #realPath(path: string): string {
    const slash = path.lastIndexOf('/');
    // All entries have real paths, so an existing directory is the right one.
    if (slash === 0 || this.#entries.get(path.slice(0, slash))?.type === 'dir') return path;
    return posix.join(this.#realParent(path), posix.basename(path));
  }

  /** Returns the real directory of an entry; makes it if missing, and replaces a file or a circle of links. */
  #realParent(path: string): string {
    const dir = posix.dirname(path);
    const behind = this.#directoryBehind(dir);
    if (behind !== undefined) return behind;
    const made = posix.join(this.#realParent(dir), posix.basename(dir));
    this.remove(made);
    return this.#makeDirectory(made).path;
  }

  /** Returns the directory that a path leads to; makes it if missing; undefined when the path leads to something else. */
  #directoryBehind(path: string): string | undefined {
    const real = this.#follow(path, (missing) => this.#makeDirectory(missing));
    return real !== undefined && this.#entries.get(real)?.type === 'dir' ? real : undefined;
  }

  #makeDirectory(path: string): RootfsEntry {
    const made: RootfsEntry = { path, type: 'dir', mode: 0o755, uid: 0, gid: 0 };
    this.#entries.set(path, made);
    return made;
  }

  #follow(path: string, onMissing: (path: string) => RootfsEntry | undefined): string | undefined {
    // All entries have real paths: every folder above one is a directory, not a link.
    const known = this.#entries.get(path);
    if (known !== undefined && known.type !== 'symlink') return path;
    let links = 0;
    const rest = pathNames(path);
    let at = '/';
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (this.#entries.get(at)?.type !== 'dir') return undefined;
      if (name === '.') continue;
      if (name === '..') {
        at = posix.dirname(at);
        continue;
      }
      const next = posix.join(at, name);
      const entry = this.#entries.get(next) ?? onMissing(next);
      if (entry === undefined) return undefined;
      if (entry.type === 'symlink') {
        if (++links > MAX_LINKS) return undefined;
        if (entry.target.startsWith('/')) at = '/';
        rest.push(...pathNames(entry.target));
      } else {
        at = next;
      }
    }
    return at;
  }
}

/** Returns the names of a path in reverse order, because they are taken from the end. */
function pathNames(path: string): string[] {
  return path.split('/').filter(Boolean).reverse();
}
