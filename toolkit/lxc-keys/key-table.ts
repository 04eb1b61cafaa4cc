import { compareVersions, inVersionRange } from '../base/compare-versions.ts';
import { lxcKeys, type LxcKey } from './lxc-keys.ts';

/** Returns all keys of all LXC releases, in the order of the manual page. */
export function keyTable(): readonly LxcKey[] {
  return lxcKeys;
}

/** Returns the row of a key if that LXC release has it, also for families: `lxc.net.3.mtu`, `lxc.cgroup2.memory.max`. */
export function findKey(name: string, version: string): LxcKey | undefined {
  const key = findKeyOfAnyRelease(name);
  return key !== undefined && releaseHasKey(key, version) ? key : undefined;
}

/** Returns the row of a key, whichever releases have it. */
export function findKeyOfAnyRelease(name: string): LxcKey | undefined {
  // Plain names first: lxc.cgroup.dir is a separate key, not the file "dir" of lxc.cgroup.<file>.
  plainKeys ??= new Map(lxcKeys.map((key) => [key.key, key]));
  families ??= lxcKeys
    .filter(({ key }) => /[<[]/.test(key))
    .map((key) => ({ key, pattern: familyPattern(key.key) }));
  return plainKeys.get(name) ?? families.find(({ pattern }) => pattern.test(name))?.key;
}

/** Whether an LXC release has a key. A series never drops a key: later 6.0.x releases keep those of 6.0.6. */
export function releaseHasKey(key: LxcKey, version: string): boolean {
  if (key.absentIn?.includes(version) === true) return false;
  return (
    inVersionRange(version, { since: key.since }) &&
    (key.until === undefined || !inLaterSeries(version, key.until))
  );
}

function inLaterSeries(version: string, last: string): boolean {
  const series = (release: string): string => release.split('.').slice(0, 2).join('.');
  return compareVersions(series(version), series(last)) > 0;
}

let plainKeys: Map<string, LxcKey> | undefined;
let families: { readonly key: LxcKey; readonly pattern: RegExp }[] | undefined;

function familyPattern(key: string): RegExp {
  const pattern = key
    .split(/(\[i\]|<\w+>)/)
    .map((part) => (part === '[i]' ? '\\d+' : part.startsWith('<') ? '.+' : part.replaceAll('.', '\\.')));
  return new RegExp(`^${pattern.join('')}$`);
}
