import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from '../rigs/real-board.ts';

const folder = shippedPath('out', 'test', 'own-auto');
const profile = join(folder, 'malta.yaml');
/** In the out directory of malta-mipsel, so that only the root filesystem is made again. */
const board = new RealBoard(profile, 'malta-mipsel');

const system = (name: string, auto: string): string => `
  - name: ${name}
    kind: system
    rootfs: { from: busybox }
    command: [/sbin/init]
    auto: [${auto}]
    limits: { memory: 32M }
    network: [{ type: empty }]
    console: none
    autostart: true`;

let built = '';

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    profile,
    `schema: 1
name: malta-mipsel
extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]
images: [cpio.gz]
containers:${system('nested', 'proc:mixed, sys:ro, cgroup:rw')}${system('alone', '"cgroup:mixed"')}${system('watched', 'proc:mixed, sys:ro, cgroup:ro')}${system('whole', 'proc:mixed, sys:ro, cgroup-full:rw')}
`,
  );
  const { exitCode, stderr } = await board.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
  built = stderr;
});

const limitChild = (name: string): string =>
  `lxc-attach -n ${name} -- sh -c 'cd /sys/fs/cgroup && echo +memory > cgroup.subtree_control && mkdir child && echo 8388608 > child/memory.max && cat child/memory.max'`;

test('cgroup v2 mounted writable lets a container limit groups of its own', async () => {
  const { exitCode, stdout, stderr } = await board.boot([
    limitChild('nested'),
    limitChild('alone'),
    limitChild('whole'),
    `lxc-attach -n nested -- cat /proc/1/cgroup`,
    `lxc-attach -n watched -- sh -c '! mkdir /sys/fs/cgroup/child 2>/dev/null && cat /sys/fs/cgroup/memory.max'`,
    // The build says that "full" shows the container's own group alone.
    `lxc-attach -n whole -- sh -c 'ls /sys/fs/cgroup | grep -c lxc; true'`,
  ]);
  expect(stderr).not.toContain('error:');
  // LXC 5 and 6 without seccomp, as compiled on a Debian without mipsel, complain at each attach of a key of their own.
  const printed = stdout.replace(/^lxc-attach: .*"lxc\.seccomp"\n/gm, '');
  expect(printed).toBe('8388608\n8388608\n8388608\n0::/init\n33554432\n0\n');
  expect(exitCode).toBe(0);
  expect(built).toMatch(/whole: with cgroup-full:rw LXC 5\.0\.2 mounts only the container's own group/);
  expect(built).not.toMatch(/(?:nested|alone|watched): with cgroup/);
});
