import type { Diagnostic } from '../base/diagnostic.ts';
import { checkMountLines, type MountingContainer } from '../containers/check-mount-lines.ts';
import { checkNamedFiles } from '../containers/check-named-files.ts';
import type { HostRootfs } from '../containers/host-rootfs.ts';
import { directoryOf } from '../lxc-keys/mount-target.ts';
import { ProblemList, type PlacedSetting } from '../lxc-keys/problem-list.ts';
import type { Build } from '../opened-board/build.ts';
import { givenContainers, startsAtBoot } from './given-configs.ts';
import { LXC_PATH } from '../lxc/directories.ts';
import { includedFiles, includedLines } from '../opened-board/included-lines.ts';

const ROOTFS_KEYS = ['lxc.rootfs', 'lxc.rootfs.path'];

/** The mounts that LXC may make itself with any `lxc.mount.auto`. */
const ANY_AUTO: MountingContainer['auto'] = ['proc:mixed', 'sys:mixed', 'cgroup:mixed'];

/**
 * Checks mounts, mount tables and includes of containers whose whole configuration is in an overlay, against the
 * device's root filesystem. Only warns about a container that does not start at boot. `innerOf` returns the content of
 * a root filesystem on the device.
 */
export function checkGivenContainers(
  build: Pick<Build, 'loaded' | 'displayPath'>,
  host: HostRootfs,
  innerOf: (rootfsPath: string) => HostRootfs,
): { readonly errors: readonly Diagnostic[]; readonly warnings: readonly Diagnostic[] } {
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const name of givenContainers(build)) {
    const config = { include: [`${LXC_PATH}/${name}/config`], raw: [] };
    const problems = problemsOf(name, includedLines(config, build), host, innerOf);
    (startsAtBoot(includedFiles(config, build)) ? errors : warnings).push(...problems);
  }
  return { errors, warnings };
}

function problemsOf(
  name: string,
  settings: readonly PlacedSetting[],
  host: HostRootfs,
  innerOf: (rootfsPath: string) => HostRootfs,
): readonly Diagnostic[] {
  const problems = new ProblemList();
  const lines = settings.map(({ key, value, place }) => ({
    key,
    value,
    report: (message: string, help?: string) => {
      problems.errorAt(place, message, help);
    },
  }));
  checkNamedFiles(name, lines, host);
  const last = (...keys: readonly string[]): string | undefined =>
    settings.findLast(({ key }) => keys.includes(key))?.value;
  const path = directoryOf(last(...ROOTFS_KEYS) ?? '');
  if (path === undefined) return problems.errors;
  const container: MountingContainer = {
    name,
    kind: 'application',
    rootfs: { path },
    autodev: last('lxc.autodev') !== '0',
    auto: settings.some(({ key }) => key === 'lxc.mount.auto') ? ANY_AUTO : [],
    bind: [],
    mounts: [],
  };
  const entries = lines.filter(({ key }) => key === 'lxc.mount.entry');
  // A root filesystem that is made on the running device is unknown.
  const inner = host.lookup(path)?.type === 'dir' ? innerOf(path) : undefined;
  checkMountLines(container, entries, { host, inner, planned: [] });
  return problems.errors;
}
