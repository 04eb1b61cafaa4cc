import type { Argv } from '../host/run-tool.ts';
import type { HostTool } from '../host/host-tools.ts';
import { defaultFeatures } from './options.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';

/** The libraries that lxc-kit compiles for LXC. */
export type LibraryName = 'libcap' | 'libseccomp';

export interface LibraryRequest {
  /** The install root for library, headers and pkg-config file. */
  readonly installDir: string;
  readonly toolchain: Toolchain;
  readonly cflags: readonly string[];
  /** The words before the compiler's name: none, or a launcher such as ccache. */
  readonly launcher: readonly string[];
}

export interface LibraryRecipe {
  readonly name: LibraryName;
  /** The feature of the profile that needs it; undefined: every LXC needs it. */
  readonly feature?: string;
  /** The host tools that its source needs in addition to make and a compiler. */
  readonly hostTools: readonly HostTool[];
  /** Returns the commands that compile and install it in a writable copy of the source. */
  readonly commands: (request: LibraryRequest) => readonly LibraryCommand[];
}

export interface LibraryCommand {
  readonly argv: Argv;
  /** Whether it is a make that may compile several files at once. */
  readonly parallel?: boolean;
}

/** How to compile each library. To add one, add a row here and its sources to the catalog. */
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
          // The flags are part of CC: COPTS would reach the host's compiler too.
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
      // Without its tools and tests.
      { argv: ['make', '-C', 'include', 'install', `DESTDIR=${installDir}`] },
      { argv: ['make', '-C', 'src', 'install', `DESTDIR=${installDir}`], parallel: true },
      { argv: ['make', `DESTDIR=${installDir}`, 'install-pkgconfDATA'] },
    ],
  },
};

/** Returns the libraries that an LXC with some features of the profile needs; without them, the default features. */
export function librariesFor(features: readonly string[] = defaultFeatures): LibraryRecipe[] {
  return Object.values(libraryRecipes).filter(
    ({ feature }) => feature === undefined || features.includes(feature),
  );
}
