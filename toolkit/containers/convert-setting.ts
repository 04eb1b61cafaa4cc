import { translateSetting } from './translate-cgroup.ts';
import { cgroupLayouts, type CgroupLayout } from './cgroup-settings.ts';
import { checkValue } from './check-value.ts';
import { compareVersions, describeRange } from '../base/compare-versions.ts';
import { keyFor } from './concept-keys.ts';
import { cgroupValues, cgroupVersion, type Setting } from './config-settings.ts';
import { convertMount } from './convert-mount.ts';
import { convertRootfs } from './convert-rootfs.ts';
import { HIGHEST_ORDER_FIRST } from './changed-meanings.ts';
import { startOrder } from './definition-fields.ts';
import type { ConvertedDevices } from './devices/convert-devices.ts';
import type { Findings } from './findings.ts';
import { keyOfRelease, spellings } from './key-of-release.ts';
import type { RootfsPlace } from './mount-target.ts';
import { placeOf } from './read-config.ts';

export interface ConvertContext {
  readonly lxcVersion: string;
  readonly layout: CgroupLayout | 'both';
  /** The release the configuration was written for, where its first line says so. */
  readonly from: string | undefined;
  readonly place: RootfsPlace;
  /** All settings that count, those of included files among them. */
  readonly settings: readonly Setting[];
  /** The device rules of the file, where they are written for the other cgroup version. */
  readonly devices: ConvertedDevices;
  readonly findings: Findings;
}

/** A line of the new configuration. */
export interface ConvertedLine {
  readonly key: string;
  readonly value: string;
}

/** The first release that does nothing with the keys of NEEDLESS; 3.0.0 does not know them any more. */
const NEEDLESS_SINCE = '2.1.0';

/** Keys that later releases do without. */
const NEEDLESS: Readonly<Record<string, string>> = {
  'lxc.kmsg': 'later releases never link /dev/kmsg to the console',
  'lxc.pivotdir': 'later releases need no such directory',
};

/** The first release that takes a variable without a value. */
const BARE_VARIABLE_SINCE = '3.1.0';

/** A setting as one LXC release has it: mostly one line, none where it is needless there, several for some of cgroups. */
export function convertSetting(setting: Setting, context: ConvertContext): readonly ConvertedLine[] {
  const { row, value, part, index, line } = setting;
  const { lxcVersion, findings } = context;
  if (cgroupVersion(row) !== undefined) return convertCgroup(setting, context);
  if (row.key === 'lxc.rootfs.backend') return convertBackend(setting, context);
  const needless = NEEDLESS[row.key];
  if (needless !== undefined && compareVersions(lxcVersion, NEEDLESS_SINCE) >= 0) {
    findings.note('left-out', placeOf(line.source), `${row.key}: ${needless}`);
    return [];
  }
  const newRow = keyOfRelease(row, lxcVersion);
  if (newRow === undefined) {
    noKey(setting, context);
    return [];
  }
  const key = newRow.key.replace('[i]', String(index ?? 0)).replace(/<\w+>/, part);
  if (row.type === 'environment' && value !== '' && !value.includes('=')) {
    if (compareVersions(lxcVersion, BARE_VARIABLE_SINCE) < 0)
      findings.error(
        placeOf(line.source, 'value'),
        `LXC ${lxcVersion} takes no variable without a value; ${describeRange({ since: BARE_VARIABLE_SINCE })} do`,
        `write ${key} = ${value}=VALUE`,
      );
    return [{ key, value }];
  }
  const converted = convertValue(setting, context);
  if (converted === undefined) return [];
  const wrong = checkValue(newRow, converted, lxcVersion);
  if (wrong !== undefined) findings.error(placeOf(line.source, 'value'), `${key} ${wrong}`);
  return [{ key, value: converted }];
}

function convertValue(setting: Setting, context: ConvertContext): string | undefined {
  const newest = spellings(setting.row)[0]?.key;
  if (newest === 'lxc.mount.entry') return convertMount(setting, context);
  if (newest === 'lxc.rootfs.path') return convertRootfs(setting, context);
  if (newest === 'lxc.start.order') return convertOrder(setting, context);
  return setting.value;
}

/** The same order of starting: LXC 1.x begins with the highest number, later releases with the lowest. */
function convertOrder({ value, line, row }: Setting, { from, lxcVersion, findings }: ConvertContext): string {
  const other = String(startOrder(startOrder(Number(value), from), lxcVersion));
  if (other === value || checkValue(row, value, lxcVersion) !== undefined) return value;
  const between = `LXC ${describeRange(HIGHEST_ORDER_FIRST)} starts the highest order first, later releases the lowest`;
  findings.note('changed', placeOf(line.source, 'value'), `${value} is written as ${other}: ${between}`);
  return other;
}

/** A storage type of its own key; later releases have it before the path. */
function convertBackend(setting: Setting, { lxcVersion, findings }: ConvertContext): ConvertedLine[] {
  if (keyFor('rootfs-path', lxcVersion) !== 'lxc.rootfs.path') {
    if (keyOfRelease(setting.row, lxcVersion) !== undefined)
      return [{ key: setting.key, value: setting.value }];
    findings.note(
      'left-out',
      placeOf(setting.line.source),
      `LXC ${lxcVersion} has no such key and finds the storage type out itself`,
    );
  }
  return [];
}

function noKey({ row, key, line }: Setting, { lxcVersion, findings }: ConvertContext): void {
  const rows = spellings(row);
  const { until } = rows[0] ?? row;
  const { since } = rows.at(-1) ?? row;
  findings.error(
    placeOf(line.source, 'key'),
    `LXC ${lxcVersion} has nothing that does what ${key} does; ${describeRange({ since, ...(until === undefined ? {} : { until }) })} have`,
    'remove the line, or put a # before it',
  );
}

function convertCgroup(setting: Setting, context: ConvertContext): ConvertedLine[] {
  const { row, part, value, key, line } = setting;
  const { layout, lxcVersion, settings, findings } = context;
  const from = cgroupVersion(row) ?? 'v1';
  const to = layout === 'both' ? from : cgroupLayouts[layout].version;
  if (from === to) return [{ key, value }];
  const place = placeOf(line.source);
  if (settings.some((other) => cgroupVersion(other.row) === to)) {
    findings.note(
      'left-out',
      place,
      `a setting of cgroup ${from}: the configuration has settings of its own for cgroup ${to}`,
    );
    return [];
  }
  const family = to === 'v1' ? 'lxc.cgroup.' : 'lxc.cgroup2.';
  const device = context.devices.get(setting);
  if (device !== undefined) return device.map(([file, text]) => ({ key: `${family}${file}`, value: text }));
  const { settings: translated, instead } = translateSetting(
    [part, value],
    from,
    cgroupValues(settings, from),
  );
  if (translated === undefined) {
    const keeps = keyFor(from === 'v1' ? 'cgroup-v1' : 'cgroup-v2', lxcVersion) !== undefined;
    findings.error(
      placeOf(line.source, 'key'),
      `cgroup ${to} has no equivalent of ${part} = ${value}; LXC ${describeRange(row)} can set it on cgroup ${from}`,
      instead ?? (keeps ? `--cgroup ${from} keeps it` : 'remove the line, or put a # before it'),
    );
    return [];
  }
  if (translated.length === 0)
    findings.note('left-out', place, `${part}: cgroup ${to} does that unasked, or in another line`);
  return translated.map(([file, text]) => ({ key: `${family}${file}`, value: text }));
}
