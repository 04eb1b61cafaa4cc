import { featureNeeded } from '../lxc-keys/build-features.ts';
import { checkValue } from '../lxc-keys/check-value.ts';
import { cgroupLayouts, type CgroupLayout } from '../cgroups/layouts.ts';
import { cgroupVersion, type Setting } from '../lxc-config/read-settings.ts';
import { convertSetting, type ConvertedLine } from './convert-setting.ts';
import type { ConvertContext } from './convert-context.ts';
import type { ConfigHeader } from '../lxc-config/config-header.ts';
import { rulesOf } from './config-rules.ts';
import { convertDevices } from './convert-devices.ts';
import { Findings } from '../lxc-keys/findings.ts';
import { findKey } from '../lxc-keys/key-table.ts';
import type { BuildFeature } from '../lxc-keys/lxc-keys.ts';
import { handlesAllOf } from '../cgroups/version-conflicts.ts';
import type { RootfsPlace } from '../lxc-keys/mount-target.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/** The LXC release and cgroup version for which the raw lines of an imported definition are written. */
export interface ImportTarget {
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
}

/** A setting that a definition cannot express, and the reason. */
export interface RawSetting {
  readonly setting: Setting;
  readonly why: string;
}

/** Returns the usual layout of boards with a release: v2 since 4.0. */
export function usualLayout(lxcVersion: string): CgroupLayout {
  return handlesAllOf('v2', lxcVersion) ? 'v2' : 'v1';
}

/** The library that lxc-kit always builds LXC with; most builds refuse keys that need another one. */
const ALWAYS_BUILT: BuildFeature = 'libcap';

/** Returns the raw lines of a definition. Leaves out and notes settings that the release or cgroup version lacks. */
export function rawLinesFor(
  raw: readonly RawSetting[],
  settings: readonly Setting[],
  { lxcVersion, cgroup }: ImportTarget,
  place: RootfsPlace,
  header: ConfigHeader | undefined,
  findings: Findings,
): string[] {
  const tried = new Findings();
  const own = raw.map(({ setting }) => setting);
  const context: ConvertContext = {
    lxcVersion,
    layout: cgroup,
    from: header?.release,
    made: header !== undefined,
    place,
    settings,
    devices: rawDevices(own, settings, cgroup, tried),
    findings: tried,
  };
  const lines = raw.flatMap(({ setting, why }) => {
    const before = tried.errors.length;
    const converted = convertSetting(setting, context);
    if (tried.errors.length > before) return [];
    const taken = converted.filter((line) => isTaken(line, setting, lxcVersion, tried));
    const texts = taken.map((line) => rawText(line, setting));
    const [only, ...more] = taken;
    const same = only?.key === setting.key && only.value === setting.value && more.length === 0;
    if (texts.length > 0)
      findings.note(
        'raw',
        placeOf(setting.line.source),
        `kept in raw${same ? '' : ` as ${texts.join('; ')}`}: ${why}`,
      );
    return texts;
  });
  for (const { location, message, help } of tried.errors) findings.note('left-out', location, message, help);
  for (const { outcome, location, message, help } of tried.notes)
    findings.note(outcome, location, message, help);
  return lines;
}

function rawDevices(
  own: readonly Setting[],
  settings: readonly Setting[],
  cgroup: CgroupLayout,
  findings: Findings,
): ConvertContext['devices'] {
  const { version: to } = cgroupLayouts[cgroup];
  const from = to === 'v1' ? 'v2' : 'v1';
  if (settings.some(({ row }) => cgroupVersion(row) === to)) return new Map();
  const rules = rulesOf(own, from);
  const unknownBefore = settings.some(({ line }) => line.unreadable !== undefined);
  return convertDevices({ rules, own: new Set(rules), from, unknownBefore }, findings);
}

function isTaken(line: ConvertedLine, setting: Setting, lxcVersion: string, findings: Findings): boolean {
  const row = findKey(line.key, lxcVersion);
  const wrong = row === undefined ? undefined : checkValue(row, line.value, lxcVersion);
  if (wrong !== undefined) {
    findings.note('left-out', placeOf(setting.line.source), `${line.key} ${wrong}`);
    return false;
  }
  const feature = row === undefined ? undefined : featureNeeded(row, lxcVersion);
  if (feature === undefined || feature === ALWAYS_BUILT) return true;
  findings.note(
    'left-out',
    placeOf(setting.line.source),
    `LXC ${lxcVersion} refuses ${line.key} when built without ${feature}`,
    `add ${line.key} = ${line.value} to raw if your LXC is built with it`,
  );
  return false;
}

function rawText({ key, value }: ConvertedLine, { row, index }: Setting): string {
  // At the end of the file, a network key without a number would apply to the last interface.
  const indexed = index === undefined ? key : key.replace(/^lxc\.network\.(?!\d)/, `lxc.network.${index}.`);
  const name = row.key === 'lxc.network.type' && key === row.key ? key : indexed;
  return `${name} = ${value.replace(/\t/g, ' ')}`.trimEnd();
}
