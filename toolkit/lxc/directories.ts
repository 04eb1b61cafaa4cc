/** The absolute paths of LXC's parts on the device. */
export interface LxcDirectories {
  readonly prefix: string;
  /** The tools. */
  readonly bindir: string;
  /** liblxc, if it is a separate library. */
  readonly libdir: string;
}

/** The folder in which LXC looks for NAME/config if built with `--localstatedir=/var`, as by Debian and lxc-kit. */
export const LXC_PATH = '/var/lib/lxc';

/** The directories in a profile. */
export interface WantedDirectories {
  readonly prefix: string;
  readonly bindir?: string | undefined;
  readonly libdir?: string | undefined;
}

/** Returns the directories as configure and meson choose them: below the prefix, unless the profile names them. */
export function lxcDirectories({ prefix, bindir, libdir }: WantedDirectories): LxcDirectories {
  return { prefix, bindir: bindir ?? `${prefix}/bin`, libdir: libdir ?? `${prefix}/lib` };
}

/** The directories of Debian's packages. */
export const debianDirectories = lxcDirectories({ prefix: '/usr' });

/** Returns the directories that differ from Debian's, as keys of `lxc`. */
export function notAsDebian(directories: LxcDirectories): (keyof LxcDirectories)[] {
  const moved = (['prefix', 'bindir', 'libdir'] as const).filter(
    (key) => directories[key] !== debianDirectories[key],
  );
  // The prefix moves the others.
  return moved.includes('prefix') ? ['prefix'] : moved;
}

/** The directory on which LXC mounts the root of a container it starts; it depends on the prefix, not on liblxc. */
export const rootfsMountPoint = ({ prefix }: LxcDirectories): string => `${prefix}/lib/lxc/rootfs`;

/** The default directories of the dynamic linker (ld.so(8)). */
const LINKER_DIRECTORIES = ['/lib', '/usr/lib'];

/** The run path that programs need to find liblxc; undefined for a default directory of the dynamic linker. */
export const runPath = ({ libdir }: LxcDirectories): string | undefined =>
  LINKER_DIRECTORIES.includes(libdir) ? undefined : libdir;

const SHELL_PATH = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Directories of programs that are not in the PATH of every shell. */
export const extraPath = ({ prefix, bindir }: LxcDirectories): string[] =>
  [`${prefix}/sbin`, bindir].filter((directory) => !SHELL_PATH.includes(directory));
