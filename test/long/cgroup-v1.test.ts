import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard, START_CONTAINER1 } from '../rigs/real-board.ts';

const profile = shippedPath('out', 'test', 'malta-cgroup-v1.yaml');
const malta = new RealBoard(profile, 'malta-cgroup-v1');

beforeAll(async () => {
  mkdirSync(shippedPath('out', 'test'), { recursive: true });
  writeFileSync(
    profile,
    `schema: 1\nname: malta-cgroup-v1\nextends: [${shippedPath('boards', 'malta-mipsel.yaml')}]\ncgroup: v1\n`,
  );
  const { exitCode, stderr } = await malta.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});

test('both containers start, each controller is mounted on its own, limits are in their files', async () => {
  const { exitCode, stdout } = await malta.boot([
    START_CONTAINER1,
    'lxc-ls --fancy',
    'cat /proc/mounts',
    'cat /sys/fs/cgroup/pids/lxc.payload.system1/pids.max /sys/fs/cgroup/memory/lxc.payload.system1/memory.limit_in_bytes',
  ]);
  expect(stdout).toMatch(/^container1\n/);
  expect(stdout).toMatch(/^system1\s+RUNNING 1 /m);
  for (const controller of ['cpu', 'cpuacct', 'devices', 'freezer', 'memory', 'pids']) {
    expect(stdout).toMatch(
      new RegExp(
        `^cgroup /sys/fs/cgroup/${controller} cgroup rw,nosuid,nodev,noexec,relatime,${controller} `,
        'm',
      ),
    );
  }
  expect(stdout).toMatch(/^64\n33554432$/m);
  expect(exitCode).toBe(0);
});
