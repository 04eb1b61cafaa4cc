import type { ContainerDefinition } from '../board/container-schema.ts';

/** What LXC mounts into a system container unless its definition says otherwise. */
export const SYSTEM_MOUNTS = [
  { target: '/proc', word: 'proc:mixed' },
  { target: '/sys', word: 'sys:ro' },
];

const TARGETS: Readonly<Record<string, string>> = { proc: '/proc', sys: '/sys', cgroup: '/sys/fs/cgroup' };

/**
 * The words of lxc.mount.auto: those of the definition, else /proc and /sys for a system container,
 * as far as it does not mount them itself. An application container gets none.
 */
export function automaticMounts({
  kind,
  auto,
  mounts,
  bind,
}: Pick<ContainerDefinition, 'kind' | 'auto' | 'mounts' | 'bind'>): readonly string[] {
  if (auto.length > 0 || kind === 'application') return auto;
  const taken = [...mounts, ...bind].map(({ to }) => to);
  return SYSTEM_MOUNTS.filter(({ target }) => !taken.includes(target)).map(({ word }) => word);
}

/** The directories in the container on which these words mount something. */
export function automaticMountTargets(words: readonly string[]): string[] {
  return words.flatMap((word) => TARGETS[/^[a-z]+/.exec(word)?.[0] ?? ''] ?? []);
}
