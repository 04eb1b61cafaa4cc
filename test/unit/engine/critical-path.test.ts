import { expect, test } from 'vitest';
import { criticalPath } from '../../../toolkit/engine/critical-path.ts';
import type { StepRecord } from '../../../toolkit/engine/step-record.ts';
import type { Step } from '../../../toolkit/engine/step.ts';
import { describeCriticalPath } from '../../../toolkit/logging/summary.ts';

function step(id: string, needs: readonly Step[], gates: readonly Step[] = []): Step {
  const inputs = { settings: {} };
  return {
    ...{ id, needs, gates, revision: 1, weight: 'light', title: () => id },
    ...{ inputs: () => inputs, outputs: () => [], run: () => Promise.resolve(undefined) },
  };
}

const fetchKernel = step('fetch-kernel', []);
const fetchLxc = step('fetch-lxc', []);
const check = step('check', [fetchLxc]);
const kernel = step('kernel', [fetchKernel], [check]);
const lxc = step('lxc', [fetchLxc]);
const rootfs = step('rootfs', [kernel, lxc]);
const steps = [fetchKernel, fetchLxc, check, kernel, lxc, rootfs];

const path = (seconds: Readonly<Record<string, number>>): StepRecord[] =>
  criticalPath(
    steps,
    new Map(
      steps.map(({ id }) => [
        id,
        { id, outcome: seconds[id] === undefined ? 'fresh' : 'built', start: 0, seconds: seconds[id] ?? 9 },
      ]),
    ),
  );

test('is the chain that takes the longest, through gates too', () => {
  const records = path({ 'fetch-kernel': 5, 'fetch-lxc': 1, check: 6, kernel: 100, lxc: 60, rootfs: 2 });
  expect(records.map(({ id }) => id)).toEqual(['fetch-lxc', 'check', 'kernel', 'rootfs']);
  expect(describeCriticalPath(records)).toBe(
    'longest chain: check > kernel > rootfs, 109 s; slowest: kernel, 92 % of it',
  );
});

test('has only what ran', () => {
  expect(path({ lxc: 60, rootfs: 2 }).map(({ id }) => id)).toEqual(['lxc', 'rootfs']);
  expect(path({})).toEqual([]);
  expect(describeCriticalPath(path({ rootfs: 0.4 }))).toBeUndefined();
});
