import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fingerprintHash, fingerprintStep } from '../../../toolkit/engine/fingerprint.ts';
import { changedOutput, digestOutputs, observeOutputs } from '../../../toolkit/engine/output-state.ts';
import type { Json, Step } from '../../../toolkit/engine/step.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

function tree(): string {
  const dir = join(scratchDir(), 'out');
  mkdirSync(dir);
  writeFiles(dir, { image: 'abc', 'bin/tool': '#!/bin/sh\n' });
  return dir;
}

test('a file that was edited in place to the same size is seen by its time', async () => {
  const dir = tree();
  const file = join(dir, 'image');
  utimesSync(file, 1_000, 1_000);
  const before = await observeOutputs([{ path: dir }]);
  expect(changedOutput(before, await observeOutputs([{ path: dir }]))).toBeUndefined();
  writeFileSync(file, 'abd');
  expect(changedOutput(before, await observeOutputs([{ path: dir }]))).toBe(file);
  const edited = await observeOutputs([{ path: dir }]);
  utimesSync(file, 1_000, 1_000.000_001);
  expect(changedOutput(edited, await observeOutputs([{ path: dir }]))).toBe(file);
});

test('a mode is part of what later steps see', async () => {
  const dir = tree();
  const before = await digestOutputs([{ path: dir }], null);
  chmodSync(join(dir, 'bin/tool'), 0o755);
  const executable = await digestOutputs([{ path: dir }], null);
  expect(executable).not.toBe(before);
  chmodSync(join(dir, 'bin'), 0o700);
  expect(await digestOutputs([{ path: dir }], null)).not.toBe(executable);
});

test('bytes, names and the result are part of it; the time and the place are not', async () => {
  const [dir, other] = [tree(), tree()];
  const digest = await digestOutputs([{ path: dir }], { version: '1' });
  utimesSync(join(other, 'image'), 1_000, 1_000);
  expect(await digestOutputs([{ path: other }], { version: '1' })).toBe(digest);
  expect(await digestOutputs([{ path: other }], { version: '2' })).not.toBe(digest);
  writeFileSync(join(other, 'image'), 'abd');
  expect(await digestOutputs([{ path: other }], { version: '1' })).not.toBe(digest);
});

test('a fingerprint has one hash, in whatever order settings and files were written', async () => {
  const dir = tree();
  const step: Step = {
    id: 'one',
    title: () => 'Making one',
    needs: [],
    revision: 1,
    weight: 'light',
    inputs: () => ({ settings: {} }),
    outputs: () => [],
    run: () => Promise.resolve(null),
  };
  const hashOf = async (settings: Record<string, Json>, labels: readonly string[]): Promise<string> => {
    const files = Object.fromEntries(labels.map((label) => [label, join(dir, label)]));
    return fingerprintHash(await fingerprintStep(step, { settings, files }, () => ''));
  };
  const hash = await hashOf({ image: 'vmlinux', epoch: 0 }, ['image', 'bin/tool']);
  expect(await hashOf({ epoch: 0, image: 'vmlinux' }, ['bin/tool', 'image'])).toBe(hash);
  expect(await hashOf({ epoch: 1, image: 'vmlinux' }, ['bin/tool', 'image'])).not.toBe(hash);
});

test('an interrupt ends the hashing of many files, not only the step', async () => {
  const controller = new AbortController();
  let hashed = 0;
  const hashOf = (): string => {
    if (++hashed === 3) controller.abort();
    return 'hash';
  };
  const files = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, `/f${index}`]));
  const step: Step = {
    id: 'one',
    title: () => 'Making one',
    needs: [],
    revision: 1,
    weight: 'light',
    inputs: () => ({ settings: {} }),
    outputs: () => [],
    run: () => Promise.resolve(null),
  };
  const { signal } = controller;
  await expect(
    fingerprintStep(step, { settings: {}, files }, () => '', { hashOf, signal }),
  ).rejects.toMatchObject({ name: 'AbortError' });
  expect(hashed).toBe(3);
});
