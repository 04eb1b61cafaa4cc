import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How many bytes of the heap something takes as long as it is kept, once all that is not kept is gone. */
export async function keptBytes(make: () => Promise<unknown>): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Code that the first call compiles, and its caches, do not count.
  await dropped(make);
  const used = async (): Promise<number> => {
    // The value of an await is held until the next one.
    await new Promise(setImmediate);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const once = async (): Promise<number> => {
    const kept: unknown[] = [];
    const before = await used();
    kept.push(await make());
    const after = await used();
    return kept.pop() === undefined ? 0 : after - before;
  };
  // Whatever else the process does meanwhile only adds to it.
  return Math.min(await once(), await once(), await once());
}

async function dropped(make: () => Promise<unknown>): Promise<void> {
  await make();
}
