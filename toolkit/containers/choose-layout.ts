import { DiagnosticsError } from '../base/diagnostic.ts';
import { inVersionRange } from '../base/compare-versions.ts';
import { cgroupLayouts, type CgroupLayout } from './cgroup-settings.ts';
import { IGNORES_THE_OTHER_CGROUP } from './changed-meanings.ts';
import { keyFor, noKeyMessage } from './concept-keys.ts';
import { cgroupVersion, type Setting } from './config-settings.ts';
import type { ConvertTarget } from './convert-config.ts';
import { isDeviceSetting } from './devices/config-rules.ts';
import type { Findings } from './findings.ts';
import { handlesAllOf, layoutRefusal } from './lxc-fit.ts';
import { placeOf } from './read-config.ts';

/**
 * The cgroup layout a configuration is written for: the one that was asked for; else `both` where the configuration has
 * settings of both versions, as LXC's own do, and the release ignores those that are not mounted; else the first of v2
 * and v1 that the release can have these settings on, v2 first from 4.0 on and where only v2 is set. A choice that
 * changes settings is noted.
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
    refuseMisfit(settings, cgroup, lxcVersion, has);
    return cgroup;
  }
  if (old !== undefined && modern !== undefined && has('v1') && has('v2'))
    if (inVersionRange(lxcVersion, IGNORES_THE_OTHER_CGROUP)) return 'both';
  const v2First = handlesAllOf('v2', lxcVersion) || (modern !== undefined && old === undefined);
  const order = v2First ? (['v2', 'v1'] as const) : (['v1', 'v2'] as const);
  const layout =
    order.find((one) => has(one) && misfitOf(settings, one, lxcVersion) === undefined) ??
    order.find(has) ??
    'v1';
  const changed = layout === 'v2' ? old : modern;
  const there = layout === 'v2' ? modern : old;
  if (changed !== undefined && there === undefined) {
    const other = layout === 'v2' ? 'v1' : 'v2';
    const otherFits = has(other) && misfitOf(settings, other, lxcVersion) === undefined;
    findings.note(
      'changed',
      placeOf(changed.line.source),
      `settings of cgroup ${other} are written for cgroup ${layout} from here on`,
      otherFits ? `use --cgroup ${other} for a device that mounts ${other}` : undefined,
    );
  }
  return layout;
}

/** Throws CONTAINER_INVALID where the release cannot have the settings on the layout that was asked for. */
function refuseMisfit(
  settings: readonly Setting[],
  cgroup: CgroupLayout,
  lxcVersion: string,
  has: (layout: CgroupLayout) => boolean,
): void {
  const instead = (['v2', 'v1'] as const).find(
    (one) => one !== cgroup && has(one) && misfitOf(settings, one, lxcVersion) === undefined,
  );
  const help =
    instead === undefined ? 'leave --cgroup out' : `leave --cgroup out, or write --cgroup ${instead}`;
  const message = has(cgroup)
    ? misfitOf(settings, cgroup, lxcVersion)
    : noKeyMessage(cgroupLayouts[cgroup].concept, lxcVersion);
  if (message !== undefined) throw new DiagnosticsError('CONTAINER_INVALID', [{ message, help }]);
}

/** Why a release cannot have these settings on a layout, from the table that `plan` asks, too. */
function misfitOf(settings: readonly Setting[], cgroup: CgroupLayout, lxc: string): string | undefined {
  const own = settings.filter(({ row, value }) => cgroupVersion(row) !== undefined && value !== '');
  return layoutRefusal(lxc, cgroup, { settings: own.length > 0, devices: own.some(isDeviceSetting) });
}
