/** Where the parts of LXC lie on the device: absolute paths. */
export interface LxcDirectories {
  readonly prefix: string;
  /** The tools. */
  readonly bindir: string;
  /** liblxc, where it is a library of its own. */
  readonly libdir: string;
}

/** What a profile says of the directories. */
export interface WantedDirectories {
  readonly prefix: string;
  readonly bindir?: string | undefined;
  readonly libdir?: string | undefined;
}

/** As configure and meson lay them out: below the prefix, but for those that the profile names. */
export function lxcDirectories({ prefix, bindir, libdir }: WantedDirectories): LxcDirectories {
  return { prefix, bindir: bindir ?? `${prefix}/bin`, libdir: libdir ?? `${prefix}/lib` };
}

/** Where Debian's packages lie. */
export const debianDirectories = lxcDirectories({ prefix: '/usr' });

/** The directories that a profile wants elsewhere than Debian's packages have them, as keys of `lxc`. */
export function notAsDebian(directories: LxcDirectories): (keyof LxcDirectories)[] {
  const moved = (['prefix', 'bindir', 'libdir'] as const).filter(
    (key) => directories[key] !== debianDirectories[key],
  );
  // The prefix moves the others.
  return moved.includes('prefix') ? ['prefix'] : moved;
}

/** Where LXC mounts the root of a container that it starts. Beside the prefix's libraries, wherever liblxc lies. */
export const rootfsMountPoint = ({ prefix }: LxcDirectories): string => `${prefix}/lib/lxc/rootfs`;

/** Where the dynamic linker looks by itself (ld.so(8)). */
const LINKER_DIRECTORIES = ['/lib', '/usr/lib'];

/** The directory that the programs have to name to find liblxc; undefined where the dynamic linker looks anyway. */
export const runPath = ({ libdir }: LxcDirectories): string | undefined =>
  LINKER_DIRECTORIES.includes(libdir) ? undefined : libdir;

const SHELL_PATH = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Directories of programs that are not in the PATH of every shell. */
export const extraPath = ({ prefix, bindir }: LxcDirectories): string[] =>
  [`${prefix}/sbin`, bindir].filter((directory) => !SHELL_PATH.includes(directory));
