import { existsSync, readdirSync, statSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import { nameCharacter } from '../base/shell-word.ts';
import { removeTree } from '../host/remove-tree.ts';
import { launchers, type LauncherKind } from '../toolchain/launchers.ts';
import { displayPath } from './display-path.ts';

/** Where an out directory keeps stamps and lock; by it lxc-kit knows its own directories again. */
const STATE = '.lxc-kit';

/** What a build makes anew in its out directory, whatever was there. */
const BUILT = [
  'images',
  'emulator',
  'containers',
  'config',
  'work',
  'logs',
  'manifest.json',
  'timeline.json',
];

/** What lies in a store. */
const STORED = [
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
  ...Object.values<LauncherKind>(launchers).flatMap(({ folder }) => folder ?? []),
];

/** Throws USAGE when `--out` leads to a directory with files of somebody else's that a build would replace. */
export function refuseForeignOut(outDir: string): void {
  if (existsSync(join(outDir, STATE))) return;
  const found = BUILT.filter((name) => existsSync(join(outDir, name)));
  if (found.length === 0) return;
  throw new KitError(
    'USAGE',
    `${displayPath(outDir)} holds ${found.join(', ')} already, which lxc-kit did not make and would replace`,
    { hint: 'give another directory with --out' },
  );
}

/** Characters that mean something else to make, or to the shell it calls, than a part of a file's name. */
const MEANT_OTHERWISE = /[\s:#$%'"\\`;&|<>()]/;

/** Throws USAGE for a directory in which neither the kernel's makefile nor BusyBox' can work. */
export function refuseForMake(dir: string, what: string, hint: string): void {
  const [found] = MEANT_OTHERWISE.exec(dir) ?? [];
  if (found === undefined) return;
  throw new KitError(
    'USAGE',
    `the path of ${what} has ${nameCharacter(found)} in it, and make cannot work there`,
    {
      lines: [dir],
      hint,
    },
  );
}

/** Throws USAGE for a directory with something in it that no build made. */
export function refuseToRemove(outDir: string): void {
  if (existsSync(join(outDir, STATE))) return;
  if (statSync(outDir).isDirectory() && readdirSync(outDir).length === 0) return;
  throw new KitError(
    'USAGE',
    `${displayPath(outDir)} is not an out directory of lxc-kit: it has no ${STATE}`,
    {
      hint: 'look at what is in it, and remove it by hand',
    },
  );
}

/** Removes an out directory. */
export async function removeOut(outDir: string): Promise<void> {
  // The sign that it is one goes last, so that a clean that was interrupted can be run again.
  for (const name of readdirSync(outDir)) if (name !== STATE) await removeTree(join(outDir, name));
  await removeTree(outDir);
}

/** Removes what lxc-kit put into its store, and the store itself when nothing else is in it. */
export async function removeStore(storeDir: string): Promise<void> {
  for (const name of STORED) await removeTree(join(storeDir, name));
  if (readdirSync(storeDir).length === 0) await rmdir(storeDir);
}
