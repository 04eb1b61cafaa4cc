import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PortablePaths } from '../../../toolkit/engine/portable-paths.ts';
import { sharedPlaces } from '../../../toolkit/engine/shared-name.ts';
import type { Step } from '../../../toolkit/engine/step.ts';
import { LocalResults } from '../../../toolkit/results/local-results.ts';
import { shareResults } from '../../../toolkit/results/share-results.ts';
import { EngineRig, outcomes } from './rig.ts';

/** Two steps that compile a file of their own to a place of their own, and a store for what they make. */
function twoKernels(configs: { readonly own: string; readonly emulated: string }) {
  const rig = new EngineRig();
  const storeDir = join(rig.dir, 'store');
  const results = shareResults(new LocalResults(storeDir), join(storeDir, 'locks'));
  rig.write('kernel.config', configs.own);
  rig.write('emulator.config', configs.emulated);
  const compile = (id: string, config: string, image: string, sharedAs?: Step['sharedAs']) =>
    rig.step(id, {
      shared: true,
      weight: 'compile',
      files: [config],
      makes: [image],
      ...(sharedAs === undefined ? {} : { sharedAs }),
      run: () => `compiled by ${id}`,
    });
  const own = compile('kernel', 'kernel.config', 'images/vmlinux');
  const emulated = compile('emulator-kernel', 'emulator.config', 'emulator/vmlinux', {
    id: 'kernel',
    files: { 'emulator.config': 'kernel.config' },
    places: { 'made/emulator': 'made/images' },
  });
  const run = async (...steps: Step[]) => {
    const result = await rig.runAll(steps, undefined, results);
    if (result.error !== undefined) throw result.error as Error;
    return outcomes(result);
  };
  const planned = (...steps: Step[]) =>
    rig.planned(steps, (fingerprint, step) =>
      new LocalResults(storeDir).lookUp(
        fingerprint,
        sharedPlaces(step, new PortablePaths({ out: rig.outDir })),
      ),
    );
  return { rig, own, emulated, run, planned };
}

test('a step takes what one of another name made of the same, and puts it in its own place', async () => {
  const { rig, own, emulated, run, planned } = twoKernels({ own: 'A=y', emulated: 'A=y' });
  await run(own);
  rmSync(rig.outDir, { recursive: true });
  expect(await planned(emulated)).toEqual(['emulator-kernel: restore: it has not run in this directory yet']);
  expect(await run(emulated)).toEqual({ 'emulator-kernel': 'restored' });
  expect(rig.read('emulator/vmlinux')).toBe('compiled by kernel');
  expect(existsSync(rig.made('images'))).toBe(false);
  expect(await planned(emulated)).toEqual(['emulator-kernel: fresh']);
  expect(await run(emulated)).toEqual({ 'emulator-kernel': 'fresh' });
});

test('and the other way round', async () => {
  const { rig, own, emulated, run } = twoKernels({ own: 'A=y', emulated: 'A=y' });
  await run(emulated);
  rmSync(rig.outDir, { recursive: true });
  expect(await run(own)).toEqual({ kernel: 'restored' });
  expect(rig.read('images/vmlinux')).toBe('compiled by emulator-kernel');
  expect(existsSync(rig.made('emulator'))).toBe(false);
});

test('with another file among its inputs it makes its own', async () => {
  const { rig, own, emulated, run, planned } = twoKernels({ own: 'A=y', emulated: 'A=n' });
  await run(own);
  expect(await planned(emulated)).toEqual(['emulator-kernel: it has not run in this directory yet']);
  expect(await run(own, emulated)).toEqual({ kernel: 'fresh', 'emulator-kernel': 'built' });
  expect(rig.read('emulator/vmlinux')).toBe('compiled by emulator-kernel');
});

test('in one run the same is made once, as the plan says', async () => {
  const { rig, own, emulated, run, planned } = twoKernels({ own: 'A=y', emulated: 'A=y' });
  expect(await planned(own, emulated)).toEqual([
    'kernel: it has not run in this directory yet',
    'emulator-kernel: restore: it has not run in this directory yet',
  ]);
  expect(Object.values(await run(own, emulated)).sort()).toEqual(['built', 'restored']);
  expect(rig.ran).toHaveLength(1);
  expect(rig.read('images/vmlinux')).toBe(rig.read('emulator/vmlinux'));
  const notes = rig.events.filter(({ type }) => type === 'note');
  expect(notes).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(/^waiting for (emulator-)?kernel, which builds the same$/) as string,
    }),
  ]);
});

test('a step that fails does not hold up the one that waits for it', async () => {
  const { own, emulated, run } = twoKernels({ own: 'A=y', emulated: 'A=y' });
  const failing: Step = { ...own, run: () => Promise.reject(new Error('no space left')) };
  await expect(run(failing, emulated)).rejects.toThrow('no space left');
  expect(await run(own, emulated)).toMatchObject({
    kernel: expect.stringMatching(/built|restored/) as string,
  });
});
