import { existsSync, readdirSync, statSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KitError } from '../base/errors.ts';
import { nameCharacter } from '../base/shell-word.ts';
import { OUT_ENTRIES, STATE_FOLDER, STORE_ENTRIES } from '../host/own-folders.ts';
import { removeTree } from '../host/remove-tree.ts';
import { launchers, type LauncherKind } from '../toolchain/launchers.ts';
import { displayPath } from './display-path.ts';

/** Throws USAGE when `--out` is a directory with files that lxc-kit did not make and a build would replace. */
export function refuseForeignOut(outDir: string): void {
  if (existsSync(join(outDir, STATE_FOLDER))) return;
  const found = OUT_ENTRIES.filter((name) => existsSync(join(outDir, name)));
  if (found.length === 0) return;
  throw new KitError(
    'USAGE',
    `${displayPath(outDir)} already holds ${found.join(', ')}, which lxc-kit did not make and would replace`,
    { hint: 'give another directory with --out' },
  );
}

/** Characters that have a special meaning to make, or to the shell it calls. */
const MEANT_OTHERWISE = /[\s:#$%'"\\`;&|<>()]/;

/** Throws USAGE for a directory in which the makefiles of the kernel and BusyBox cannot work. */
export function refuseForMake(dir: string, what: string, hint: string): void {
  const [found] = MEANT_OTHERWISE.exec(dir) ?? [];
  if (found === undefined) return;
  throw new KitError(
    'USAGE',
    `the path of ${what} contains ${nameCharacter(found)}, which make cannot handle`,
    {
      lines: [dir],
      hint,
    },
  );
}

/** Throws USAGE for a directory that is not empty and not an out directory. */
export function refuseToRemove(outDir: string): void {
  if (existsSync(join(outDir, STATE_FOLDER))) return;
  if (statSync(outDir).isDirectory() && readdirSync(outDir).length === 0) return;
  throw new KitError(
    'USAGE',
    `${displayPath(outDir)} is not an out directory of lxc-kit: it has no ${STATE_FOLDER}`,
    {
      hint: 'check its contents and remove it by hand',
    },
  );
}

/** Removes an out directory. */
export async function removeOut(outDir: string): Promise<void> {
  // The folder that marks it goes last, so that an interrupted clean can be run again.
  for (const name of readdirSync(outDir)) if (name !== STATE_FOLDER) await removeTree(join(outDir, name));
  await removeTree(outDir);
}

/** Removes what lxc-kit put into its store, and the store itself when nothing else is in it. */
export async function removeStore(storeDir: string): Promise<void> {
  const ofLaunchers = Object.values<LauncherKind>(launchers).flatMap(({ folder }) => folder ?? []);
  for (const name of [...STORE_ENTRIES, ...ofLaunchers]) await removeTree(join(storeDir, name));
  if (readdirSync(storeDir).length === 0) await rmdir(storeDir);
}
