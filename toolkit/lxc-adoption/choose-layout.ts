import { DiagnosticsError } from '../base/diagnostic.ts';
import { inVersionRange } from '../base/compare-versions.ts';
import { cgroupLayouts, type CgroupLayout } from '../cgroups/layouts.ts';
import { IGNORES_THE_OTHER_CGROUP } from '../lxc-keys/changed-meanings.ts';
import { keyFor, noKeyMessage } from '../lxc-keys/concept-keys.ts';
import { cgroupVersion, type Setting } from '../lxc-config/read-settings.ts';
import type { ConvertTarget } from './convert-context.ts';
import { isDeviceSetting } from './config-rules.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { handlesAllOf, layoutRefusal } from '../cgroups/version-conflicts.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/**
 * Returns the cgroup layout that a configuration is written for: the requested one; otherwise `both` if the
 * configuration has settings of both versions, as LXC's own do, and the release ignores those that are not mounted;
 * otherwise the first of v2 and v1 on which the release supports these settings. v2 comes first since 4.0, and if only
 * v2 is set. A choice that changes settings is noted.
 */
export function chooseLayout(
  settings: readonly Setting[],
  { lxcVersion, cgroup }: ConvertTarget,
  findings: Findings,
): CgroupLayout | 'both' {
  const has = (layout: CgroupLayout): boolean =>
    keyFor(cgroupLayouts[layout].concept, lxcVersion) !== undefined;
  const first = (version: 'v1' | 'v2'): Setting | undefined =>
    settings.find(({ row }) => cgroupVersion(row) === version);
  const [old, modern] = [first('v1'), first('v2')];
  if (cgroup !== undefined) {
    refuseConflict(settings, cgroup, lxcVersion, has);
    return cgroup;
  }
  if (old !== undefined && modern !== undefined && has('v1') && has('v2'))
    if (inVersionRange(lxcVersion, IGNORES_THE_OTHER_CGROUP)) return 'both';
  const v2First = handlesAllOf('v2', lxcVersion) || (modern !== undefined && old === undefined);
  const order = v2First ? (['v2', 'v1'] as const) : (['v1', 'v2'] as const);
  const layout =
    order.find((one) => has(one) && conflictOf(settings, one, lxcVersion) === undefined) ??
    order.find(has) ??
    'v1';
  const changed = layout === 'v2' ? old : modern;
  const there = layout === 'v2' ? modern : old;
  if (changed !== undefined && there === undefined) {
    const other = layout === 'v2' ? 'v1' : 'v2';
    const otherFits = has(other) && conflictOf(settings, other, lxcVersion) === undefined;
    findings.note(
      'changed',
      placeOf(changed.line.source),
      `from here on, settings of cgroup ${other} are written for cgroup ${layout}`,
      otherFits ? `use --cgroup ${other} for a device that mounts ${other}` : undefined,
    );
  }
  return layout;
}

/** Throws CONTAINER_INVALID if the release does not support the settings on the requested layout. */
function refuseConflict(
  settings: readonly Setting[],
  cgroup: CgroupLayout,
  lxcVersion: string,
  has: (layout: CgroupLayout) => boolean,
): void {
  const instead = (['v2', 'v1'] as const).find(
    (one) => one !== cgroup && has(one) && conflictOf(settings, one, lxcVersion) === undefined,
  );
  const help = instead === undefined ? 'omit --cgroup' : `omit --cgroup, or use --cgroup ${instead}`;
  const message = has(cgroup)
    ? conflictOf(settings, cgroup, lxcVersion)
    : noKeyMessage(cgroupLayouts[cgroup].concept, lxcVersion);
  if (message !== undefined) throw new DiagnosticsError('CONTAINER_INVALID', [{ message, help }]);
}

/** Says why a release does not support these settings on a layout, from the table that `plan` also uses. */
function conflictOf(settings: readonly Setting[], cgroup: CgroupLayout, lxc: string): string | undefined {
  const own = settings.filter(({ row, value }) => cgroupVersion(row) !== undefined && value !== '');
  return layoutRefusal(lxc, cgroup, { settings: own.length > 0, devices: own.some(isDeviceSetting) });
}
