import type { ConvertContext } from './convert-context.ts';
import { translateSetting } from '../cgroups/translate-cgroup.ts';
import { cgroupLayouts } from '../cgroups/layouts.ts';
import { featureNeeded } from '../lxc-keys/build-features.ts';
import { checkValue } from '../lxc-keys/check-value.ts';
import { compareVersions, describeRange } from '../base/compare-versions.ts';
import { keyFor } from '../lxc-keys/concept-keys.ts';
import { cgroupValues, cgroupVersion, type Setting } from '../lxc-config/read-settings.ts';
import { convertMount } from './convert-mount.ts';
import { convertRootfs } from './convert-rootfs.ts';
import {
  DEVICE_PATHS_SINCE,
  EMPTY_RESETS_SINCE,
  FEW_PTYS,
  HIGHEST_ORDER_FIRST,
  PTY_COUNTS_SINCE,
} from '../lxc-keys/changed-meanings.ts';
import { startOrder } from '../lxc-config/definition-fields.ts';
import { isDeviceSetting } from './config-rules.ts';
import { keyOfRelease, spellings } from '../lxc-keys/key-of-release.ts';
import type { LxcKey, ValueType } from '../lxc-keys/lxc-keys.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/** A line of the new configuration. */
export interface ConvertedLine {
  readonly key: string;
  readonly value: string;
}

/** Keys that later releases do not have or need; LXC 2.1.1 knows them and warns. */
const NEEDLESS: Readonly<Record<string, string>> = {
  'lxc.kmsg': 'later releases never link /dev/kmsg to the console',
  'lxc.pivotdir': 'later releases need no such directory',
};

/** The first release that accepts a variable without a value. */
const BARE_VARIABLE_SINCE = '3.1.0';

