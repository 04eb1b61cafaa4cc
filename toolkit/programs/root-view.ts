import { posix } from 'node:path';
import type { FileEntry, RootfsEntry } from '../rootfs/manifest.ts';
import type { RootfsTree } from '../rootfs/rootfs-tree.ts';

/**
 * The target of a path. `unknown`: it depends on mounts or files of the running device.
 */
export type Place =
  | { readonly kind: 'file'; readonly path: string; readonly entry: FileEntry }
  | { readonly kind: 'other'; readonly path: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown' };

/** A root filesystem as the programs in it see it. Paths are absolute. */
export interface RootView {
  /** The name in messages: "c1", "the root filesystem". */
  readonly name: string;
  /** Returns the target of a path, links followed. */
  find(path: string): Place;
  /** Returns the names in a directory, sorted; empty if unknown. */
  names(directory: string): readonly string[];
  /** Returns the `noexec` mount point of a path, links followed; undefined where programs may be executed. */
  noExecAt(path: string): string | undefined;
}

/** One mount of a container. Mounts are in the order in which they are made: parents before children. */
export interface SeenMount {
  /** The path in the container. */
  readonly target: string;
  /** The path on the device that is bound there; undefined for other file systems. */
  readonly source: string | undefined;
  readonly fsType: string;
  readonly options: readonly string[];
}

/** Directories that get their content while the device or the container runs. */
const RUN_TIME_DIRECTORIES = ['/dev', '/proc', '/sys', '/run', '/tmp', '/var/run', '/var/tmp'];

/** File systems that are empty when mounted. */
const EMPTY_FILE_SYSTEMS = ['tmpfs', 'ramfs'];

/** The kernel's limit for symbolic links in one path (path_resolution(7)). */
const MAX_LINKS = 40;

/** Returns the entry at a path itself; the walk follows the links. */
type EntryAt = (path: string) => RootfsEntry | 'unknown' | undefined;

/** Returns the view of the device's own root filesystem. Mounts of /etc/fstab hide the content of the image below them. */
export function deviceView(tree: RootfsTree, mountPoints: readonly string[] = []): RootView {
  return viewOf(
    'the root filesystem',
    deviceEntries(tree, mountPoints),
    directoryIndex(tree),
    () => undefined,
  );
}

/** Returns the view of a container: its own root filesystem below `rootfsPath` of the device, and its mounts. */
export function containerView(
  name: string,
  tree: RootfsTree,
  {
    rootfsPath,
    mounts,
    mountPoints = [],
  }: {
    readonly rootfsPath: string;
    readonly mounts: readonly SeenMount[];
    readonly mountPoints?: readonly string[];
  },
): RootView {
  const onDevice = deviceEntries(tree, mountPoints);
  const root = tree.resolve(rootfsPath) ?? rootfsPath;
  const index = directoryIndex(tree);
  const bound = mounts.map((mount) => ({
    ...mount,
    // mount(2) follows links in its source.
    real: mount.source === undefined ? undefined : tree.resolve(mount.source),
  }));

  const mountAt = (path: string): (typeof bound)[number] | undefined =>
    bound.findLast(({ target }) => isWithin(path, target));

  function onDevicePath(path: string): { readonly mount?: (typeof bound)[number]; readonly path?: string } {
    const mount = mountAt(path);
    if (mount === undefined) return { path: path === '/' ? root : posix.join(root, path) };
    return mount.real === undefined
      ? { mount }
      : { mount, path: posix.join(mount.real, path.slice(mount.target.length)) };
  }

  const entryAt: EntryAt = (path) => {
    const { mount, path: real } = onDevicePath(path);
    // Missing mount points are created.
    const leadsToMount = bound.some(({ target }) => path !== target && isWithin(target, path));
    // An image of the root filesystem is mounted at its directory and has the same content, so use the tree.
    if (mount === undefined)
      return (
        (real === undefined ? undefined : tree.get(real)) ?? (leadsToMount ? directoryAt(path) : undefined)
      );
    if (real !== undefined) return onDevice(real);
    if (mount.source !== undefined) return 'unknown';
    if (path === mount.target || leadsToMount) return directoryAt(path);
    return EMPTY_FILE_SYSTEMS.includes(mount.fsType) ? undefined : 'unknown';
  };
  const childrenOf = (directory: string): string[] => {
    const { path } = onDevicePath(directory);
    const mounted = bound.map(({ target }) => target).filter((target) => posix.dirname(target) === directory);
    const names = [
      ...(path === undefined ? [] : index(path)),
      ...mounted.map((target) => posix.basename(target)),
    ];
    return [...new Set(names)].sort();
  };
  return viewOf(name, entryAt, childrenOf, (path) => {
    const mount = mountAt(path);
    return mount !== undefined && isNoExec(mount) ? mount.target : undefined;
  });
}

/**
 * Whether a mount forbids executing its files. For a bind mount LXC sets flags other than `ro` only when it remounts it,
 * which it does for `ro` (mount_entry() in conf.c).
 */
function isNoExec({ source, options }: SeenMount): boolean {
  const last = (...words: readonly string[]): string | undefined =>
    options.findLast((option) => words.includes(option));
  if (last('exec', 'noexec') !== 'noexec') return false;
  return source === undefined || last('ro', 'rw') === 'ro' || options.includes('remount');
}

/** Returns the paths that match a shell pattern with `*`, `?` and `[…]` in its last part, sorted. */
export function matchingPaths(view: RootView, pattern: string): string[] {
  const directory = posix.dirname(pattern);
  const expression = posix
    .basename(pattern)
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  let matches: RegExp;
  try {
    matches = new RegExp(`^${expression}$`);
  } catch {
    return [];
  }
  return view
    .names(directory)
    .filter((name) => !name.startsWith('.') && matches.test(name))
    .map((name) => posix.join(directory, name));
}

/** Returns the directories of /etc/fstab, which hide the content of the image below them. */
export function mountPointsOf(fstab: string): string[] {
  return fstab.split('\n').flatMap((line) => {
    const [device = '#', target = ''] = line.trim().split(/\s+/);
    return device.startsWith('#') || !/^\/./.test(target) ? [] : [posix.normalize(target)];
  });
}

function deviceEntries(tree: RootfsTree, mountPoints: readonly string[]): EntryAt {
  return (path) => {
    if (mountPoints.some((point) => path !== point && isWithin(path, point))) return 'unknown';
    return tree.get(path);
  };
}

function viewOf(
  name: string,
  entryAt: EntryAt,
  children: (directory: string) => readonly string[],
  noExecAt: (path: string) => string | undefined,
): RootView {
  const find = (path: string): Place => walk(path, entryAt);
  return {
    name,
    find,
    noExecAt,
    names(directory) {
      const place = find(directory);
      return place.kind === 'other' ? children(place.path) : [];
    },
  };
}

function walk(path: string, entryAt: EntryAt): Place {
  let links = 0;
  let at = '/';
  let rest = path.split('/').filter(Boolean);
  for (;;) {
    const [name, ...after] = rest;
    if (name === undefined) break;
    rest = after;
    if (name === '.') continue;
    if (name === '..') {
      at = posix.dirname(at);
      continue;
    }
    const next = posix.join(at, name);
    const entry = entryAt(next);
    if (entry === 'unknown') return { kind: 'unknown' };
    if (entry === undefined) return isRunTime(next) ? { kind: 'unknown' } : { kind: 'missing' };
    if (entry.type === 'symlink') {
      if (++links > MAX_LINKS) return { kind: 'missing' };
      if (entry.target.startsWith('/')) at = '/';
      rest = [...entry.target.split('/').filter(Boolean), ...rest];
    } else if (entry.type !== 'dir' && rest.length > 0) {
      return { kind: 'missing' };
    } else {
      at = next;
    }
  }
  const entry = at === '/' ? undefined : entryAt(at);
  if (entry === 'unknown') return { kind: 'unknown' };
  return entry?.type === 'file' ? { kind: 'file', path: at, entry } : { kind: 'other', path: at };
}

/** Returns the names in each directory of a tree; reads the tree once, on first use. */
function directoryIndex(tree: RootfsTree): (directory: string) => readonly string[] {
  let index: Map<string, string[]> | undefined;
  return (directory) => {
    if (index === undefined) {
      index = new Map();
      for (const { path } of tree.entries()) {
        if (path === '/') continue;
        const parent = posix.dirname(path);
        const names = index.get(parent);
        if (names === undefined) index.set(parent, [posix.basename(path)]);
        else names.push(posix.basename(path));
      }
    }
    return index.get(directory) ?? [];
  };
}

function directoryAt(path: string): RootfsEntry {
  return { path, type: 'dir', mode: 0o755, uid: 0, gid: 0 };
}

function isRunTime(path: string): boolean {
  return RUN_TIME_DIRECTORIES.some((directory) => isWithin(path, directory));
}

function isWithin(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}
