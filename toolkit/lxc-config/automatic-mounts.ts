import type { ContainerDefinition } from '../board/container-schema.ts';

/** The mounts that LXC makes in a system container unless its definition says otherwise. */
export const SYSTEM_MOUNTS = [
  { target: '/proc', word: 'proc:mixed' },
  { target: '/sys', word: 'sys:ro' },
];

const TARGETS: Readonly<Record<string, string>> = { proc: '/proc', sys: '/sys', cgroup: '/sys/fs/cgroup' };

/**
 * Returns the words of lxc.mount.auto: those of the definition, otherwise /proc and /sys for a system container,
 * unless it mounts them itself. An application container gets none.
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

/** Returns the directories in the container that these words mount on. */
export function automaticMountTargets(words: readonly string[]): string[] {
  return words.flatMap((word) => TARGETS[/^[a-z]+/.exec(word)?.[0] ?? ''] ?? []);
}
