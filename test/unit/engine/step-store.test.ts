import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StepContext } from '../../../toolkit/engine/step.ts';
import { StepStore } from '../../../toolkit/engine/step-store.ts';
import { EngineRig } from './rig.ts';

/** A step that leaves a file per run in its work directory, and what it found there as its result. */
function accumulating(rig: EngineRig, workKey?: string, run: () => void = () => undefined) {
  return rig.step('kernel', {
    files: ['a'],
    ...(workKey === undefined ? {} : { workKey }),
    run: ({ workDir }: StepContext) => {
      const found = readdirSync(workDir).sort();
      writeFileSync(join(workDir, `object-${found.length}`), '');
      run();
      return found.join(' ');
    },
  });
}

/** Runs a step again, because of a changed input. */
async function runAgain(rig: EngineRig, step: ReturnType<typeof accumulating>): Promise<string> {
  rig.write('a', String(Math.random()));
  await rig.run([step]);
  return rig.read('kernel');
}

test('a work directory is kept while its key stays the same', async () => {
  const rig = new EngineRig();
  expect(await runAgain(rig, accumulating(rig, 'linux-6.1 gcc-12'))).toBe('');
  expect(await runAgain(rig, accumulating(rig, 'linux-6.1 gcc-12'))).toBe('object-0');
  expect(await runAgain(rig, accumulating(rig, 'linux-6.1 gcc-12'))).toBe('object-0 object-1');
  expect(await runAgain(rig, accumulating(rig, 'linux-6.1 gcc-13'))).toBe('');
  expect(await runAgain(rig, accumulating(rig, 'linux-6.1 gcc-12'))).toBe('');
});

test('without a key each run starts empty', async () => {
  const rig = new EngineRig();
  expect(await runAgain(rig, accumulating(rig))).toBe('');
  expect(await runAgain(rig, accumulating(rig))).toBe('');
  // Nor does a later key find what was left without one.
  expect(await runAgain(rig, accumulating(rig, 'key'))).toBe('');
});

test('a failed run is built upon, one that was cut off is not', async () => {
  const rig = new EngineRig();
  await runAgain(rig, accumulating(rig, 'key'));
  const failing = accumulating(rig, 'key', () => {
    throw new Error('a syntax error');
  });
  await expect(runAgain(rig, failing)).rejects.toThrow('a syntax error');
  expect(await runAgain(rig, accumulating(rig, 'key'))).toBe('object-0 object-1');

  // A kill -9 leaves no stamp, and the note that the step is at work.
  await rig.store.markRunning('kernel');
  expect(await rig.planned([accumulating(rig, 'key')])).toEqual(['kernel: its last run was cut off']);
  expect(await runAgain(rig, accumulating(rig, 'key'))).toBe('');
  expect(rig.store.wasCutOff('kernel')).toBe(false);
  expect(await runAgain(rig, accumulating(rig, 'key'))).toBe('object-0');
});

test('while a step runs its stamp is gone and the note is there', async () => {
  const rig = new EngineRig();
  const states: unknown[] = [];
  const look = (): void => {
    states.push([rig.store.readStamp('kernel'), rig.store.wasCutOff('kernel')]);
  };
  await runAgain(rig, accumulating(rig, 'key', look));
  await runAgain(rig, accumulating(rig, 'key', look));
  expect(states).toEqual([
    [undefined, true],
    [undefined, true],
  ]);
  expect(rig.store.readStamp('kernel')).toBeDefined();
});

test('a copy of an out directory has no stamps: their results are paths of the original', async () => {
  const rig = new EngineRig();
  await runAgain(rig, accumulating(rig, 'key'));
  const copy = `${rig.outDir}-copy`;
  cpSync(rig.outDir, copy, { recursive: true });
  const store = new StepStore(copy);
  expect(store.readStamp('kernel')).toBeUndefined();
  expect(store.hasStamp('kernel')).toBe(true);
  expect(store.continuesWork('kernel', 'key')).toBe(false);
  expect(rig.store.readStamp('kernel')).toBeDefined();
});

test('a run that is cut off while its work directory is removed leaves no key to half of it', async () => {
  const rig = new EngineRig();
  await runAgain(rig, accumulating(rig, 'key'));
  const keyFile = join(rig.outDir, '.lxc-kit', 'work-keys', 'kernel');
  expect(existsSync(keyFile)).toBe(true);
  await rig.store.prepareWorkDir('kernel', undefined);
  expect(existsSync(keyFile)).toBe(false);
});

test('a work directory with read-only folders can be emptied', async () => {
  const rig = new EngineRig();
  const dir = await rig.store.prepareWorkDir('lxc', undefined);
  mkdirSync(join(dir, 'tree', 'src'), { recursive: true });
  chmodSync(join(dir, 'tree', 'src'), 0o555);
  await rig.store.prepareWorkDir('lxc', undefined);
  expect(readdirSync(dir)).toEqual([]);
});

test('the key of a directory that was copied from elsewhere is not its own', async () => {
  const rig = new EngineRig();
  const dir = await rig.store.prepareWorkDir('kernel', 'key');
  writeFileSync(join(dir, 'object'), '');
  const keyFile = join(rig.outDir, '.lxc-kit', 'work-keys', 'kernel');
  writeFileSync(keyFile, '/somewhere/else/work/kernel\nkey');
  await rig.store.prepareWorkDir('kernel', 'key');
  expect(readdirSync(dir)).toEqual([]);
});
