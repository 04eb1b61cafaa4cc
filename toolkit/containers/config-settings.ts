import { didYouMean } from '../base/did-you-mean.ts';
import { checkCgroupValue } from './translate-cgroup.ts';
import { checkValue } from './check-value.ts';
import { compareVersions, type VersionRange } from '../base/compare-versions.ts';
import type { Findings } from './findings.ts';
import { findKeyOfAnyRelease, keyTable } from './key-table.ts';
import type { LxcKey } from './lxc-keys.ts';
import { placeOf, type ReadLine, type ReadSetting } from './read-config.ts';
import { commentOf } from './trailing-comments.ts';

/** A setting whose key some LXC release has. */
export interface Setting {
  readonly key: string;
  /** Without a trailing comment. */
  readonly value: string;
  readonly row: LxcKey;
  /** What stands for the `<…>` of a family of keys: `memory.max` in `lxc.cgroup2.memory.max`. */
  readonly part: string;
  /** The interface that a network key is about, from 0 on. */
  readonly index: number | undefined;
  readonly line: ReadSetting;
  /** The comment that was cut off the value. */
  readonly comment: string | undefined;
}

/**
 * The settings of a configuration in the order of its lines. Keys that no release has, and values that none takes, are
 * errors; a comment behind a value is taken off and noted.
 */
export function configSettings(lines: readonly ReadLine[], findings: Findings): Setting[] {
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
    // What empties the list begins to count anew.
    if (row.type === 'clear' && row.key !== 'lxc.hook') opened = -1;
    const cut = commentOf(row, line, releases, findings);
    const value = cut === undefined ? line.value : cut.value;
    noteQuotes(line, row, releases, findings);
    const part = row.key.includes('<') ? line.key.slice(row.key.indexOf('<')) : '';
    const setting = { key: line.key, value, row, part, index, line, comment: cut?.comment };
    if (checkSetting(setting, findings)) settings.push(setting);
  }
  return settings;
}

/** The releases that have all these keys; `since` is behind `until` when there is none. */
export function releasesOf(rows: readonly LxcKey[]): VersionRange {
  const [first = '1.0.0'] = rows.map(({ since }) => since).sort((a, b) => compareVersions(b, a));
  const [last] = rows.flatMap(({ until }) => until ?? []).sort(compareVersions);
  return { since: first, ...(last === undefined ? {} : { until: last }) };
}

/** The settings by file of one cgroup version, as far as the last line of each counts. */
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
  // In a long list only the word that is wrong is marked.
  const word =
    row.type === 'words' ? value.split(/\s+/).find((one) => checkValue(row, one) !== undefined) : undefined;
  const whole = placeOf(line.source, 'value');
  const at = word === undefined ? -1 : line.source.text.indexOf(word, whole.column - 1);
  const place = word === undefined || at === -1 ? whole : { ...whole, column: at + 1, length: word.length };
  findings.error(place, `${key} ${wrong}`, betterValue(row, key, value));
  return false;
}

/** The version of cgroup that a key is about. */
export function cgroupVersion({ key }: LxcKey): 'v1' | 'v2' | undefined {
  if (key === 'lxc.cgroup.<file>') return 'v1';
  return key === 'lxc.cgroup2.<file>' ? 'v2' : undefined;
}

/** The commonest slips, put right. */
function betterValue(row: LxcKey, key: string, value: string): string | undefined {
  const better =
    row.type === 'address' && !value.includes('/')
      ? `${value}${key.includes('ipv6') ? '/64' : '/24'}`
      : row.type === 'signal'
        ? `SIG${value.toUpperCase()}`
        : row.key.startsWith('lxc.cap.')
          ? value.toLowerCase().replace(/\bcap_/g, '')
          : row.type === 'map' && /\bdevices\./.test(key)
            ? value.replace(/\s+/g, ' ')
            : undefined;
  if (better === undefined || better === value || checkValue(row, better) !== undefined) return undefined;
  return `write ${key} = ${better}`;
}

function unknownKey({ key, value, source }: ReadSetting, findings: Findings): void {
  const names = keyTable().map((row) =>
    row.key.replace('[i]', /^lxc\.net(?:work)?\.(\d+)\./.exec(key)?.[1] ?? '0'),
  );
  // LXC up to 4.0.6 took the first key of its table that the name begins with.
  const prefix = names.filter((name) => key.startsWith(name)).sort((a, b) => b.length - a.length)[0];
  const similar = didYouMean(key, names);
  const help =
    prefix !== undefined
      ? `LXC up to 4.0.6 takes it for ${prefix}: write ${prefix} = ${value}, or remove the line`
      : similar === undefined
        ? 'remove the line'
        : `did you mean ${similar}?`;
  findings.error(placeOf(source, 'key'), `no LXC release has the key ${key}`, help);
}

/** Which interface a network key is about: its number, or the one that the last type line opened. */
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
      `${line.key} stands before the first lxc.network.type, and LXC refuses that`,
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
    `LXC 1.0.0 to 1.0.8 and 1.1 take the quotes for a part of ${row.key}; later releases take them off`,
    `write ${line.key} = ${line.value}`,
  );
}
