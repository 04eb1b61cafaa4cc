import { isIPv4, isIPv6 } from 'node:net';
import { didYouMean } from '../base/did-you-mean.ts';
import { checkCgroupValue } from '../cgroups/translate-cgroup.ts';
import { checkValue } from '../lxc-keys/check-value.ts';
import { compareVersions, type VersionRange } from '../base/compare-versions.ts';
import type { Findings } from '../lxc-keys/findings.ts';
import { findKeyOfAnyRelease, keyTable } from '../lxc-keys/key-table.ts';
import type { LxcKey } from '../lxc-keys/lxc-keys.ts';
import { placeOf, type ReadLine, type ReadSetting } from '../lxc-keys/read-config.ts';
import { completeAddress } from '../lxc-keys/prefix-length.ts';
import { commentOf } from './trailing-comments.ts';

/** A setting with a key of some LXC release. */
export interface Setting {
  readonly key: string;
  /** Without a trailing comment. */
  readonly value: string;
  readonly row: LxcKey;
  /** The part that replaces the `<…>` of a key family: `memory.max` in `lxc.cgroup2.memory.max`. */
  readonly part: string;
  /** The interface of a network key, counted from 0. */
  readonly index: number | undefined;
  readonly line: ReadSetting;
  /** The comment that was removed from the value. */
  readonly comment: string | undefined;
}

/**
 * Returns the settings of a configuration in the order of its lines. Keys that no release has and values that none
 * accepts are errors; a comment after a value is removed and noted.
 */
export function readSettings(lines: readonly ReadLine[], findings: Findings): Setting[] {
  const read = lines.filter((line) => line.kind === 'setting');
  const known = read.flatMap((line) => {
    const row = findKeyOfAnyRelease(line.key);
    if (row === undefined) unknownKey(line, findings);
    return row === undefined ? [] : [{ line, row }];
  });
  const releases = releasesOf(known.map(({ row }) => row));
  const settings: Setting[] = [];
  let opened = -1;
  for (const { line, row } of known) {
    const index = interfaceIndex(line, row, opened, findings);
    if (index !== undefined) opened = Math.max(opened, index);
    // A line that clears the list restarts the count.
    if (row.type === 'clear' && row.key !== 'lxc.hook') opened = -1;
    const cut = commentOf(row, line, releases, findings);
    const bare = cut === undefined ? line.value : cut.value;
    const completed = completeAddress(row, bare);
    const value = completed?.value ?? bare;
    if (completed !== undefined)
      findings.note(
        'mended',
        placeOf(line.source, 'value'),
        completed.message,
        `write ${line.key} = ${value}`,
      );
    noteQuotes(line, row, releases, findings);
    const part = row.key.includes('<') ? line.key.slice(row.key.indexOf('<')) : '';
    const setting = { key: line.key, value, row, part, index, line, comment: cut?.comment };
    if (checkSetting(setting, findings)) settings.push(setting);
  }
  return settings;
}

/** Returns the releases that have all these keys; `since` is later than `until` when there is none. */
export function releasesOf(rows: readonly LxcKey[]): VersionRange {
  const [first = '1.0.0'] = rows.map(({ since }) => since).sort((a, b) => compareVersions(b, a));
  const [last] = rows.flatMap(({ until }) => until ?? []).sort(compareVersions);
  return { since: first, ...(last === undefined ? {} : { until: last }) };
}

/** Returns the last value of each file of one cgroup version. */
export function cgroupValues(settings: readonly Setting[], version: 'v1' | 'v2'): Map<string, string> {
  const family = version === 'v1' ? 'lxc.cgroup.<file>' : 'lxc.cgroup2.<file>';
  return new Map(
    settings
      .filter(({ row, value }) => row.key === family && value !== '')
      .map(({ part, value }) => [part, value]),
  );
}

function checkSetting({ row, part, value, key, line }: Setting, findings: Findings): boolean {
  const version = cgroupVersion(row);
  const wrong =
    (version === undefined ? undefined : checkCgroupValue(part, value, version)) ?? checkValue(row, value);
  if (wrong === undefined) return true;
  // In a long list mark only the wrong word.
  const word =
    row.type === 'words' ? value.split(/\s+/).find((one) => checkValue(row, one) !== undefined) : undefined;
  const whole = placeOf(line.source, 'value');
  const at = word === undefined ? -1 : line.source.text.indexOf(word, whole.column - 1);
  const place = word === undefined || at === -1 ? whole : { ...whole, column: at + 1, length: word.length };
  findings.error(place, `${key} ${wrong}`, betterValue(row, key, value));
  return false;
}

/** Returns the cgroup version of a key. */
export function cgroupVersion({ key }: LxcKey): 'v1' | 'v2' | undefined {
  if (key === 'lxc.cgroup.<file>') return 'v1';
  return key === 'lxc.cgroup2.<file>' ? 'v2' : undefined;
}

