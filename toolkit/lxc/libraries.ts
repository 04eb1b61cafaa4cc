import type { Argv } from '../host/run-tool.ts';
import type { HostTool } from '../host/host-tools.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';

/** The libraries that lxc-kit compiles for LXC. */
export type LibraryName = 'libcap' | 'libseccomp';

export interface LibraryRequest {
  /** The root that library, headers and pkg-config file are installed below. */
  readonly installDir: string;
  readonly toolchain: Toolchain;
  readonly cflags: readonly string[];
  /** What stands before the compiler's name: nothing, or a launcher such as ccache. */
  readonly launcher: readonly string[];
}

export interface LibraryRecipe {
  readonly name: LibraryName;
  /** The feature of the profile that takes it; without one every LXC does. */
  readonly feature?: string;
  /** What its source needs on the host beside make and a compiler. */
  readonly hostTools: readonly HostTool[];
  /** The commands that compile and install it, each run in a writable copy of the source. */
  readonly commands: (request: LibraryRequest) => readonly LibraryCommand[];
}

export interface LibraryCommand {
  readonly argv: Argv;
  /** It is a make that may compile several files at once. */
  readonly parallel?: boolean;
}

/** How each library is compiled. The one place to add one, with its sources in the catalog. */
export const libraryRecipes: Readonly<Record<LibraryName, LibraryRecipe>> = {
  libcap: {
    name: 'libcap',
    hostTools: [],
    commands: ({ installDir, toolchain: { prefix }, cflags, launcher }) => [
      {
        parallel: true,
        argv: [
          'make',
          '-C',
          'libcap',
          // The flags go with the compiler: COPTS would reach the host's compiler too.
          `CC=${[...launcher, `${prefix}gcc`, ...cflags].join(' ')}`,
          'COPTS=-Os',
          'BUILD_CC=gcc',
          `AR=${prefix}ar`,
          `RANLIB=${prefix}ranlib`,
          `OBJCOPY=${prefix}objcopy`,
          'lib=lib',
          'prefix=/usr',
          'GOLANG=no',
          'PTHREADS=no',
          'USE_GPERF=no',
          `DESTDIR=${installDir}`,
          'install',
        ],
      },
    ],
  },
  libseccomp: {
    name: 'libseccomp',
    feature: 'seccomp',
    hostTools: [{ name: 'gperf', debianPackage: 'gperf', neededFor: 'libseccomp' }],
    commands: ({ installDir, toolchain: { prefix, machine }, cflags, launcher }) => [
      {
        argv: [
          'sh',
          './configure',
          `--host=${machine}`,
          '--prefix=/usr',
          '--disable-static',
          '--disable-dependency-tracking',
          `CC=${[...launcher, `${prefix}gcc`].join(' ')}`,
          `AR=${prefix}ar`,
          `RANLIB=${prefix}ranlib`,
          `CFLAGS=-Os ${cflags.join(' ')}`,
        ],
      },
      // Its tools and tests stay out.
      { argv: ['make', '-C', 'include', 'install', `DESTDIR=${installDir}`] },
      { argv: ['make', '-C', 'src', 'install', `DESTDIR=${installDir}`], parallel: true },
      { argv: ['make', `DESTDIR=${installDir}`, 'install-pkgconfDATA'] },
    ],
  },
};

/** The libraries that an LXC with some features takes. */
export function librariesFor(features: readonly string[]): LibraryRecipe[] {
  return Object.values(libraryRecipes).filter(
    ({ feature }) => feature === undefined || features.includes(feature),
  );
}
