import { describeRange } from '../base/compare-versions.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { NO_LIMIT } from '../cgroups/no-limit.ts';
import { cgroupLayouts } from '../cgroups/layouts.ts';
import { writeGroups, type ConfigGroups, type GroupTarget } from '../lxc-config/write-groups.ts';
import { checkRawDevices } from '../lxc-config/check-raw-devices.ts';
import { fittingRange, layoutFit } from '../cgroups/version-conflicts.ts';
import { LineWriter, type ConfigLine, type WriterTarget } from '../lxc-keys/line-writer.ts';
import type { PlannedMount } from '../lxc-config/planned-mount.ts';
import { ProblemList, type Locate } from '../lxc-keys/problem-list.ts';
import { rawLines } from '../lxc-config/raw-lines.ts';

export type SettingsTarget = GroupTarget & WriterTarget;

/** Returns the lines of a container's configuration. Reports what the release or the layout does not support. */
export function writeSettings(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  target: SettingsTarget,
  problems: ProblemList,
): { readonly groups: ConfigGroups; readonly raw: readonly ConfigLine[] } {
  const writer = new LineWriter(container.name, target, problems);
  const groups = writeGroups(container, mounts, target, writer, problems);
  warnOfLayout(container, target, groups, problems);
  const raw = rawLines(container, { ...target, writer, problems });
  checkRawDevices(container.name, groups.devices, raw, target.cgroup, problems);
  return { groups, raw };
}

/**
 * Reports all settings of a container that a release of LXC does not support. It needs no root filesystem, so it runs
 * before anything is compiled.
 */
export function checkRelease(
  container: ContainerDefinition,
  target: SettingsTarget,
  locate: Locate,
): readonly Diagnostic[] {
  const problems = new ProblemList(locate);
  writeSettings(container, [], target, problems);
  return problems.errors;
}

function warnOfLayout(
  { name, limits }: ContainerDefinition,
  { cgroup, lxcVersion }: SettingsTarget,
  groups: ConfigGroups,
  problems: ProblemList,
): void {
  const { version } = cgroupLayouts[cgroup];
  if (version === 'v1' && limits.swap !== undefined && (limits.memory ?? NO_LIMIT) === NO_LIMIT) {
    problems.error(
      ['limits', 'swap'],
      `${name}: on cgroup v1 a swap limit needs a memory limit`,
      'add limits.memory',
    );
  }
  if (cgroup !== 'v1-single' || layoutFit(lxcVersion, cgroup).fits === 'yes') return;
  if (groups.devices.length + groups.limits.length === 0) return;
  problems.warning(
    groups.devices.length > 0 ? ['devices'] : ['limits'],
    `${name} will not start: LXC ${lxcVersion} finds no controllers in a single hierarchy of cgroup v1; ${describeRange(fittingRange(cgroup))} do`,
    'set "cgroup: v1" or "cgroup: v2" in the board profile, or remove devices and limits',
  );
}
