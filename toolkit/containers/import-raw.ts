import { featureNeeded } from './build-features.ts';
import { checkValue } from './check-value.ts';
import { cgroupLayouts, type CgroupLayout } from './cgroup-settings.ts';
import { cgroupVersion, type Setting } from './config-settings.ts';
import { convertSetting, type ConvertContext, type ConvertedLine } from './convert-setting.ts';
import type { ConfigHeader } from './config-header.ts';
import { rulesOf } from './devices/config-rules.ts';
import { convertDevices } from './devices/convert-devices.ts';
import { Findings } from './findings.ts';
import { findKey } from './key-table.ts';
import type { BuildFeature } from './lxc-keys.ts';
import { handlesAllOf } from './lxc-fit.ts';
import type { RootfsPlace } from './mount-target.ts';
import { placeOf } from './read-config.ts';

/** What a definition is imported for: its raw lines are in the words of this release and this cgroup version. */
export interface ImportTarget {
  readonly lxcVersion: string;
  readonly cgroup: CgroupLayout;
}

/** A setting that a definition has no word for, and why. */
export interface RawSetting {
  readonly setting: Setting;
  readonly why: string;
}

/** The layout that boards with a release usually have: v2 from 4.0 on. */
export function usualLayout(lxcVersion: string): CgroupLayout {
  return handlesAllOf('v2', lxcVersion) ? 'v2' : 'v1';
}

/** The library that lxc-kit always builds LXC with; a key that needs another one would be refused by most builds. */
const ALWAYS_BUILT: BuildFeature = 'libcap';

/** The raw lines of a definition. A setting that the release or the cgroup version cannot have is left out and noted. */
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
    `LXC ${lxcVersion} refuses ${line.key} where it is built without ${feature}`,
    `add ${line.key} = ${line.value} to raw for an LXC that is built with it`,
  );
  return false;
}

function rawText({ key, value }: ConvertedLine, { row, index }: Setting): string {
  // At the end of the file a network key without a number would be about the last interface.
  const indexed = index === undefined ? key : key.replace(/^lxc\.network\.(?!\d)/, `lxc.network.${index}.`);
  const name = row.key === 'lxc.network.type' && key === row.key ? key : indexed;
  return `${name} = ${value.replace(/\t/g, ' ')}`.trimEnd();
}
