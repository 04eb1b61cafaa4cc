import type { ContainerDefinition } from '../board/container-schema.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';

/** Whether a container has a network namespace of its own, and not that of the device or of another container. */
export function hasOwnNetwork({
  network,
  raw,
  'share-network': shared,
}: Pick<ContainerDefinition, 'network' | 'raw' | 'share-network'>): boolean {
  if (shared !== undefined || network.some(({ type }) => type === 'none')) return false;
  return !raw.some((text) => {
    const line = parseConfigLine(text);
    if (line.kind !== 'setting') return false;
    if (/^lxc\.net(?:work)?\.(?:\d+\.)?type$/.test(line.key)) return line.value === 'none';
    return line.key === 'lxc.namespace.share.net' && line.value !== '';
  });
}

/** The flags that the device's own /sys has: a user namespace cannot take them off. */
const SYS_OPTIONS = ['rbind', 'ro', 'nosuid', 'nodev', 'noexec'];

/**
 * Returns the definition of an unprivileged container that works without a network namespace of its own: it binds the
 * device's /sys where LXC would mount one, because sysfs belongs to a network namespace and the kernel refuses it
 * without that (sysfs_init_fs_context() in fs/sysfs/mount.c). Other definitions stay as they are.
 *
 * @param words The words of lxc.mount.auto that the container gets.
 */
export function bindSys(container: ContainerDefinition, words: readonly string[]): ContainerDefinition {
  const isSys = (word: string): boolean => /^sys(?::|$)/.test(word);
  if (container.idmap.length === 0 || hasOwnNetwork(container) || !words.some(isSys)) return container;
  const bind = { from: '/sys', to: '/sys', options: SYS_OPTIONS, optional: false };
  return {
    ...container,
    auto: container.auto.filter((word) => !isSys(word)),
    bind: [...container.bind, bind],
  };
}
