import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { imageFile, projectMaker } from '../integration/rig.ts';
import { readFileSync } from 'node:fs';

const MINUTE_MS = 60_000;

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.writeBoard('silent', { kernel: { config: { CONFIG_FAKE_SLOW: 'y' } } });
});

test('a step that prints nothing for ten minutes is waited for, and says now and then that it runs', async () => {
  const started = performance.now();
  const { exitCode, stderr } = await project.spawn(['build', '--board', 'silent'], {
    timeoutMs: 15 * MINUTE_MS,
  }).done;
  expect(exitCode, stderr).toBe(0);
  expect(performance.now() - started).toBeGreaterThan(10 * MINUTE_MS);
  // One every half a minute.
  const beats = stderr.split('\n').filter((line) => line.startsWith('  build-kernel: '));
  expect(beats.length).toBeGreaterThanOrEqual(18);
  expect(stderr).toMatch(/^< build-kernel: built in 6\d\d s/m);
  expect(
    readFileSync(imageFile(project, 'vmlinux', 'silent'))
      .subarray(1, 4)
      .toString(),
  ).toBe('ELF');
});
