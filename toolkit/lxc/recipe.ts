import type { VersionRange } from '../base/compare-versions.ts';

/** A change to LXC's own build files. */
export interface SourceEdit {
  readonly file: string;
  /** What is replaced, each time it occurs: a text, or the source of a regular expression that knows lines (flags gm). */
  readonly from: string | { readonly pattern: string };
  readonly to: string;
}

/** An option of configure or meson, for the releases that know it. */
export interface LxcOption extends VersionRange {
  readonly option: string;
}

/** What some releases need to compile with a current compiler and C library, or to come out small. */
export interface Quirk {
  readonly releases: readonly VersionRange[];
  readonly reason: string;
  /** Where upstream mended it, when it did. */
  readonly upstream?: string;
  readonly cflags?: readonly string[];
  readonly ldflags?: readonly string[];
  readonly edits?: readonly SourceEdit[];
}

/** A program that LXC installs, for the releases that do not run without it. */
export interface Helper extends VersionRange {
  readonly name: string;
  /** Where LXC mounts it in a container. It makes the file itself only where the container's root is writable. */
  readonly mountPoint?: string;
  readonly reason: string;
}

export type BuildSystem = 'autotools' | 'meson';

/** One series of LXC. */
export interface LxcRecipe {
  /** `5.0`: the first two numbers of the version. */
  readonly series: string;
  readonly buildSystem: BuildSystem;
  /** Features of the profile that this series cannot have, and why. */
  readonly refuses?: Readonly<Record<string, string>>;
}

/** Everything that building one release takes, picked from the tables. */
export interface LxcBuildPlan {
  readonly series: string;
  /** False when the release's own series is not in the table, and a neighbour's recipe stands in. */
  readonly exact: boolean;
  readonly buildSystem: BuildSystem;
  readonly options: readonly string[];
  readonly cflags: readonly string[];
  readonly ldflags: readonly string[];
  readonly edits: readonly (SourceEdit & { readonly reason: string })[];
  /** Names of installed programs that stay though later releases do without them. */
  readonly helpers: readonly string[];
}
