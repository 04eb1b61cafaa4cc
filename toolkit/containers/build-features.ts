import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import type { BuildFeature, LxcKey } from './lxc-keys.ts';

/** Releases that refuse keys when they are built without what those need; the others read them and do nothing. */
interface Refusal {
  readonly feature: BuildFeature;
  /** All keys of the feature if absent. */
  readonly keys?: RegExp;
  readonly releases: readonly VersionRange[];
}

/** A key of a security module: an error from 4.0.7 on, a mere warning in 4.0.10 to 4.0.12. */
const MODULE_KEYS: readonly VersionRange[] = [{ since: '4.0.7', until: '4.0.9' }, { since: '5.0.0' }];

// Read in confile.c at the tags: the branches for a build without HAVE_APPARMOR, HAVE_SELINUX and HAVE_SECCOMP.
const REFUSALS: readonly Refusal[] = [
  // Not the key, but the start: each name of a capability is unknown without the library.
  { feature: 'libcap', releases: [{}] },
  { feature: 'apparmor', releases: MODULE_KEYS },
  { feature: 'selinux', releases: MODULE_KEYS },
  { feature: 'seccomp', keys: /^lxc\.seccomp(?:\.profile)?$/, releases: [{ since: '4.0.11' }] },
  { feature: 'seccomp', keys: /^lxc\.seccomp\.(?:allow_nesting|notify\.)/, releases: [{}] },
];

/** The library that a release has to be built with, or it refuses the key; undefined when it takes it all the same. */
export function featureNeeded({ key, needsBuild }: LxcKey, lxcVersion: string): BuildFeature | undefined {
  const refuses = REFUSALS.some(
    ({ feature, keys, releases }) =>
      feature === needsBuild &&
      (keys?.test(key) ?? true) &&
      releases.some((range) => inVersionRange(lxcVersion, range)),
  );
  return refuses ? needsBuild : undefined;
}
