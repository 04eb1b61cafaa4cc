import { posix } from 'node:path';

/** How the dynamic linker of a C library finds libraries. */
export interface DynamicLinker {
  readonly libc: string;
  /** File names of the linker. */
  readonly names: RegExp;
  /** Whether it compares symbol versions. */
  readonly comparesVersions: boolean;
  /** Names that it answers itself instead of looking for a file. */
  readonly answersItself: RegExp | undefined;
  /** DT_RPATH and DT_RUNPATH of those that wanted the library count for it too (musl), or DT_RPATH alone. */
  readonly inheritsRunPath: boolean;
  /** A file in the place of its own directories: directories by colons or line ends. */
  readonly pathFile: ((interpreter: string) => string) | undefined;
  /** A file that knows places of libraries by name, which ldconfig writes. */
  readonly cacheFile: string | undefined;
  /** Directories that it looks into by itself, where its own bytes do not name them. */
  readonly defaultDirs: readonly string[];
}

/** Every C library whose dynamic linker is known. Of others only the linker itself is looked for. */
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

/** The kind of a dynamic linker by its file names, the most telling first: the file itself, then the link that led to it. */
export function linkerOf(...paths: readonly string[]): DynamicLinker | undefined {
  for (const path of paths) {
    const linker = linkers.find(({ names }) => names.test(posix.basename(path)));
    if (linker !== undefined) return linker;
  }
  return undefined;
}

/**
 * The directories that a dynamic linker was built to look into: glibc keeps them in its file, each with a slash at its end
 * (system_dirs in elf/dl-load.c). Debian's has those of its port, Buildroot's has not. Empty when there are none to be seen.
 */
export function builtInDirs(bytes: Buffer): string[] {
  const found = bytes.toString('latin1').matchAll(/\0(\/[\w./+-]*lib[\w./+-]*\/)(?=\0)/g);
  return [...new Set([...found].map(([, dir = '']) => dir.slice(0, -1)))];
}
