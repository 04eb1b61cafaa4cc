/** The place where LXC mounts something; `inside` is the path in the container. */
export interface MountTarget {
  readonly inside: string;
  /**
   * `outside`: an absolute target outside the root filesystem, which LXC skips with a warning in its log.
   * `escaping`: a target that leads out of the root filesystem.
   */
  readonly place: 'inside' | 'outside' | 'escaping';
}

export interface RootfsPlace {
  /** Undefined if the container has none of its own. */
  readonly rootfs: string | undefined;
  readonly name: string;
}

/** Reads the target of a mount entry as LXC does (setup_mount_entries() and mount_entry_on_absolute_rootfs() in conf.c). */
export function mountTarget(written: string, { rootfs, name }: RootfsPlace): MountTarget {
  const found = (path: string, place: MountTarget['place'] = 'inside'): MountTarget => {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    return { inside: `/${parts.join('/')}`, place: parts.includes('..') ? 'escaping' : place };
  };
  if (!written.startsWith('/')) return found(written);
  if (rootfs === undefined || rootfs === '/') return found(written);
  // Below LXC's own path, or wherever the root filesystem is.
  const own = new RegExp(`^(?:/[^/]+)*/lxc/${escaped(name)}/rootfs(?=/)`).exec(written)?.[0];
  for (const root of [rootfs.replace(/\/+$/, ''), own]) {
    if (root !== undefined && written.startsWith(`${root}/`)) return found(written.slice(root.length));
  }
  return found(written, 'outside');
}

/** Returns the path of a directory root filesystem without its storage type: `/srv/web` for `dir:/srv/web`. */
export function directoryOf(rootfs: string): string | undefined {
  const path = rootfs.replace(/^dir:/, '');
  return path.startsWith('/') && !path.includes(':') ? path : undefined;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
