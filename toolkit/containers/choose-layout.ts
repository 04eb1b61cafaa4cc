import { DiagnosticsError } from '../base/diagnostic.ts';
import { cgroupLayouts, type CgroupLayout } from './cgroup-settings.ts';
import { keyFor, noKeyMessage } from './concept-keys.ts';
import { cgroupVersion, type Setting } from './config-settings.ts';
import type { ConvertTarget } from './convert-config.ts';
import type { Findings } from './findings.ts';
import { handlesAllOf } from './lxc-fit.ts';
import { placeOf } from './read-config.ts';

/**
 * The cgroup layout a configuration is written for: the one that was asked for; else `both` where the configuration has
 * settings of both versions, as LXC's own do, and the release has both keys; else that of v2 where LXC handles all of it (from 4.0 on) or where
 * only that is set, and of v1 for older releases. A choice that changes settings is noted.
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
    if (has(cgroup)) return cgroup;
    const message = noKeyMessage(cgroupLayouts[cgroup].concept, lxcVersion);
    throw new DiagnosticsError('CONTAINER_INVALID', [
      { message, help: `leave --cgroup out, or write --cgroup ${cgroup === 'v2' ? 'v1' : 'v2'}` },
    ]);
  }
  if (old !== undefined && modern !== undefined && has('v1') && has('v2')) return 'both';
  const layout =
    has('v2') && (!has('v1') || modern !== undefined || handlesAllOf('v2', lxcVersion)) ? 'v2' : 'v1';
  const changed = layout === 'v2' ? old : modern;
  const there = layout === 'v2' ? modern : old;
  if (changed !== undefined && there === undefined) {
    const other = layout === 'v2' ? 'v1' : 'v2';
    findings.note(
      'changed',
      placeOf(changed.line.source),
      `settings of cgroup ${other} are written for cgroup ${layout} from here on`,
      has(other) ? `use --cgroup ${other} for a device that mounts ${other}` : undefined,
    );
  }
  return layout;
}
