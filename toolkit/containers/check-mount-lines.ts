import { posix } from 'node:path';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { automaticMounts, automaticMountTargets } from '../lxc-config/automatic-mounts.ts';
import type { HostRootfs } from './host-rootfs.ts';
import { EMPTY_FILE_SYSTEMS } from './mount-plan.ts';
import type { PlannedMount } from '../lxc-config/planned-mount.ts';
import { mountTarget } from '../lxc-keys/mount-target.ts';
import { parseMountEntry, type MountEntry } from '../lxc-keys/parse-mount-entry.ts';
import { createdType, isRunTimePath, realPath, similarPath } from './wanted-mounts.ts';

/** A line that mounts something: a raw line, or a line of an included file or of the `lxc.mount.fstab` file. */
export interface MountLine {
  /** The value of `lxc.mount.entry`. */
  readonly value: string;
  readonly report: (message: string, help?: string) => void;
}

/** The parts of a container that decide where its lines mount. */
export interface MountingContainer extends Pick<
  ContainerDefinition,
  'name' | 'kind' | 'auto' | 'autodev' | 'bind' | 'mounts'
> {
  readonly rootfs: { readonly path: string };
}

/** The facts that the lines are checked against. */
export interface MountLineContext {
  readonly host: HostRootfs;
  /** The container's root filesystem, with the mount points that lxc-kit makes; undefined when unknown. */
  readonly inner: HostRootfs | undefined;
  /** The mounts of the definition. */
  readonly planned: readonly Pick<PlannedMount, 'target' | 'source' | 'fsType'>[];
}

type Found = 'dir' | 'file' | 'unknown' | undefined;

/**
 * Checks mount lines like the binds and mounts of a definition: LXC notices only at the start that a source is missing,
 * or that target and source are not both directories or both files (mount_entry() in conf.c).
 */
export function checkMountLines(
  container: MountingContainer,
  lines: readonly MountLine[],
  context: MountLineContext,
): void {
  const earlier = [...context.planned];
  for (const { value, report } of lines) {
    const entry = parseMountEntry(value);
    if (entry === undefined) continue;
    const { name, rootfs } = container;
    const { inside, place } = mountTarget(entry.target, { rootfs: rootfs.path, name });
    if (place === 'escaping')
      report(`${name}: the mount target ${entry.target} leads out of its root filesystem`);
    else if (place === 'outside') {
      report(
        `${name}: LXC skips this mount with only a warning: ${entry.target} is not in its root filesystem ${rootfs.path}`,
        `write ${inside.slice(1)}`,
      );
    } else {
      const says = entry.options.includes('optional')
        ? undefined
        : problemOf(entry, inside, container, { ...context, planned: earlier });
      if (says !== undefined) report(`${name}: ${says.message}`, says.help);
      const source = entry.isBind && entry.source.startsWith('/') ? entry.source : undefined;
      earlier.push({
        target: inside,
        source,
        fsType: entry.isBind && source === undefined ? 'unknown' : entry.fsType,
      });
    }
  }
}

function problemOf(
  { source, isBind, options }: MountEntry,
  target: string,
  container: MountingContainer,
  context: MountLineContext,
): { readonly message: string; readonly help?: string } | undefined {
  const isOwn = isBind && source.startsWith('/') && !options.includes('relative');
  const bound = isOwn ? context.host.lookup(source) : undefined;
  if (isOwn && bound === undefined && !isRunTimePath(realPath(context.host, source))) {
    const help = similarPath(context.host, source);
    return {
      message: `binds ${source}, which is not in the root filesystem`,
      ...(help === undefined ? {} : { help }),
    };
  }
  const needed = isBind ? (bound === undefined ? undefined : bound.type === 'dir' ? 'dir' : 'file') : 'dir';
  const created = createdType(options);
  const there = typeAt(target, container, context);
  if (there === 'unknown') return undefined;
  if (there === undefined && created === undefined) {
    return {
      message: `the mount target ${target} is not in its root filesystem, and nothing creates it`,
      help: `add create=${needed ?? 'dir'} to the options`,
    };
  }
  const type = there ?? created;
  if (needed === undefined || type === needed) return undefined;
  const words = { dir: 'directory', file: 'file' };
  const says =
    there === undefined
      ? `create=${created ?? ''} creates a ${words[type ?? 'file']}`
      : `it is a ${words[there]}`;
  const what = isBind ? `${source} is a ${words[needed]}` : 'a file system is mounted on a directory';
  return {
    message: `the mount target ${target} must be a ${words[needed]}, for ${what}, but ${says}`,
    help: there === undefined ? `write create=${needed}` : 'mount it at another place',
  };
}

/** Returns what a container has at a path after the earlier mounts; undefined when nothing is there. */
function typeAt(
  target: string,
  container: MountingContainer,
  { host, inner, planned }: MountLineContext,
): Found {
  const above = planned.findLast((mount) => target === mount.target || target.startsWith(`${mount.target}/`));
  if (above !== undefined) {
    if (above.source !== undefined) {
      const found = host.lookup(posix.join(above.source, target.slice(above.target.length)));
      return found === undefined
        ? isRunTimePath(realPath(host, above.source))
          ? 'unknown'
          : undefined
        : typeOf(found.type);
    }
    if (target === above.target) return 'dir';
    return EMPTY_FILE_SYSTEMS.includes(above.fsType) ? undefined : 'unknown';
  }
  const own = automaticMountTargets(automaticMounts(container));
  if (container.autodev) own.push('/dev');
  if (own.some((top) => target === top || target.startsWith(`${top}/`))) return 'unknown';
  if (inner === undefined) return 'unknown';
  const found = inner.lookup(target);
  return found === undefined ? undefined : typeOf(found.type);
}

function typeOf(type: string): 'dir' | 'file' {
  return type === 'dir' ? 'dir' : 'file';
}
