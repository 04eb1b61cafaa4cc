import { keyTable, releaseHasKey } from './key-table.ts';
import type { LxcKey } from './lxc-keys.ts';

/** The key by which a release knows what another key is about, in its newest spelling; undefined when it has none. */
export function keyOfRelease(row: LxcKey, lxcVersion: string): LxcKey | undefined {
  return spellings(row).find((one) => releaseHasKey(one, lxcVersion));
}

/** All keys of one meaning, the newest first. */
export function spellings(row: LxcKey): readonly LxcKey[] {
  const newest = keyTable().find(({ key }) => key === row.replacedBy) ?? row;
  const older = keyTable().filter(({ replacedBy }) => replacedBy === newest.key);
  // The spelling without a number comes first: it is what old releases' own files have.
  return [newest, ...older.sort((a, b) => Number(a.key.includes('[i]')) - Number(b.key.includes('[i]')))];
}
