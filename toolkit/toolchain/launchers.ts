/** The directories and files that a launcher uses. */
export interface LauncherPlaces {
  /** Its folder in the store, or the store itself when it has none. */
  readonly cacheDir: string;
  /** Whether the folder belongs to a group of users. */
  readonly ofGroup: boolean;
  /** The out directory. Two out directories that are built alike must be able to share objects. */
  readonly outDir: string;
  /** A file of this step, in which the launcher records the result of each compilation. */
  readonly statisticsFile: string;
}

/** A program in front of the compiler: it caches objects, or has them compiled elsewhere. */
export interface LauncherKind {
  readonly debianPackage: string;
  readonly does: string;
  /** Its own folder in the store, if it has one. */
  readonly folder?: string;
  /** The variables that lxc-kit sets for it. */
  readonly environment: (places: LauncherPlaces) => Readonly<Record<string, string>>;
  /** The user's own variables that it gets unchanged: the servers, the maximum size of the cache. */
  readonly userVariables: RegExp;
  /** The entries in its statistics file that mean a cached object was found, or was not. */
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
      // ccache manual, "Sharing a cache": it creates directories, which the other users must be able to write to.
      ...(ofGroup ? { CCACHE_UMASK: '002' } : {}),
      // Paths below it are made relative before they are compared (ccache manual, "Compiling in different directories").
      CCACHE_BASEDIR: outDir,
      CCACHE_NOHASHDIR: '1',
      // The compiler file's time says nothing on another machine, or after a reinstallation.
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
} as const satisfies Record<string, LauncherKind>;

export type LauncherName = keyof typeof launchers;

/** The names of compiler launchers in a profile. */
export const launcherNames = Object.keys(launchers) as [LauncherName, ...LauncherName[]];

/** The launcher that is used when the profile names none and the host has it. */
export const DEFAULT_LAUNCHER: LauncherName = 'ccache';

/** How many compilations found their object in a cache. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
}

/** Reads a launcher's statistics file: one entry per line, with the names of the sources as comments. */
export function countCompilations(
  { hits, misses }: NonNullable<LauncherKind['counted']>,
  text: string,
): CacheCounts {
  const lines = text.split('\n');
  const count = (names: readonly string[]): number => lines.filter((line) => names.includes(line)).length;
  return { hits: count(hits), misses: count(misses) };
}
