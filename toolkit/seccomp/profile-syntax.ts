import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';

/** How a release of LXC reads seccomp profiles of version 2 (src/lxc/seccomp.c). */
export interface ProfileSyntax {
  /** The words of the second line. */
  readonly words: { readonly allow: string; readonly deny: string };
  /** Whether a rule may have conditions of arguments: `[0,40,SCMP_CMP_NE]`. */
  readonly argumentFilters: boolean;
}

/** The words and rules that releases know. Later releases also read the older words. */
const WORDS: readonly (VersionRange & { readonly words: ProfileSyntax['words'] })[] = [
  // 4.0.1 to 4.0.3 were not compared.
  { since: '4.0.4', words: { allow: 'allowlist', deny: 'denylist' } },
  { words: { allow: 'whitelist', deny: 'blacklist' } },
];

const ARGUMENT_FILTERS: VersionRange = { since: '3.0.0' };

/** Returns the syntax of a release. */
export function profileSyntax(lxcVersion: string): ProfileSyntax {
  const row = WORDS.find((range) => inVersionRange(lxcVersion, range));
  if (row === undefined) throw new Error('the last row of the words holds for every release');
  return { words: row.words, argumentFilters: inVersionRange(lxcVersion, ARGUMENT_FILTERS) };
}
