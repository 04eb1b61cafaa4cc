import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from '../rigs/real-board.ts';

const folder = shippedPath('out', 'test', 'own-containers');
const profile = join(folder, 'malta.yaml');
const junit = join(folder, 'junit.xml');
/** In the out directory of malta-mipsel, so that only the root filesystem is made again. */
const board = new RealBoard(profile, 'malta-mipsel');

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    profile,
    `schema: 1
name: malta-mipsel
extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]
images: [cpio.gz]
containers:
  - ${shippedPath('boards', 'containers', 'system1.yaml')}
  - name: finished
    rootfs: { from: bind }
    command: [/bin/echo, all, done]
    bind: [/bin/echo, /bin/busybox]
    console: none
    autostart: { order: 2 }
  - name: ends-at-once
    rootfs: { from: bind }
    command: [/bin/ls, /not-here]
    bind: [/bin/ls, /bin/busybox]
    console: none
    autostart: { order: 3 }
  - name: cannot-start
    rootfs: { from: bind }
    command: [/bin/ls]
    bind: [/bin/ls, /bin/busybox, { from: /proc/not-there, to: /run, options: [create=dir] }]
    autostart: { order: 4 }
`,
  );
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
  expect(stderr).toContain('error: 3 of 4 containers are not as defined [BOOT_FAILED]');
  expect(stderr).toContain(
    '  finished is STOPPED: its first process ended with exit code 0\n    finished: all done\n',
  );
  expect(stderr).toContain(
    '  ends-at-once is STOPPED: its first process ended with exit code 1\n' +
      '    ends-at-once: ls: /not-here: No such file or directory\n',
  );
  expect(stderr).toContain(
    '  cannot-start is STOPPED: LXC could not start it\n    LXC: ERROR No such file or directory',
  );
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
