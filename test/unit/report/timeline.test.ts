import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeTimeline } from '../../../toolkit/report/timeline.ts';
import { scratchDir } from '../scratch.ts';

test('steps that ran beside each other have lanes of their own', async () => {
  const outDir = scratchDir();
  await writeTimeline(outDir, 'stb', [
    { id: 'kernel', outcome: 'built', start: 1, seconds: 10, reason: 'x changed' },
    { id: 'fetch', outcome: 'fresh', start: 0, seconds: 0.5 },
    { id: 'lxc', outcome: 'restored', start: 2, seconds: 1.25 },
    { id: 'busybox', outcome: 'failed', start: 4, seconds: 1 },
    { id: 'rootfs', outcome: 'blocked', start: 11, seconds: 0 },
  ]);
  const { traceEvents } = JSON.parse(readFileSync(join(outDir, 'timeline.json'), 'utf8')) as {
    traceEvents: { name: string; ph: string; tid: number; ts: number; dur: number; args: unknown }[];
  };
  expect(traceEvents[0]?.args).toEqual({ name: 'lxc-kit build --board stb' });
  expect(traceEvents.slice(1).map(({ name, ph, tid, ts, dur }) => [name, ph, tid, ts, dur])).toEqual([
    ['fetch', 'X', 1, 0, 500_000],
    ['kernel', 'X', 1, 1_000_000, 10_000_000],
    ['lxc', 'X', 2, 2_000_000, 1_250_000],
    ['busybox', 'X', 2, 4_000_000, 1_000_000],
  ]);
});
