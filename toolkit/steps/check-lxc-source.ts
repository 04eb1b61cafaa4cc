import { compareVersions } from '../base/compare-versions.ts';
import { DiagnosticsError, type Diagnostic } from '../base/diagnostic.ts';
import { KitError } from '../base/errors.ts';
import { joinWords } from '../base/join-words.ts';
import { compiledFeatures } from '../lxc/options.ts';
import { refusalOf } from '../lxc/recipes.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import { openSource } from '../sources/source-kinds.ts';
import { versionOfTree } from '../sources/version.ts';
import type { Build } from '../opened-board/build.ts';

/**
 * Returns the version of an unpacked LXC source. Throws STEP_FAILED when the tree is not LXC, and PROFILE_INVALID when
 * the board profile gives it another version.
 */
export async function checkLxcSource(build: Build, source: ResolvedSource, tree: string): Promise<string> {
  const found = await versionOfTree('lxc', tree);
  if (found === undefined) {
    throw new KitError(
      'STEP_FAILED',
      `${source.origin} is not LXC: it has neither meson.build nor configure.ac with a version`,
      { hint: 'give the tarball of a release of LXC' },
    );
  }
  const { profile, provenance } = build.loaded;
  if (build.overrides.has('lxc')) return found;
  const problems = (profile.lxc.sources ?? []).flatMap((spec, index): Diagnostic[] => {
    const stated = 'version' in spec ? spec.version : undefined;
    if (stated === undefined || openSource(spec).description !== source.origin) return [];
    if (compareVersions(stated, found) === 0) return [];
    return [
      {
        location: provenance(['lxc', 'sources', index, 'version']),
        message: `${source.origin} is LXC ${found}, but the profile says ${stated}`,
        help: `write version: ${JSON.stringify(found)}, or give the source of ${stated}`,
      },
    ];
  });
  if (problems.length > 0) throw new DiagnosticsError('PROFILE_INVALID', problems);
  return found;
}

/** Throws PROFILE_INVALID for each feature that lxc-kit builds no library for, or that the release does not support. */
export function refuseFeatures(build: Build, version: string): void {
  const { profile, provenance } = build.loaded;
  const problems = (profile.lxc.features ?? []).flatMap((feature, index): Diagnostic[] => {
    const location = provenance(['lxc', 'features', index]);
    const refused = refusalOf(version, feature, build.architecture.kernelArch);
    if (refused !== undefined) {
      const message = `LXC ${version} cannot have ${feature}: ${refused}`;
      return [
        { location, message, help: `take ${feature} out of lxc.features, or build another LXC series` },
      ];
    }
    if (compiledFeatures.includes(feature)) return [];
    const message = `lxc-kit builds no library for ${feature}, and LXC ${version} is compiled here`;
    const help = `take it out of lxc.features; lxc-kit builds ${joinWords(compiledFeatures, 'and')}, and libcap is always there`;
    return [{ location, message, help }];
  });
  if (problems.length > 0) throw new DiagnosticsError('PROFILE_INVALID', problems);
}
