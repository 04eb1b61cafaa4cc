import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from '../rigs/real-board.ts';

const folder = shippedPath('out', 'test', 'own-rcS');
const profile = join(folder, 'malta.yaml');
/** In the out directory of malta-mipsel, so that only the root filesystem is made again. */
const board = new RealBoard(profile, 'malta-mipsel');

/** Builds malta with an rcS of the user's, made of the shipped one. */
async function buildWithRcS(change: (text: string) => string): Promise<void> {
  const shipped = readFileSync(shippedPath('test', 'unit', 'rootfs', 'expected', 'rcS-v2'), 'utf8');
  const changed = change(shipped);
  if (changed === shipped) throw new Error('the boot script is the shipped one');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'overlay', 'etc', 'init.d'), { recursive: true });
  const rcS = join(folder, 'overlay', 'etc', 'init.d', 'rcS');
  writeFileSync(rcS, changed);
  chmodSync(rcS, 0o755);
  writeFileSync(
    profile,
    `schema: 1\nname: malta-mipsel\nextends: [${shippedPath('boards', 'malta-mipsel.yaml')}]\nrootfs:\n  overlays: [./overlay]\n`,
  );
  const { exitCode, stderr } = await board.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a boot script that mounts no cgroups is found out, and commands run all the same', async () => {
  await buildWithRcS((text) => text.replace(/^(?:try )?mount -t cgroup2 .*$/gm, ''));
  const { exitCode, stdout, stderr } = await board.boot(['echo still here']);
  expect(exitCode).toBe(5);
  expect(stdout).toBe('still here\n');
  expect(stderr).toContain(
    'expected: cgroup2 at /sys/fs/cgroup, read-write; found: nothing is mounted there',
  );
});

test('so is one that mounts the other layout', async () => {
  const shipped = readFileSync(shippedPath('test', 'unit', 'rootfs', 'expected', 'rcS-v1-single'), 'utf8');
  await buildWithRcS(() => shipped);
  const { exitCode, stderr } = await board.boot(['true']);
  expect(exitCode).toBe(5);
  expect(stderr).toContain('expected: cgroup2 at /sys/fs/cgroup, read-write; found: cgroup');
});

test('one that does it in another way is as good', async () => {
  await buildWithRcS((text) =>
    text.replace('nosuid,nodev,noexec cgroup2', 'nosuid cgroup2').replace(/^mount -t cgroup2 .*$/m, ''),
  );
  const { exitCode, stderr } = await board.boot(['true']);
  expect(stderr).not.toContain('expected:');
  expect(exitCode).toBe(0);
});

test('a named hierarchy of v1 where LXC looks for it takes limits and device rules out of force', async () => {
  await buildWithRcS((text) =>
    text.replace(
      /^hostname .*$/m,
      'mkdir /sys/fs/cgroup/systemd\nmount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd\n$&',
    ),
  );
  const { exitCode, stderr } = await board.boot(['true']);
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(
    /found: name=systemd, mounted at \/sys\/fs\/cgroup\/systemd by \/etc\/init\.d\/rcS:\d+: mount -t cgroup -o none,name=systemd/,
  );
  expect(stderr).toContain('system1: lxc.cgroup2.memory.max = 33554432 is not in force: memory.max is max');
});
