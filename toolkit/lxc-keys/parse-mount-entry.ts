/** A mount entry: the value of `lxc.mount.entry`, or a line of the file that `lxc.mount.fstab` names. */
export interface MountEntry {
  readonly source: string;
  /** As written: relative to the container's root filesystem, or absolute. */
  readonly target: string;
  readonly fsType: string;
  readonly options: readonly string[];
  /** Whether it binds an existing file or directory. */
  readonly isBind: boolean;
}

/** The octal escapes of getmntent(3): space, tab, line feed and backslash. */
const ESCAPE = /\\(040|011|012|134)/g;

/** Reads a mount entry as getmntent(3) does; undefined when it has fewer than the three fields that LXC needs. */
export function parseMountEntry(value: string): MountEntry | undefined {
  const [source, target, fsType, options = ''] = value
    .trim()
    .split(/[ \t]+/)
    .map((field) => field.replace(ESCAPE, (_, code: string) => String.fromCharCode(parseInt(code, 8))));
  if (source === undefined || target === undefined || fsType === undefined) return undefined;
  const words = options.split(',').filter((word) => word !== '');
  return { source, target, fsType, options: words, isBind: words.some((word) => /^r?bind$/.test(word)) };
}
