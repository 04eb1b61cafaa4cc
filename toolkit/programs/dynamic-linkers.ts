import { posix } from 'node:path';

/** How the dynamic linker of a C library finds libraries. */
export interface DynamicLinker {
  readonly libc: string;
  /** The file names of the linker. */
  readonly names: RegExp;
  /** Whether it compares symbol versions. */
  readonly comparesVersions: boolean;
  /** Library names that it provides itself, without a file. */
  readonly answersItself: RegExp | undefined;
  /** Whether DT_RPATH and DT_RUNPATH of the loading files apply too (musl), or only DT_RPATH. */
  readonly inheritsRunPath: boolean;
  /** A file that replaces its default directories: a list separated by colons or line ends. */
  readonly pathFile: ((interpreter: string) => string) | undefined;
  /** A file written by ldconfig with the paths of libraries by name. */
  readonly cacheFile: string | undefined;
  /** Its default directories, if its own file does not name them. */
  readonly defaultDirs: readonly string[];
}

/** The C libraries whose dynamic linker is known. For others only the linker itself is checked. */
const linkers: readonly DynamicLinker[] = [
  {
    // Source: ld.so(8) and elf/dl-load.c of glibc.
    libc: 'glibc',
    names: /^(?:ld\.so\.1|ld-linux[\w-]*\.so\.\d+|ld64\.so\.\d+|ld-2\.\d+\.so)$/,
    comparesVersions: true,
    answersItself: undefined,
    inheritsRunPath: false,
    pathFile: undefined,
    cacheFile: '/etc/ld.so.cache',
    defaultDirs: ['/lib', '/usr/lib'],
  },
  {
    // Source: load_library and path_open in ldso/dynlink.c of musl.
    libc: 'musl',
    names: /^ld-musl-[\w-]+\.so\.1$/,
    comparesVersions: false,
    answersItself: /^lib(?:c|pthread|rt|m|dl|util|xnet)\./,
    inheritsRunPath: true,
    // /lib/ld-musl-mipsel.so.1 reads /etc/ld-musl-mipsel.path.
    pathFile: (interpreter) =>
      posix.join(
        posix.dirname(posix.dirname(interpreter)),
        'etc',
        posix.basename(interpreter).replace(/\.so\.1$/, '.path'),
      ),
    cacheFile: undefined,
    defaultDirs: ['/lib', '/usr/local/lib', '/usr/lib'],
  },
  {
    // Source: _dl_load_shared_library in ldso/ldso/dl-elf.c of uClibc-ng.
    libc: 'uClibc',
    names: /^ld(?:64)?-uClibc(?:-[\d.]+)?\.so(?:\.\d+)?$/,
    comparesVersions: false,
    answersItself: undefined,
    inheritsRunPath: false,
    pathFile: undefined,
    cacheFile: '/etc/ld.so.cache',
    defaultDirs: ['/lib', '/usr/lib'],
  },
];

/** Returns the kind of a dynamic linker by its file names, the most specific first: the file itself, then the link to it. */
export function linkerOf(...paths: readonly string[]): DynamicLinker | undefined {
  for (const path of paths) {
    const linker = linkers.find(({ names }) => names.test(posix.basename(path)));
    if (linker !== undefined) return linker;
  }
  return undefined;
}

/**
 * Returns the built-in directories of a dynamic linker: glibc stores them in its file, each with a slash at its end
 * (system_dirs in elf/dl-load.c). Debian's has those of its port, Buildroot's has none. Empty when none are found.
 */
export function builtInDirs(bytes: Buffer): string[] {
  const found = bytes.toString('latin1').matchAll(/\0(\/[\w./+-]*lib[\w./+-]*\/)(?=\0)/g);
  return [...new Set([...found].map(([, dir = '']) => dir.slice(0, -1)))];
}
