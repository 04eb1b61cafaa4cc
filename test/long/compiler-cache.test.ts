import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RealBoard } from '../rigs/real-board.ts';

interface Compiled {
  readonly counts: { readonly hits: number; readonly misses: number } | undefined;
  readonly busybox: Buffer;
}

/** Compiles BusyBox again; no result of the step is taken from the store. */
async function compile(name: string, env: Readonly<Record<string, string>>): Promise<Compiled> {
  const board = new RealBoard('malta-mipsel', name, { LXC_KIT_STORE_LIMIT: '0', ...env });
  rmSync(board.outDir, { recursive: true, force: true });
  const { exitCode, stderr } = await board.build('--until', 'build-busybox');
  expect(exitCode, stderr).toBe(0);
  const { steps } = JSON.parse(board.read('manifest.json')) as {
    steps: { id: string; 'compiler-cache'?: Compiled['counts'] }[];
  };
  return {
    counts: steps.find(({ id }) => id === 'build-busybox')?.['compiler-cache'],
    busybox: readFileSync(join(board.outDir, 'work/build-busybox/target/bin/busybox')),
  };
}

test('compiles nothing twice, wherever the out directory lies, and gives the same bytes', async () => {
  // As good as a cache that is empty.
  const env = { CCACHE_NAMESPACE: `lxc-kit-test-${Date.now()}` };
  const first = await compile('ccache-a', env);
  expect(first.counts?.hits).toBe(0);
  const objects = first.counts?.misses ?? 0;
  expect(objects).toBeGreaterThan(400);
  const second = await compile('a/deeper/place/ccache-b', env);
  expect(second.counts).toEqual({ hits: objects, misses: 0 });
  expect(second.busybox.equals(first.busybox)).toBe(true);
});
