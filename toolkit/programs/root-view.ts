import { posix } from 'node:path';
import type { FileEntry, RootfsEntry } from '../rootfs/manifest.ts';
import type { RootfsTree } from '../rootfs/rootfs-tree.ts';

/**
 * What a path leads to. `unknown`: that depends on what the running device mounts or writes there, so nothing can be said.
 */
export type Place =
  | { readonly kind: 'file'; readonly path: string; readonly entry: FileEntry }
  | { readonly kind: 'other'; readonly path: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown' };

/** A root filesystem as the programs in it see it. Paths are absolute. */
export interface RootView {
  /** For sentences: "c1", "the root filesystem". */
  readonly name: string;
  /** What a path leads to, links followed. */
  find(path: string): Place;
  /** The names in a directory, sorted; empty where it is not known. */
  names(directory: string): readonly string[];
  /** The mount point with `noexec` in which a path lies, its links followed; undefined where programs may be executed. */
  noExecAt(path: string): string | undefined;
}

/** One mount of a container, in the order in which they are made: one above comes before those below it. */
export interface SeenMount {
  /** Path in the container. */
  readonly target: string;
  /** Path on the device that is bound there; undefined for a file system of its own. */
  readonly source: string | undefined;
  readonly fsType: string;
  readonly options: readonly string[];
}

/** Directories that are filled while the device or the container runs. */
const RUN_TIME_DIRECTORIES = ['/dev', '/proc', '/sys', '/run', '/tmp', '/var/run', '/var/tmp'];

/** File systems that are empty when they are mounted. */
const EMPTY_FILE_SYSTEMS = ['tmpfs', 'ramfs'];

/** The kernel gives up after this many symbolic links in one path (path_resolution(7)). */
const MAX_LINKS = 40;

/** What is at a path itself; the walk follows the links. */
type EntryAt = (path: string) => RootfsEntry | 'unknown' | undefined;

/** The device's own root filesystem. What /etc/fstab mounts hides what the image has there. */
export function deviceView(tree: RootfsTree, mountPoints: readonly string[] = []): RootView {
  return viewOf(
    'the root filesystem',
    deviceEntries(tree, mountPoints),
    directoryIndex(tree),
    () => undefined,
  );
}

/** What a container sees: its own root filesystem below `rootfsPath` of the device, and what is mounted in it. */
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
    // Mount points are made where they are missing.
    const leadsToMount = bound.some(({ target }) => path !== target && isWithin(target, path));
    // An image of the root filesystem is mounted at its directory and holds the same, so the tree counts there.
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
 * Whether a mount forbids to execute what is in it. Of a bind mount LXC sets the flags beside `ro` only when it mounts it
 * again, which `ro` makes it do (mount_entry() in conf.c).
 */
function isNoExec({ source, options }: SeenMount): boolean {
  const last = (...words: readonly string[]): string | undefined =>
    options.findLast((option) => words.includes(option));
  if (last('exec', 'noexec') !== 'noexec') return false;
  return source === undefined || last('ro', 'rw') === 'ro' || options.includes('remount');
}

/** The paths in a directory that match a pattern of the shell with `*`, `?` and `[…]` in its last part; sorted. */
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

/** The directories of /etc/fstab that hide what the image has below them. */
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

/** The names in each directory of a tree; read once, when somebody asks. */
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
