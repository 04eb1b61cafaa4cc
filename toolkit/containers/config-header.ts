import { inVersionRange } from '../base/compare-versions.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { HIGHEST_ORDER_FIRST } from './changed-meanings.ts';
import type { ReadLine } from './read-config.ts';

/** What LXC has no key for, and a configuration that lxc-kit made says in its first line. */
export interface ConfigHeader {
  readonly name: string;
  readonly kind: ContainerDefinition['kind'];
  /** What fills the root filesystem: only mount points, a copy of BusyBox, or files of its own. */
  readonly rootfs: 'bind' | 'busybox' | 'files';
  readonly image: ContainerDefinition['rootfs']['image'];
  /** The LXC release it was made for, where a value in it means something else than today. */
  readonly release?: string;
}

const ROOTFS_WORDS = {
  bind: '',
  busybox: ' with a BusyBox of its own',
  files: ' with files of its own',
} as const;

const HEADER =
  /^(\s*#+ )(\S+): (application|system) container( with .*? own)?( in an image of (squashfs|ext4))?(?: for LXC ([\d.]+))?(\. Made by lxc-kit\b.*)$/;

/** The first line of a configuration, without its `#`. */
export function headerOf({ name, kind, rootfs }: ContainerDefinition, lxcVersion: string): string {
  const words = ROOTFS_WORDS[typeof rootfs.from === 'string' ? rootfs.from : 'files'];
  const image = rootfs.image === undefined ? '' : ` in an image of ${rootfs.image}`;
  return `${name}: ${kind} container${words}${image}${releaseWords(lxcVersion)}. Made by lxc-kit from its definition: change that, not this file.`;
}

/** The release, where a reader has to know it. */
function releaseWords(lxcVersion: string): string {
  return inVersionRange(lxcVersion, HIGHEST_ORDER_FIRST) ? ` for LXC ${lxcVersion}` : '';
}

/** The header of a configuration that lxc-kit made; undefined for others. */
export function readHeader([first]: readonly ReadLine[]): ConfigHeader | undefined {
  if (first?.kind !== 'comment') return undefined;
  const [, , name, kind, words, , image, release] = HEADER.exec(first.source.text) ?? [];
  if (name === undefined || kind === undefined) return undefined;
  const rootfs = (['busybox', 'files'] as const).find((from) => ROOTFS_WORDS[from] === words) ?? 'bind';
  return {
    name,
    kind: kind as ConfigHeader['kind'],
    rootfs,
    image: image as ConfigHeader['image'],
    ...(release === undefined ? {} : { release }),
  };
}

/** A comment for another release; only lxc-kit's own header may be another then. */
export function retargetHeader(comment: string, lxcVersion: string): string {
  const [, start = '', name = '', kind = '', words = '', image = '', , , rest = ''] =
    HEADER.exec(comment) ?? [];
  return name === ''
    ? comment
    : `${start}${name}: ${kind} container${words}${image}${releaseWords(lxcVersion)}${rest}`;
}
