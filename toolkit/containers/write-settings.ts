import { describeRange } from '../base/compare-versions.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { cgroupLayouts } from './cgroup-settings.ts';
import { configGroups, type ConfigGroups, type GroupTarget } from './config-groups.ts';
import { checkRawDevices } from './devices/check-raw-devices.ts';
import { fittingRange, layoutFit } from './lxc-fit.ts';
import { LineWriter, type ConfigLine, type WriterTarget } from './line-writer.ts';
import type { PlannedMount } from './mount-plan.ts';
import { ProblemList, type Locate } from './problem-list.ts';
import { rawLines } from './raw-lines.ts';

export type SettingsTarget = GroupTarget & WriterTarget;

/** The lines of a container's configuration. What the release or the layout cannot have is a problem. */
export function writeSettings(
  container: ContainerDefinition,
  mounts: readonly PlannedMount[],
  target: SettingsTarget,
  problems: ProblemList,
): { readonly groups: ConfigGroups; readonly raw: readonly ConfigLine[] } {
  const writer = new LineWriter(container.name, target, problems);
  const groups = configGroups(container, mounts, target, writer, problems);
  warnOfLayout(container, target, groups, problems);
  const raw = rawLines(container, { ...target, writer, problems });
  checkRawDevices(container.name, groups.devices, raw, target.cgroup, problems);
  return { groups, raw };
}

/**
 * Everything that a release of LXC cannot be told of a container, without its root filesystem: so it can be said before
 * anything is compiled.
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
  if (version === 'v1' && limits.swap !== undefined && limits.memory === undefined) {
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
    'set "cgroup: v1" or "cgroup: v2" in the board profile, or leave out devices and limits',
  );
}
