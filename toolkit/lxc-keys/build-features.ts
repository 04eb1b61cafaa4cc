import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import type { BuildFeature, LxcKey } from './lxc-keys.ts';

/** Releases that refuse a feature's keys when built without it; other releases read the keys and ignore them. */
interface Refusal {
  readonly feature: BuildFeature;
  /** All keys of the feature if absent. */
  readonly keys?: RegExp;
  readonly releases: readonly VersionRange[];
}

/** A key of a security module: an error since 4.0.7, only a warning in 4.0.10 to 4.0.12. */
const MODULE_KEYS: readonly VersionRange[] = [{ since: '4.0.7', until: '4.0.9' }, { since: '5.0.0' }];

// Read in confile.c at the tags: the branches for a build without HAVE_APPARMOR, HAVE_SELINUX and HAVE_SECCOMP.
const REFUSALS: readonly Refusal[] = [
  // The key is accepted, but the start fails: without the library, no capability name is known.
  { feature: 'libcap', releases: [{}] },
  { feature: 'apparmor', releases: MODULE_KEYS },
  { feature: 'selinux', releases: MODULE_KEYS },
  { feature: 'seccomp', keys: /^lxc\.seccomp(?:\.profile)?$/, releases: [{ since: '4.0.11' }] },
  { feature: 'seccomp', keys: /^lxc\.seccomp\.(?:allow_nesting|notify\.)/, releases: [{}] },
];

/** Returns the library without which a release refuses the key, or undefined if the release accepts it anyway. */
export function featureNeeded({ key, needsBuild }: LxcKey, lxcVersion: string): BuildFeature | undefined {
  const refuses = REFUSALS.some(
    ({ feature, keys, releases }) =>
      feature === needsBuild &&
      (keys?.test(key) ?? true) &&
      releases.some((range) => inVersionRange(lxcVersion, range)),
  );
  return refuses ? needsBuild : undefined;
}
