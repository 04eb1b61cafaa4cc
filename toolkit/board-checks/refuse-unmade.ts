import { DiagnosticsError, type Diagnostic } from '../base/diagnostic.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { parseMountEntry } from '../lxc-keys/parse-mount-entry.ts';
import type { PlacedSetting } from '../lxc-keys/problem-list.ts';
import type { Build } from '../opened-board/build.ts';
import { rawSettings } from '../opened-board/describe-board.ts';
import { LXC_PATH } from '../lxc/directories.ts';
import { givenFile } from '../opened-board/image-files.ts';
import { isMadeAtBoot, isNamedInImage } from '../opened-board/image-texts.ts';
import { includedLines } from '../opened-board/included-lines.ts';

type Known = Pick<Build, 'loaded' | 'displayPath'>;

/** File systems that are empty after boot and hide the content of the image below them. */
const EMPTY_AT_BOOT = ['/run', '/tmp', '/var/run', '/dev/shm'];

/** Directories that always exist: rcS makes them, and LXC its own. */
const ALWAYS_THERE = ['/run', '/tmp', '/var/run', '/dev/shm', '/run/lxc', '/var/run/lxc'];

/** Nodes below /dev that no driver makes. */
const MADE_BY_PROGRAMS = ['/dev/log', '/dev/initctl'];

/**
 * Throws CONTAINER_INVALID if a container needs something that nothing on the device makes: the source of a bind below
 * /run or /tmp, a bridge, a container whose namespace it shares. Accepts everything that a script, a table, a hook or a
 * program of the user mentions.
 */
export function refuseUnmade(build: Known): void {
  const { profile, provenance } = build.loaded;
  const problems = profile.containers.flatMap((container, index) => {
    const locate = (path: readonly (string | number)[]) => provenance(['containers', index, ...path]);
    const settings = [...rawSettings(container, locate), ...includedLines(container, build)];
    return [
      ...unmadeSources(container, settings, locate, build),
      ...unmadeLinks(container, settings, locate, build),
      ...missingOwners(container, settings, build),
    ];
  });
  problems.push(...unmadeBridges(build));
  if (problems.length > 0) throw new DiagnosticsError('CONTAINER_INVALID', problems);
}

type Locate = (path: readonly (string | number)[]) => Diagnostic['location'];

function placed(location: Diagnostic['location'], message: string, help: string): Diagnostic {
  return { ...(location === undefined ? {} : { location }), message, help };
}

function unmadeSources(
  { name, bind }: ContainerDefinition,
  settings: readonly PlacedSetting[],
  locate: Locate,
  build: Known,
): Diagnostic[] {
  const binds = bind.map(({ from, optional, options }, index) => ({
    from,
    optional: optional || options.includes('optional'),
    location: locate(['bind', index, 'from']) ?? locate(['bind', index]),
  }));
  const lines = settings.flatMap(({ key, value, place }) => {
    const entry = key === 'lxc.mount.entry' ? parseMountEntry(value) : undefined;
    if (entry?.isBind !== true) return [];
    return [{ from: entry.source, optional: entry.options.includes('optional'), location: place }];
  });
  return [...binds, ...lines].flatMap(({ from, optional, location }) => {
    if (optional || !isEmptyAtBoot(from, build) || isMadeAtBoot(from, build)) return [];
    return [
      placed(
        location,
        `${name} binds ${from}, which does not exist after boot: nothing in the image makes it`,
        'make it in a script /etc/init.d/S10NAME of an overlay, before containers start, or set optional: true',
      ),
    ];
  });
}

/** Whether a path is empty at boot; the user's own start script may mount other file systems, or none. */
function isEmptyAtBoot(path: string, { loaded: { profile } }: Known): boolean {
  if (ALWAYS_THERE.includes(path)) return false;
  if (['/etc/init.d/rcS', '/etc/inittab'].some((file) => givenFile(profile, file) !== undefined))
    return false;
  return MADE_BY_PROGRAMS.includes(path) || EMPTY_AT_BOOT.some((top) => path.startsWith(`${top}/`));
}

/** Finds external bridges that containers use but no script makes. */
function unmadeBridges(build: Known): Diagnostic[] {
  const { profile, provenance } = build.loaded;
  const links = new Set(
    profile.containers.flatMap(({ network }) => network.flatMap(({ link }) => link ?? [])),
  );
  return profile.bridges.flatMap(({ name, external }, index) => {
    if (!external || !links.has(name) || isNamedInImage(name, build)) return [];
    return [
      placed(
        provenance(['bridges', index, 'name']),
        `the bridge ${name} is external, but nothing in the image makes it: no script or table names it`,
        `make it in a script of an overlay, such as /etc/init.d/S10${name}, or remove "external: true" to let lxc-kit make it`,
      ),
    ];
  });
}

/** Finds interfaces on bridges that the profile does not have. */
function unmadeLinks(
  { name, network }: ContainerDefinition,
  settings: readonly PlacedSetting[],
  locate: Locate,
  build: Known,
): Diagnostic[] {
  const own = network.flatMap(({ type, link }, index) =>
    type === 'veth' && link !== undefined ? [{ link, location: locate(['network', index, 'link']) }] : [],
  );
  const veths = new Set(
    settings.flatMap(({ key, value }) => {
      const [, interfaceNumber] = /^lxc\.net\.(\d+)\.type$/.exec(key) ?? [];
      return value === 'veth' && interfaceNumber !== undefined ? [interfaceNumber] : [];
    }),
  );
  const lines = settings.flatMap(({ key, value, place }) => {
    const [, interfaceNumber] = /^lxc\.net\.(\d+)\.link$/.exec(key) ?? [];
    return interfaceNumber !== undefined && veths.has(interfaceNumber) && value !== ''
      ? [{ link: value, location: place }]
      : [];
  });
  const { bridges } = build.loaded.profile;
  return [...own, ...lines].flatMap(({ link, location }) => {
    if (bridges.some((bridge) => bridge.name === link) || isNamedInImage(link, build)) return [];
    return [
      placed(
        location,
        `${name} is connected to the bridge ${link}, which nothing makes: the profile has no such bridge, and no script or table in the image names it`,
        `add "bridges: [{ name: ${link} }]" to the board profile`,
      ),
    ];
  });
}

/** Finds containers whose namespaces are shared but that are neither in the profile nor in an overlay. */
function missingOwners(
  { name }: ContainerDefinition,
  settings: readonly PlacedSetting[],
  build: Known,
): Diagnostic[] {
  const { profile } = build.loaded;
  return settings.flatMap(({ key, value, place }) => {
    if (!key.startsWith('lxc.namespace.share.') || value === '' || /^\d+$|^\//.test(value)) return [];
    if (profile.containers.some((one) => one.name === value)) return [];
    if (givenFile(profile, `${LXC_PATH}/${value}/config`) !== undefined) return [];
    const near = didYouMean(
      value,
      profile.containers.map((one) => one.name),
    );
    return [
      placed(
        place,
        `${name} shares a namespace of ${value}, but the device has no such container`,
        near === undefined
          ? `add the container ${value} to the profile, or remove the line`
          : `did you mean ${near}?`,
      ),
    ];
  });
}
