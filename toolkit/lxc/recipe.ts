import type { VersionRange } from '../base/compare-versions.ts';
import type { TextEdit } from '../base/text-edit.ts';

/** A change to LXC's own build files. */
export interface SourceEdit extends TextEdit {
  readonly file: string;
}

/** An option of configure or meson, for the releases that know it. */
export interface LxcOption extends VersionRange {
  readonly option: string;
}

/** A change that some releases need to compile with a current compiler and C library, or to become smaller. */
export interface Quirk {
  readonly releases: readonly VersionRange[];
  readonly reason: string;
  /** The feature without which it makes no difference. */
  readonly feature?: string;
  /** The release and commit in which upstream fixed it, if it did. */
  readonly upstream?: string;
  readonly cflags?: readonly string[];
  readonly ldflags?: readonly string[];
  readonly edits?: readonly SourceEdit[];
}

/** A program that LXC installs, and the releases that need it. */
export interface Helper extends VersionRange {
  readonly name: string;
  /** The file on which LXC mounts it in a container. LXC creates the file only if the container's root is writable. */
  readonly mountPoint?: string;
  readonly reason: string;
}

export type BuildSystem = 'autotools' | 'meson';

/** One series of LXC. */
export interface LxcRecipe {
  /** `5.0`: the first two numbers of the version. */
  readonly series: string;
  readonly buildSystem: BuildSystem;
  /** The features of the profile that this series does not support. */
  readonly refuses?: Readonly<Record<string, Refusal>>;
}

/** Why a series does not support a feature. */
export interface Refusal {
  /** The only kernel architecture where it does not. */
  readonly kernelArch?: string;
  readonly reason: string;
}

/** The options and changes for building one release, selected from the tables. */
export interface LxcBuildPlan {
  readonly series: string;
  /** False when the release's series is not in the table and the nearest one's recipe is used. */
  readonly exact: boolean;
  readonly buildSystem: BuildSystem;
  readonly options: readonly string[];
  readonly cflags: readonly string[];
  readonly ldflags: readonly string[];
  readonly edits: readonly (SourceEdit & { readonly reason: string })[];
  /** The names of installed helper programs to keep for this release. */
  readonly helpers: readonly string[];
}
