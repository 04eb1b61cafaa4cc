import type { Location } from '../base/diagnostic.ts';
import { catalog } from '../sources/catalog.ts';
import type { Candidate } from '../sources/source-kind.ts';
import { openSource } from '../sources/source-kinds.ts';
import { versionFromName } from '../download/version-from-name.ts';
import type { Build } from './build.ts';

/** A component's version according to the profile or the command line, before anything is fetched. */
export interface DeclaredVersion {
  /** Undefined if only the source itself has it: a Debian package, a tarball without a version in its name. */
  readonly version: string | undefined;
  /** The place where the user chose this source; undefined for lxc-kit's own list. */
  readonly location?: Location;
  /** The same as text: `--source lxc=lxc-7.0.0.tar.gz`, `boards/stb.yaml:9`, `lxc-kit's own list`. */
  readonly from: string;
}

/** Returns the version of the source that is tried first. */
export async function declaredVersionOf(build: Build, component: 'kernel' | 'lxc'): Promise<DeclaredVersion> {
  const override = build.overrides.get(component);
  if (override !== undefined) {
    const from = `--source ${component}=${build.displayPath(override)}`;
    return { version: await versionOf(component, openSource({ path: override })), from };
  }
  const own = build.loaded.profile[component].sources;
  for (const [index, spec] of (own ?? catalog[component].candidates).entries()) {
    const candidate = openSource(spec);
    if (candidate.local?.exists() === false) continue;
    const version = await versionOf(component, candidate);
    if (own === undefined) return { version, from: `lxc-kit's own list of sources` };
    const location = build.loaded.provenance([component, 'sources', index]);
    return { version, location, from: `${location.file}:${location.line}` };
  }
  return { version: undefined, from: 'the board profile' };
}

async function versionOf(component: string, candidate: Candidate): Promise<string | undefined> {
  const { local, statedVersion, fileName } = candidate;
  // A tree's own version wins over a `version` key; the same rule applies after fetching.
  const ofTree = await local?.treeVersion(component);
  return ofTree ?? statedVersion ?? (fileName === undefined ? undefined : versionInName(component, fileName));
}

/** Reads only upstream's own names: the number in `vendor-sdk-2.1.tar.xz` need not be a kernel version. */
function versionInName(component: string, name: string): string | undefined {
  const upstream = component === 'kernel' ? /^linux(?:-source)?[-_]v?\d/ : /^lxc[-_]v?\d/;
  return upstream.test(name) ? versionFromName(name) : undefined;
}