/** Converts a setting for one LXC release: usually to one line, to none if it is not needed, to several for some cgroup settings. */
export function convertSetting(setting: Setting, context: ConvertContext): readonly ConvertedLine[] {
  const { row, value, part, index, line } = setting;
  const { lxcVersion, findings } = context;
  if (cgroupVersion(row) !== undefined) return convertCgroup(setting, context);
  if (row.key === 'lxc.rootfs.backend') return convertBackend(setting, context);
  const needless = NEEDLESS[row.key];
  if (needless !== undefined && keyOfRelease(row, lxcVersion) === undefined) {
    findings.note('left-out', placeOf(line.source), `${row.key}: ${needless}`);
    return [];
  }
  const newRow = keyOfRelease(row, lxcVersion);
  if (newRow === undefined) {
    noKey(setting, context);
    return [];
  }
  const key = newRow.key.replace('[i]', String(index ?? 0)).replace(/<\w+>/, part);
  const dropped = droppedFor(setting, newRow, context);
  if (dropped !== undefined) {
    findings.note('left-out', placeOf(line.source), dropped.message, dropped.help);
    return [];
  }
  noteFeature(setting, newRow, key, context);
  if (index !== undefined && !knowsType(index, context)) noType(setting, context);
  if (row.type === 'environment' && value !== '' && !value.includes('=')) {
    if (compareVersions(lxcVersion, BARE_VARIABLE_SINCE) < 0)
      findings.error(
        placeOf(line.source, 'value'),
        `LXC ${lxcVersion} accepts no variable without a value; ${describeRange({ since: BARE_VARIABLE_SINCE })} do`,
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

/** Notes that a release built without a feature refuses its key, which earlier releases ignore. */
function noteFeature(
  { row, line, value }: Setting,
  to: LxcKey,
  key: string,
  { from, lxcVersion, findings }: ConvertContext,
): void {
  const feature = featureNeeded(to, lxcVersion);
  if (feature === undefined || feature === 'libcap' || value === '' || from !== undefined) return;
  // If the source release refuses it too, it was built with the feature.
  if (featureNeeded(row, row.until ?? lxcVersion) !== undefined) return;
  findings.note(
    'assumed',
    placeOf(line.source),
    `this assumes that LXC ${lxcVersion} is built with ${feature}; otherwise it refuses ${key}`,
    'remove the line if it is built without',
  );
}

interface Dropped {
  readonly message: string;
  readonly help?: string;
}

/** Says why a line is dropped: the release does not need it, or would refuse a line that had no effect; undefined when it is written. */
function droppedFor(
  { row, value }: Setting,
  to: LxcKey,
  { lxcVersion, made }: ConvertContext,
): Dropped | undefined {
  const before = (release: string): boolean => compareVersions(lxcVersion, release) < 0;
  if (value === '' && before(EMPTY_RESETS_SINCE) && refusesEmpty(to, lxcVersion))
    return {
      message: `LXC ${lxcVersion} does not accept ${to.key} without a value; without the line it is not set`,
    };
  const few = row.key === 'lxc.pts' && value !== '' && value !== '0' && Number(value) < FEW_PTYS;
  if (few && !made && !before(PTY_COUNTS_SINCE))
    return {
      message: `lxc.pts = ${value} only meant that there are pseudo terminals; since LXC ${PTY_COUNTS_SINCE} it would be their maximum number`,
      help: 'write lxc.pty.max = 1024 if programs of the container open pseudo terminals',
    };
  if (
    row.key === 'lxc.arch' &&
    checkValue({ ...row, valuesRefusedSince: '1.0.0' }, value, lxcVersion) !== undefined
  )
    return {
      message: `LXC ${lxcVersion} does not know lxc.arch = ${value}; LXC before 4.0.9 only warns about such a value`,
    };
  if (isUnconfined(to.key, value) && featureNeeded(to, lxcVersion) !== undefined)
    return {
      message: `${to.key} = unconfined is the default without AppArmor, and LXC ${lxcVersion} refuses the key when built without AppArmor, as by lxc-kit`,
      help: `add the line again if your LXC is built with AppArmor`,
    };
  return undefined;
}

function isUnconfined(key: string, value: string): boolean {
  return /^lxc\.(?:apparmor\.|aa_)profile$/.test(key) && value === 'unconfined';
}

/** Types whose empty values the parsers before 2.1 read, and refuse or read as 0. */
const READ_WHEN_EMPTY: readonly ValueType[] = ['address', 'enum', 'idmap', 'signal', 'bool', 'limit'];

/** The first release that reads numbers strictly; earlier ones read an empty number as 0 (lxc_safe_uint() in utils.c). */
const STRICT_NUMBERS_SINCE = '2.0.6';

/** Whether a parser before 2.1 refuses an empty value or reads it differently than 2.1. It clears text and lists. */
function refusesEmpty({ key, type }: LxcKey, lxcVersion: string): boolean {
  // The MTU is kept as text; a VLAN number was always read strictly.
  if (key.endsWith('.mtu')) return false;
  if (key.endsWith('.vlan.id') || key === 'lxc.mount' || key === 'lxc.include') return true;
  if (type === 'uint' || type === 'int') return compareVersions(lxcVersion, STRICT_NUMBERS_SINCE) >= 0;
  return READ_WHEN_EMPTY.includes(type);
}

/** Whether the interface has a type, or the release has numbered interfaces, which need none. */
function knowsType(index: number, { settings, lxcVersion }: ConvertContext): boolean {
  if (keyFor('network-type', lxcVersion)?.includes('[i]') === true) return true;
  return settings.some((one) => one.index === index && one.row.key.endsWith('.type'));
}

function noType({ key, line, index }: Setting, { lxcVersion, findings }: ConvertContext): void {
  findings.error(
    placeOf(line.source, 'key'),
    `LXC ${lxcVersion} accepts ${key} only after the type of its interface, and interface ${index ?? 0} has no type here`,
    'give the root folder of the device with --root, so that included files are read, or add the type',
  );
}

function convertValue(setting: Setting, context: ConvertContext): string | undefined {
  const newest = spellings(setting.row)[0]?.key;
  if (newest === 'lxc.mount.entry') return convertMount(setting, context);
  if (newest === 'lxc.rootfs.path') return convertRootfs(setting, context);
  if (newest === 'lxc.start.order') return convertOrder(setting, context);
  return setting.value;
}

/** Keeps the start order: LXC 1.x begins with the highest number, later releases with the lowest. */
function convertOrder({ value, line, row }: Setting, { from, lxcVersion, findings }: ConvertContext): string {
  const other = String(startOrder(startOrder(Number(value), from), lxcVersion));
  if (other === value || checkValue(row, value, lxcVersion) !== undefined) return value;
  const between = `LXC ${describeRange(HIGHEST_ORDER_FIRST)} starts the highest order first, later releases the lowest`;
  findings.note('changed', placeOf(line.source, 'value'), `${value} is written as ${other}: ${between}`);
  return other;
}

/** Converts a storage type with its own key; later releases have it before the path. */
function convertBackend(setting: Setting, { lxcVersion, findings }: ConvertContext): ConvertedLine[] {
  if (keyFor('rootfs-path', lxcVersion) !== 'lxc.rootfs.path') {
    if (keyOfRelease(setting.row, lxcVersion) !== undefined)
      return [{ key: setting.key, value: setting.value }];
    findings.note(
      'left-out',
      placeOf(setting.line.source),
      `LXC ${lxcVersion} has no such key and detects the storage type itself`,
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
    `LXC ${lxcVersion} has no equivalent of ${key}; ${describeRange({ since, ...(until === undefined ? {} : { until }) })} have`,
    'remove the line, or put a # before it',
  );
}

function convertCgroup(setting: Setting, context: ConvertContext): ConvertedLine[] {
  const { row, part, value, key, line } = setting;
  const { layout, lxcVersion, settings, findings } = context;
  const from = cgroupVersion(row) ?? 'v1';
  const to = layout === 'both' ? from : cgroupLayouts[layout].version;
  if (
    isDeviceSetting(setting) &&
    value.startsWith('/') &&
    compareVersions(lxcVersion, DEVICE_PATHS_SINCE) < 0
  )
    findings.error(
      placeOf(line.source, 'value'),
      `LXC ${lxcVersion} accepts no path in a device rule; ${describeRange({ since: DEVICE_PATHS_SINCE })} do`,
      'write the type and numbers of the device, such as c 1:3 rwm',
    );
  if (from === to) return [{ key, value }];
  const place = placeOf(line.source);
  if (settings.some((other) => cgroupVersion(other.row) === to)) {
    findings.note(
      'left-out',
      place,
      `a setting of cgroup ${from}: the configuration has its own settings for cgroup ${to}`,
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
    findings.note('left-out', place, `${part}: cgroup ${to} does that by default, or another line sets it`);
  return translated.map(([file, text]) => ({ key: `${family}${file}`, value: text }));
}
