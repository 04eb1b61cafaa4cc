import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Location } from '../base/diagnostic.ts';
import { catalog } from '../sources/catalog.ts';
import type { SourceSpec } from '../sources/source-spec.ts';
import { versionFromName } from '../sources/version-from-name.ts';
import { versionOfTree } from '../sources/version.ts';
import type { Build } from './build.ts';

/** What a profile, or the command line, says of a component's version before anything is fetched. */
export interface ToldVersion {
  /** Undefined where only the source itself tells: a Debian package, a tarball without a version in its name. */
  readonly version: string | undefined;
  /** Where the person chose this source; undefined for lxc-kit's own list. */
  readonly location?: Location;
  /** The same for people: `--source lxc=lxc-7.0.0.tar.gz`, `boards/stb.yaml:9`, `lxc-kit's own list`. */
  readonly from: string;
}

/** The version of the source that will be tried first. */
export async function toldVersion(build: Build, component: 'kernel' | 'lxc'): Promise<ToldVersion> {
  const override = build.overrides.get(component);
  if (override !== undefined) {
    const from = `--source ${component}=${build.displayPath(override)}`;
    return { version: await versionOfSpec(component, { path: override }), from };
  }
  const own = build.loaded.profile[component].sources;
  for (const [index, spec] of (own ?? catalog[component].candidates).entries()) {
    if ('path' in spec && !(await isThere(spec.path))) continue;
    const version = await versionOfSpec(component, spec);
    if (own === undefined) return { version, from: `lxc-kit's own list of sources` };
    const location = build.loaded.provenance([component, 'sources', index]);
    return { version, location, from: `${location.file}:${location.line}` };
  }
  return { version: undefined, from: 'the board profile' };
}

async function versionOfSpec(component: string, spec: SourceSpec): Promise<string | undefined> {
  if ('path' in spec) {
    const found = await stat(spec.path).catch(() => undefined);
    // What a tree says counts more than what somebody wrote beside it; the same rule holds once it is fetched.
    if (found?.isDirectory() === true) return (await versionOfTree(component, spec.path)) ?? spec.version;
    return spec.version ?? versionInName(component, basename(spec.path));
  }
  if ('url' in spec) return spec.version ?? versionInName(component, basename(spec.url));
  if ('debian-pool' in spec) return spec.version ?? versionInName(component, basename(spec['debian-pool']));
  // linux-source-6.1 has its series in its name; what "lxc" is, only apt knows.
  return /^linux-source-(\d+\.\d+)$/.exec(spec.debian)?.[1];
}

/** Only upstream's own names count: what stands in `vendor-sdk-2.1.tar.xz` need not be the version of a kernel. */
function versionInName(component: string, name: string): string | undefined {
  const upstream = component === 'kernel' ? /^linux(?:-source)?[-_]v?\d/ : /^lxc[-_]v?\d/;
  return upstream.test(name) ? versionFromName(name) : undefined;
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
