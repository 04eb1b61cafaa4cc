import { keyTable, releaseHasKey } from './key-table.ts';
import type { LxcKey } from './lxc-keys.ts';

/** Returns a release's newest key with the same meaning as another key; undefined when it has none. */
export function keyOfRelease(row: LxcKey, lxcVersion: string): LxcKey | undefined {
  return spellings(row).find((one) => releaseHasKey(one, lxcVersion));
}

/** Returns all keys with the same meaning, the newest first. */
export function spellings(row: LxcKey): readonly LxcKey[] {
  const newest = keyTable().find(({ key }) => key === row.replacedBy) ?? row;
  const older = keyTable().filter(({ replacedBy }) => replacedBy === newest.key);
  // The spelling without a number comes first: the files of old releases use it.
  return [newest, ...older.sort((a, b) => Number(a.key.includes('[i]')) - Number(b.key.includes('[i]')))];
}
