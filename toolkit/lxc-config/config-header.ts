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
  /** The most that it may write, such as 16M. */
  readonly size: string | undefined;
  /** Whether that is in memory, also where the device keeps changes. */
  readonly inMemory: boolean;
  /** The LXC release it was made for, if a value in it has another meaning in later releases. */
  readonly release?: string;
}

const ROOTFS_WORDS = {
  bind: '',
  busybox: ' with a BusyBox of its own',
  files: ' with files of its own',
} as const;

const HEADER =
  /^(\s*#+ )(\S+): (application|system) container( with .*? own)?( in an image of (squashfs|ext4))?(, writing at most (\d+[KMG])( in memory)?)?(?: for LXC ([\d.]+))?(\. Made by lxc-kit\b.*)$/;

/** Returns the first line of a configuration, without its `#`. */
export function headerOf({ name, kind, rootfs }: ContainerDefinition, lxcVersion: string): string {
  const words = ROOTFS_WORDS[typeof rootfs.from === 'string' ? rootfs.from : 'files'];
  const image = rootfs.image === undefined ? '' : ` in an image of ${rootfs.image}`;
  return `${name}: ${kind} container${words}${image}${sizeWords(rootfs)}${releaseWords(lxcVersion)}. Made by lxc-kit from its definition: change that, not this file.`;
}

/** The device limits the size; LXC does not know of it. */
function sizeWords({ size, overlay }: ContainerDefinition['rootfs']): string {
  if (size === undefined) return '';
  const power = [3, 2].find((exponent) => size % 1024 ** exponent === 0) ?? 1;
  const text = `${size / 1024 ** power}${'KMG'.charAt(power - 1)}`;
  return `, writing at most ${text}${overlay === undefined ? '' : ' in memory'}`;
}

/** Returns the release, if a reader needs it. */
function releaseWords(lxcVersion: string): string {
  return inVersionRange(lxcVersion, HIGHEST_ORDER_FIRST) ? ` for LXC ${lxcVersion}` : '';
}

/** Reads the header of a configuration made by lxc-kit; undefined for others. */
export function readHeader([first]: readonly ReadLine[]): ConfigHeader | undefined {
  if (first?.kind !== 'comment') return undefined;
  const [, , name, kind, words, , image, , size, inMemory, release] = HEADER.exec(first.source.text) ?? [];
  if (name === undefined || kind === undefined) return undefined;
  const rootfs = (['busybox', 'files'] as const).find((from) => ROOTFS_WORDS[from] === words) ?? 'bind';
  return {
    name,
    kind: kind as ConfigHeader['kind'],
    rootfs,
    image: image as ConfigHeader['image'],
    size,
    inMemory: inMemory !== undefined,
    ...(release === undefined ? {} : { release }),
  };
}

/** Returns a comment for another release; only lxc-kit's own header changes. */
export function retargetHeader(comment: string, lxcVersion: string): string {
  const [, start = '', name = '', kind = '', words = '', image = '', , size = '', , , , rest = ''] =
    HEADER.exec(comment) ?? [];
  return name === ''
    ? comment
    : `${start}${name}: ${kind} container${words}${image}${size}${releaseWords(lxcVersion)}${rest}`;
}
