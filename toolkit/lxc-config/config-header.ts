import { inVersionRange } from '../base/compare-versions.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { HIGHEST_ORDER_FIRST } from '../lxc-keys/changed-meanings.ts';
import type { ReadLine } from '../lxc-keys/read-config.ts';

/** The first line of a configuration made by lxc-kit; it holds the facts for which LXC has no key. */
export interface ConfigHeader {
  readonly name: string;
  readonly kind: ContainerDefinition['kind'];
  /** The content of the root filesystem: only mount points, a copy of BusyBox, or its own files. */
  readonly rootfs: 'bind' | 'busybox' | 'files';
  readonly image: ContainerDefinition['rootfs']['image'];
  /** The LXC release it was made for, if a value in it has another meaning in later releases. */
  readonly release?: string;
}

const ROOTFS_WORDS = {
  bind: '',
  busybox: ' with a BusyBox of its own',
  files: ' with files of its own',
} as const;

const HEADER =
  /^(\s*#+ )(\S+): (application|system) container( with .*? own)?( in an image of (squashfs|ext4))?(?: for LXC ([\d.]+))?(\. Made by lxc-kit\b.*)$/;

/** Returns the first line of a configuration, without its `#`. */
export function headerOf({ name, kind, rootfs }: ContainerDefinition, lxcVersion: string): string {
  const words = ROOTFS_WORDS[typeof rootfs.from === 'string' ? rootfs.from : 'files'];
  const image = rootfs.image === undefined ? '' : ` in an image of ${rootfs.image}`;
  return `${name}: ${kind} container${words}${image}${releaseWords(lxcVersion)}. Made by lxc-kit from its definition: change that, not this file.`;
}

/** Returns the release, if a reader needs it. */
function releaseWords(lxcVersion: string): string {
  return inVersionRange(lxcVersion, HIGHEST_ORDER_FIRST) ? ` for LXC ${lxcVersion}` : '';
}

/** Reads the header of a configuration made by lxc-kit; undefined for others. */
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

/** Returns a comment for another release; only lxc-kit's own header changes. */
export function retargetHeader(comment: string, lxcVersion: string): string {
  const [, start = '', name = '', kind = '', words = '', image = '', , , rest = ''] =
    HEADER.exec(comment) ?? [];
  return name === ''
    ? comment
    : `${start}${name}: ${kind} container${words}${image}${releaseWords(lxcVersion)}${rest}`;
}