/** Returns the correction of a common mistake. */
function betterValue(row: LxcKey, key: string, value: string): string | undefined {
  const meant = row.type === 'clear' ? meantInterface(key, value) : undefined;
  if (meant !== undefined) return `write ${meant}`;
  const better =
    row.type === 'signal'
      ? `SIG${value.toUpperCase()}`
      : row.key.startsWith('lxc.cap.')
        ? value.toLowerCase().replace(/\bcap_/g, '')
        : row.type === 'map' && /\bdevices\./.test(key)
          ? value.replace(/\s+/g, ' ')
          : undefined;
  if (better === undefined || better === value || checkValue(row, better) !== undefined) return undefined;
  return `write ${key} = ${better}`;
}

/** Keys of lxc.conf, the file of the whole system (lxc_global_config_value() in LXC's initutils.c). */
const SYSTEM_KEYS = [
  'lxc.lxcpath',
  'lxc.default_config',
  'lxc.bdev.lvm.vg',
  'lxc.bdev.lvm.thin_pool',
  'lxc.bdev.zfs.root',
  'lxc.bdev.rbd.rbdpool',
];

/** Wrong key names from manuals, lxc-update-config and people, and the correct line for each. */
const MEANT: readonly { readonly key: RegExp; readonly line: string }[] = [
  { key: /^lxc\.net\.(\d+)\.(ipv[46])$/, line: 'lxc.net.$1.$2.address = ' },
  { key: /^lxc\.net\.(\d+)\.(ipv[46])\.address\.gateway$/, line: 'lxc.net.$1.$2.gateway = ' },
  { key: /^lxc\.console\.buffer\.logfile$/, line: 'lxc.console.logfile = ' },
  { key: /^lxc\.rootfs\.ro$/, line: 'lxc.rootfs.options = ro' },
];

function meantKey(key: string, value: string): string | undefined {
  const found = MEANT.find((one) => one.key.test(key));
  if (found === undefined) return undefined;
  const line = key.replace(found.key, found.line);
  return line.endsWith(' ') ? `${line}${value}` : line;
}

/** Returns the intended line for `lxc.net = ADDRESS` and similar, where LXC accepts only an empty value. */
function meantInterface(key: string, value: string): string | undefined {
  const [host = ''] = value.split(/[/ ]/);
  const version = isIPv4(host) ? 'ipv4' : isIPv6(host) ? 'ipv6' : undefined;
  return version === undefined || !/^lxc\.net(?:work)?$/.test(key)
    ? undefined
    : `lxc.net.0.${version}.address = ${value}`;
}

function unknownKey({ key, value, source }: ReadSetting, findings: Findings): void {
  const names = keyTable().map((row) =>
    row.key.replace('[i]', /^lxc\.net(?:work)?\.(\d+)\./.exec(key)?.[1] ?? '0'),
  );
  const place = placeOf(source, 'key');
  const elsewhere = SYSTEM_KEYS.find((name) => name === key);
  if (elsewhere !== undefined) {
    findings.error(
      place,
      `${key} belongs to the system-wide lxc.conf, and LXC refuses it in a container's configuration`,
      'move the line to /etc/lxc/lxc.conf of the device (lxc.system.conf(5)), or remove it',
    );
    return;
  }
  const meant = meantKey(key, value);
  // LXC up to 4.0.6 used the first key of its table that is a prefix of the name.
  const prefix = names.filter((name) => key.startsWith(name)).sort((a, b) => b.length - a.length)[0];
  const parts = (name: string): number => name.split('.').length;
  const similar = didYouMean(
    key,
    names.filter((name) => parts(name) === parts(key)),
  );
  const help =
    meant !== undefined
      ? `write ${meant}`
      : similar === undefined || (prefix !== undefined && parts(prefix) !== parts(key))
        ? 'remove the line'
        : `did you mean ${similar}?`;
  const old = prefix === undefined ? '' : `; LXC up to 4.0.6 reads it as ${prefix}`;
  findings.error(place, `no LXC release has the key ${key}${old}`, help);
}

/** Returns the interface of a network key: its number, or the interface that the last type line opened. */
function interfaceIndex(
  line: ReadSetting,
  row: LxcKey,
  opened: number,
  findings: Findings,
): number | undefined {
  if (!/^lxc\.net(?:work)?\./.test(row.key)) return undefined;
  const written = /^lxc\.net(?:work)?\.(\d+)\./.exec(line.key)?.[1];
  if (written !== undefined) return Number(written);
  if (row.key === 'lxc.network.type') return opened + 1;
  if (opened === -1) {
    findings.error(
      placeOf(line.source, 'key'),
      `${line.key} comes before the first lxc.network.type, and LXC refuses that`,
      'move it below the line with the type of its interface',
    );
    return undefined;
  }
  return opened;
}

function noteQuotes(line: ReadSetting, row: LxcKey, releases: VersionRange, findings: Findings): void {
  const written = line.source.text.slice(line.source.text.indexOf('=') + 1).trim();
  if (written === line.value || releases.until === undefined) return;
  findings.note(
    'mended',
    placeOf(line.source, 'value'),
    `LXC 1.0.0 to 1.0.8 and 1.1 read the quotes as part of ${row.key}; later releases strip them`,
    `write ${line.key} = ${line.value}`,
  );
}
