import { downloadPackage } from '../debian/apt-package.ts';
import { openAptState } from '../debian/apt-state.ts';
import { hostArchitecture } from '../debian/host-architecture.ts';
import { takePrebuilt } from '../debian/prebuilt.ts';
import type { ResolvedSource } from '../download/resolved-source.ts';
import type { SourceContext } from '../download/source-context.ts';
import { Unavailable } from '../download/unavailable.ts';
import { debianUpstreamVersion } from '../download/version-from-name.ts';
import { asTarball } from '../unpack/deb.ts';
import type { WantedComponent } from './source-kind.ts';

/** Takes the source in a Debian package, or the programs of one. Throws Unavailable. */
export async function takeDebian(
  name: string,
  { component, prebuilt }: WantedComponent,
  context: SourceContext,
): Promise<ResolvedSource> {
  if (context.offline) throw new Unavailable('it has not been fetched yet, and --offline was given');
  if (prebuilt !== undefined) return takePrebuilt(component, name, prebuilt, context);
  const apt = await openAptState(context, await hostArchitecture(context));
  const { version, deb } = await downloadPackage(name, apt, context);
  const tarball = await asTarball(deb, context);
  return {
    component,
    kind: 'debian',
    form: 'tarball',
    version: debianUpstreamVersion(version),
    origin: `Debian package ${name} ${version}`,
    sha256: tarball.sha256,
    files: [tarball],
  };
}
