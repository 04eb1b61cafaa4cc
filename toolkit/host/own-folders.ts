import { join } from 'node:path';

/** The folder of an out directory with stamps and lock; lxc-kit recognises its own directories by it. */
export const STATE_FOLDER = '.lxc-kit';

/** The entries that a build writes to its out directory, replacing earlier ones, besides the state. */
export const OUT_ENTRIES = [
  'images',
  'emulator',
  'containers',
  'config',
  'work',
  'logs',
  'manifest.json',
  'timeline.json',
] as const;

/** The entries of a store, besides the folders of compiler launchers. */
export const STORE_ENTRIES = [
  'sources',
  'trees',
  'conf',
  'results',
  'resolved',
  'apt',
  'partial',
  'rejected',
  'tmp',
  'timings',
] as const;

/** Returns a path in an out directory. */
export function inOut(
  outDir: string,
  entry: (typeof OUT_ENTRIES)[number] | typeof STATE_FOLDER,
  ...rest: readonly string[]
): string {
  return join(outDir, entry, ...rest);
}

/** Returns a path in a store. */
export function inStore(
  storeDir: string,
  entry: (typeof STORE_ENTRIES)[number],
  ...rest: readonly string[]
): string {
  return join(storeDir, entry, ...rest);
}
