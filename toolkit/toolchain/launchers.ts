import type { LauncherName } from '../base/launcher-names.ts';

/** Where a launcher keeps what it keeps. */
export interface LauncherPlaces {
  /** Its folder in the store, or the store where it has none. */
  readonly cacheDir: string;
  /** The folder is of several people of a group. */
  readonly ofGroup: boolean;
  /** The out directory; two of them that are built alike shall find each other's objects. */
  readonly outDir: string;
  /** A file of the step's own, for what happened to each compilation. */
  readonly statisticsFile: string;
}

/** A program that stands before the compiler's name: it keeps objects, or has them compiled elsewhere. */
export interface LauncherKind {
  readonly debianPackage: string;
  readonly does: string;
  /** The folder in the store that is its own, where it has one. */
  readonly folder?: string;
  /** What it is told by lxc-kit. */
  readonly environment: (places: LauncherPlaces) => Readonly<Record<string, string>>;
  /** The person's own variables that it gets as they are: where the farm is, how large the cache may be. */
  readonly userVariables: RegExp;
  /** Its entries in the statistics file that mean an object was there, or was not. */
  readonly counted?: { readonly hits: readonly string[]; readonly misses: readonly string[] };
}

/** Every launcher that a profile can name. A new one gets its name in `base/` and its row here. */
export const launchers = {
  ccache: {
    debianPackage: 'ccache',
    does: 'keeps compiled objects in the store',
    folder: 'ccache',
    environment: ({ cacheDir, ofGroup, outDir, statisticsFile }) => ({
      CCACHE_DIR: cacheDir,
      // ccache manual, "Sharing a cache": it makes directories of its own, which the others must be able to write to.
      ...(ofGroup ? { CCACHE_UMASK: '002' } : {}),
      // Paths in there are made relative before they are compared (ccache manual, "Compiling in different directories").
      CCACHE_BASEDIR: outDir,
      CCACHE_NOHASHDIR: '1',
      // The time of the compiler's file says nothing on another machine, or after a reinstallation.
      CCACHE_COMPILERCHECK: 'content',
      CCACHE_STATSLOG: statisticsFile,
    }),
    userVariables:
      /^CCACHE_(?:MAXSIZE|NAMESPACE|REMOTE_STORAGE|SECONDARY_STORAGE|PREFIX|READONLY|RECACHE|DISABLE)$/,
    // ccache manual, "Cache statistics"; the names are those of its log (stats_log).
    counted: { hits: ['direct_cache_hit', 'preprocessed_cache_hit'], misses: ['cache_miss'] },
  },
  sccache: {
    debianPackage: 'sccache',
    does: 'keeps compiled objects in the store, or in a cloud',
    folder: 'sccache',
    environment: ({ cacheDir }) => ({ SCCACHE_DIR: cacheDir }),
    userVariables: /^(?:SCCACHE|AWS)_/,
  },
  distcc: {
    debianPackage: 'distcc',
    does: 'has files compiled on the machines of DISTCC_HOSTS',
    environment: () => ({}),
    userVariables: /^DISTCC_/,
  },
  icecc: {
    debianPackage: 'icecc',
    does: 'has files compiled on the machines of an Icecream scheduler',
    environment: () => ({}),
    userVariables: /^ICECC_/,
  },
} as const satisfies Record<LauncherName, LauncherKind>;

/** The launcher that is used when the profile names none, where the host has it. */
export const DEFAULT_LAUNCHER: LauncherName = 'ccache';

/** How many compilations found their object in a cache. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
}

/** Reads a launcher's statistics file: one entry a line, beside comments with the names of the sources. */
export function countCompilations(
  { hits, misses }: NonNullable<LauncherKind['counted']>,
  text: string,
): CacheCounts {
  const lines = text.split('\n');
  const count = (names: readonly string[]): number => lines.filter((line) => names.includes(line)).length;
  return { hits: count(hits), misses: count(misses) };
}
