import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockOut } from '../host/out-lock.ts';
import { refuseToRemove, removeOut, removeStore } from './own-folders.ts';
import { displayPath } from './display-path.ts';
import { openBuild, storeDir, type BoardOptions } from './open-build.ts';
import { tell } from './terminal.ts';

/** `lxc-kit clean`: removes the board's out directory; with `--store` the shared store too. */
export async function clean(options: BoardOptions & { readonly store?: boolean }): Promise<void> {
  const { outDir } = await openBuild(options);
  if (existsSync(outDir)) {
    refuseToRemove(outDir);
    // Not under the feet of a build that is at work there.
    const unlock = lockOut(join(outDir, '.lxc-kit', 'lock'), displayPath(outDir));
    try {
      await removeOut(outDir);
    } finally {
      unlock();
    }
    tell(`removed ${displayPath(outDir)}`);
  }
  if (options.store === true && existsSync(storeDir())) {
    await removeStore(storeDir());
    tell(`removed ${storeDir()}`);
  }
}
