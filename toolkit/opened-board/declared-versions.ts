import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Location } from '../base/diagnostic.ts';
import { catalog } from '../sources/catalog.ts';
import type { SourceSpec } from '../sources/source-spec.ts';
import { versionFromName } from '../download/version-from-name.ts';
import { versionOfTree } from '../sources/version.ts';
import type { Build } from './build.ts';

/** A component's version according to the profile or the command line, before anything is fetched. */
export interface ToldVersion {
  /** Undefined if only the source itself has it: a Debian package, a tarball without a version in its name. */
  readonly version: string | undefined;
  /** The place where the user chose this source; undefined for lxc-kit's own list. */
  readonly location?: Location;
  /** The same as text: `--source lxc=lxc-7.0.0.tar.gz`, `boards/stb.yaml:9`, `lxc-kit's own list`. */
  readonly from: string;
}

/** Returns the version of the source that is tried first. */
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
    // A tree's own version wins over a `version` key; the same rule applies after fetching.
    if (found?.isDirectory() === true) return (await versionOfTree(component, spec.path)) ?? spec.version;
    return spec.version ?? versionInName(component, basename(spec.path));
  }
  if ('url' in spec) return spec.version ?? versionInName(component, basename(spec.url));
  if ('debian-pool' in spec) return spec.version ?? versionInName(component, basename(spec['debian-pool']));
  // linux-source-6.1 has its series in its name; only apt knows the version of "lxc".
  return /^linux-source-(\d+\.\d+)$/.exec(spec.debian)?.[1];
}

/** Reads only upstream's own names: the number in `vendor-sdk-2.1.tar.xz` need not be a kernel version. */
function versionInName(component: string, name: string): string | undefined {
  const upstream = component === 'kernel' ? /^linux(?:-source)?[-_]v?\d/ : /^lxc[-_]v?\d/;
  return upstream.test(name) ? versionFromName(name) : undefined;
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
