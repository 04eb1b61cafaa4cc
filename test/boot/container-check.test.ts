import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { endingSentences, writeEndingContainers } from '../rigs/ending-containers.ts';
import { RealBoard } from '../rigs/real-board.ts';

const profile = writeEndingContainers({
  folder: 'own-containers',
  board: 'malta-mipsel',
  cgroup: 'v2',
});
const junit = join(dirname(profile), 'junit.xml');
/** In the out directory of malta-mipsel, so that only the root filesystem is made again. */
const board = new RealBoard(profile, 'malta-mipsel');

beforeAll(async () => {
  const { exitCode, stderr } = await board.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});

test('containers that do not run give exit code 5, each with its reason and a case of its own', async () => {
  const { exitCode, stdout, stderr } = await board.boot(
    ['lxc-info -n system1 -s', 'grep -c "ended on error (1)" /var/log/lxc/ends-at-once.log'],
    '--junit',
    junit,
  );
  expect(exitCode).toBe(5);
  // The commands run all the same, and the reason is found on the device, too.
  expect(stdout).toMatch(/RUNNING\n1\n$/);
  for (const sentence of endingSentences) expect(stderr).toContain(sentence);
  expect(stderr).toContain('LXC could not start it\n    LXC: ERROR No such file or directory');
  expect(board.read('logs/console.log')).toContain(
    'rcS: failed: lxc-start -n cannot-start: see /var/log/lxc/cannot-start.log',
  );
  const xml = readFileSync(junit, 'utf8');
  expect(xml).toContain('tests="8" failures="3"');
  expect(xml).toMatch(/name="container system1" time="[\d.]+">\n {4}<\/testcase>/);
  expect(xml).toContain('<failure message="finished is STOPPED: its first process ended with exit code 0">');
});

test('--skip-container-check takes a boot as it is', async () => {
  const { exitCode, stderr } = await board.boot(['true'], '--skip-container-check');
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});
