import { existsSync } from 'node:fs';
import { inOut, STATE_FOLDER } from '../host/own-folders.ts';
import { lockOut } from '../host/out-lock.ts';
import { refuseToRemove, removeOut, removeStore } from '../session/guard-folders.ts';
import { displayPath } from '../session/display-path.ts';
import { openBuild, storeDir, type BoardOptions } from '../session/open-build.ts';
import { printStatus } from './terminal.ts';

/** `lxc-kit clean`: removes the board's out directory; with `--store` the shared store too. */
export async function clean(options: BoardOptions & { readonly store?: boolean }): Promise<void> {
  const { outDir } = await openBuild(options);
  if (existsSync(outDir)) {
    refuseToRemove(outDir);
    // A build may be running there.
    const unlock = lockOut(inOut(outDir, STATE_FOLDER, 'lock'), displayPath(outDir));
    try {
      await removeOut(outDir);
    } finally {
      unlock();
    }
    printStatus(`removed ${displayPath(outDir)}`);
  }
  if (options.store === true && existsSync(storeDir())) {
    await removeStore(storeDir());
    printStatus(`removed ${storeDir()}`);
  }
}
