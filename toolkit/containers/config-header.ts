import type { ContainerDefinition } from '../board/container-schema.ts';
import type { ReadLine } from './read-config.ts';

/** What LXC has no key for, and a configuration that lxc-kit made says in its first line. */
export interface ConfigHeader {
  readonly name: string;
  readonly kind: ContainerDefinition['kind'];
  /** What fills the root filesystem: only mount points, a copy of BusyBox, or files of its own. */
  readonly rootfs: 'bind' | 'busybox' | 'files';
}

const ROOTFS_WORDS = {
  bind: '',
  busybox: ' with a BusyBox of its own',
  files: ' with files of its own',
} as const;

/** The first line of a configuration, without its `#`. */
export function headerOf({ name, kind, rootfs }: ContainerDefinition): string {
  const words = ROOTFS_WORDS[typeof rootfs.from === 'string' ? rootfs.from : 'files'];
  return `${name}: ${kind} container${words}. Made by lxc-kit from its definition: change that, not this file.`;
}

/** The header of a configuration that lxc-kit made; undefined for others. */
export function readHeader([first]: readonly ReadLine[]): ConfigHeader | undefined {
  if (first?.kind !== 'comment') return undefined;
  const [, name, kind, words] =
    /^\s*#+ (\S+): (application|system) container( with [^.]*)?\. Made by lxc-kit\b/.exec(
      first.source.text,
    ) ?? [];
  if (name === undefined || kind === undefined) return undefined;
  const rootfs = (['busybox', 'files'] as const).find((from) => ROOTFS_WORDS[from] === words) ?? 'bind';
  return { name, kind: kind as ConfigHeader['kind'], rootfs };
}
