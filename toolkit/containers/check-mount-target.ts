import { posix } from 'node:path';
import type { HostRootfs, RootfsNode } from './host-rootfs.ts';
import type { ProblemList } from './problem-list.ts';
import { isRunTimePath, type WantedMount } from './wanted-mounts.ts';

/** Checks a mount target that lies in the container's own root filesystem. What is not there yet will be made. */
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
        `it leads to ${node.target ?? 'another path'}: mount there`,
      );
      return;
    }
    if ((node.type === 'dir') !== (mustBe === 'dir')) {
      problems.error(
        path,
        `${container}: the mount target ${at} must be a ${inWords(mustBe)}, but its root filesystem has a ${inWords(node.type)} there`,
      );
      return;
    }
  }
}

/** Checks a mount target that lies in what an earlier bind brings; nothing can be made there. */
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
      `${container}: the mount target ${target} lies in the bind of ${bind.from}, and ${needed} is not in the root filesystem`,
      `add ${needed} to the root filesystem`,
    );
  } else if (found.path !== posix.join(bound.path, rest)) {
    problems.error(
      path,
      `${container}: the mount target ${target} passes through a symlink in the bind of ${bind.from}, which LXC refuses`,
      `it leads to ${found.path}: mount there`,
    );
  }
}

/** `/a/b` as `/a`, `/a/b`. */
function pathsDownTo(path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

function inWords(type: RootfsNode['type']): string {
  const words = { dir: 'directory', char: 'device node', block: 'device node' };
  return type in words ? words[type as keyof typeof words] : type;
}
