import { posix } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { namesIn, type HostRootfs } from './host-rootfs.ts';
import type { ProblemList, PropertyPath } from '../lxc-keys/problem-list.ts';

/** A bind or mount of a container definition. */
export interface WantedMount {
  readonly target: string;
  readonly source: string | undefined;
  readonly device: string;
  readonly fsType: string;
  readonly options: readonly string[];
  readonly targetType: 'dir' | 'file';
  readonly path: PropertyPath;
}

/** Directories whose content exists only on the running device. */
const RUN_TIME_DIRECTORIES = ['/dev', '/proc', '/sys', '/run', '/tmp'];

/** Returns the binds and mounts of a definition. A bind with a missing source is a problem, or is left out if optional. */
export function wantedMounts(
  container: ContainerDefinition,
  host: HostRootfs,
  problems: ProblemList,
): WantedMount[] {
  return [...wantedBinds(container, host, problems), ...otherMounts(container)];
}

function wantedBinds(
  { name, bind }: ContainerDefinition,
  host: HostRootfs,
  problems: ProblemList,
): WantedMount[] {
  return bind.flatMap(({ from, to, options: given, optional }, i) => {
    const path = ['bind', i];
    const options = [...(given.some((option) => /^r?bind$/.test(option)) ? [] : ['bind']), ...given];
    const source = host.lookup(from);
    const targetType = source === undefined ? createdType(options) : source.type === 'dir' ? 'dir' : 'file';
    if (source === undefined && !isRunTimePath(realPath(host, from))) {
      if (!optional) {
        problems.error(
          [...path, 'from'],
          `${name} binds ${from}, which is not in the root filesystem`,
          similarPath(host, from),
        );
      }
      return [];
    }
    if (targetType === undefined && !from.startsWith('/dev/')) {
      problems.error(
        [...path, 'from'],
        `${name} binds ${from}, which exists only on the running device: is it a file or a directory?`,
        'add create=file or create=dir to its options',
      );
      return [];
    }
    warnOfLostFlags(name, options, path, problems);
    const all = optional && !options.includes('optional') ? [...options, 'optional'] : options;
    // A path below /dev that is not in the image is a device node, which is bound to a file.
    return [
      {
        target: to,
        source: from,
        device: from,
        fsType: 'none',
        options: all,
        targetType: targetType ?? 'file',
        path,
      },
    ];
  });
}

function otherMounts({ mounts }: ContainerDefinition): WantedMount[] {
  return mounts.map(({ type, from, to, options }, i) => {
    const isBind = options.some((option) => /^r?bind$/.test(option));
    return {
      target: to,
      source: isBind ? from : undefined,
      device: from ?? type,
      fsType: type,
      options: options.length === 0 ? ['defaults'] : options,
      targetType: createdType(options) ?? 'dir',
      path: ['mounts', i],
    };
  });
}

/** Warns about lost flags: LXC sets the other flags of a bind mount only together with `ro` (mount_entry() in conf.c). */
function warnOfLostFlags(
  name: string,
  options: readonly string[],
  path: PropertyPath,
  problems: ProblemList,
): void {
  if (options.includes('ro')) return;
  const lost = options.filter((option) => ['nosuid', 'nodev', 'noexec'].includes(option));
  if (lost.length === 0) return;
  problems.warning(
    [...path, 'options'],
    `${name}: LXC ignores ${lost.join(', ')} of a bind mount that is not ro`,
    'add ro, or mount the file system itself with these options',
  );
}

export function createdType(options: readonly string[]): 'dir' | 'file' | undefined {
  if (options.includes('create=dir')) return 'dir';
  return options.includes('create=file') ? 'file' : undefined;
}

/** Whether a path has content only on the running device. */
export function isRunTimePath(path: string): boolean {
  return RUN_TIME_DIRECTORIES.some((directory) => path === directory || path.startsWith(`${directory}/`));
}

/** Returns a path with the symlinks of its existing directories followed: `/run/x` for `/var/run/x`. */
export function realPath(host: HostRootfs, path: string): string {
  for (let at = path; at !== '/' && at !== '.'; at = posix.dirname(at)) {
    const found = host.lookup(at);
    if (found !== undefined) return posix.join(found.path, path.slice(at.length));
  }
  return path;
}

/** Suggests a path similar to one that the device does not have. */
export function similarPath(host: HostRootfs, path: string): string | undefined {
  const directory = host.lookup(posix.dirname(path))?.path ?? posix.dirname(path);
  const name = didYouMean(posix.basename(path), namesIn(host, directory));
  return name === undefined ? undefined : `did you mean ${posix.join(posix.dirname(path), name)}?`;
}
