import { posix } from 'node:path';
import type { HostRootfs, RootfsNode } from './host-rootfs.ts';
import type { ProblemList } from '../lxc-keys/problem-list.ts';
import { isRunTimePath, type WantedMount } from './wanted-mounts.ts';

/** Checks a mount target in the container's own root filesystem. A missing mount point will be created. */
export function checkTargetInRootfs(
  { target, targetType, path }: WantedMount,
  container: string,
  { inner, problems }: { readonly inner: HostRootfs; readonly problems: ProblemList },
): void {
  for (const at of pathsDownTo(target)) {
    const node = inner.entryAt(at);
    if (node === undefined) return;
    const mustBe = at === target ? targetType : 'dir';
    if (node.type === 'symlink') {
      problems.error(
        path,
        `${container}: the mount target ${target} passes through the symlink ${at}, which LXC refuses`,
        `it leads to ${node.target ?? 'another path'}: use that as the target`,
      );
      return;
    }
    if ((node.type === 'dir') !== (mustBe === 'dir')) {
      problems.error(
        path,
        `${container}: the mount target ${at} must be a ${inWords(mustBe)}, but is a ${inWords(node.type)} in its root filesystem`,
      );
      return;
    }
  }
}

/** Checks a mount target inside an earlier bind, in which no mount point can be created. */
export function checkTargetInBind(
  { target, path }: WantedMount,
  bind: { readonly from: string; readonly to: string },
  container: string,
  { host, problems }: { readonly host: HostRootfs; readonly problems: ProblemList },
): void {
  const rest = target.slice(bind.to.length);
  const needed = posix.join(bind.from, rest);
  const found = host.lookup(needed);
  const bound = host.lookup(bind.from);
  if (bound === undefined || isRunTimePath(needed)) return;
  if (found === undefined) {
    problems.error(
      path,
      `${container}: the mount target ${target} is inside the bind of ${bind.from}, but ${needed} is not in the root filesystem`,
      `add ${needed} to the root filesystem`,
    );
  } else if (found.path !== posix.join(bound.path, rest)) {
    problems.error(
      path,
      `${container}: the mount target ${target} passes through a symlink in the bind of ${bind.from}, which LXC refuses`,
      `it leads to ${found.path}: use that as the target`,
    );
  }
}

/** Returns `/a` and `/a/b` for `/a/b`. */
function pathsDownTo(path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

function inWords(type: RootfsNode['type']): string {
  const words = { dir: 'directory', char: 'device node', block: 'device node' };
  return type in words ? words[type as keyof typeof words] : type;
}
