import { beforeAll, describe, expect, test } from 'vitest';
import { makeFakeLxc2 } from '../rigs/fake-lxc2.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, message, projectMaker, readFromTar } from './rig.ts';

const create = projectMaker();
let project: TempProject;
let lxc2: string;

beforeAll(async () => {
  project = await create();
  lxc2 = makeFakeLxc2(project.dir);
});

const container = {
  name: 'limited',
  command: ['/bin/sh'],
  bind: ['/bin/sh', '/bin/busybox'],
  limits: { memory: '32M', pids: 64, 'cpu-shares': 512 },
  devices: { allow: ['null', 'c 30:0 rwm'] },
};

describe.each([
  {
    cgroup: 'v2',
    old: false,
    mounts: [
      'try mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup',
      'mount -t cgroup2 -o remount,nosuid,nodev,noexec,nsdelegate cgroup2 /sys/fs/cgroup 2> /dev/null',
    ],
    keys: [
      'lxc.cgroup2.memory.max = 33554432',
      'lxc.cgroup2.pids.max = 64',
      // 512 shares on the scale of weights, as runc and systemd translate them.
      'lxc.cgroup2.cpu.weight = 20',
      'lxc.cgroup2.devices.allow = c 30:0 rwm',
    ],
    symbols: ['CONFIG_CGROUP_BPF=y', 'CONFIG_MEMCG=y'],
  },
  {
    cgroup: 'v1',
    old: false,
    mounts: [
      'try mount -t tmpfs -o nosuid,nodev,noexec,mode=0755 tmpfs /sys/fs/cgroup',
      'try mount -t cgroup -o "nosuid,nodev,noexec,$controller" cgroup "/sys/fs/cgroup/$controller"',
    ],
    keys: [
      'lxc.cgroup.memory.limit_in_bytes = 33554432',
      'lxc.cgroup.pids.max = 64',
      'lxc.cgroup.cpu.shares = 512',
      'lxc.cgroup.devices.allow = c 30:0 rwm',
    ],
    symbols: ['CONFIG_CGROUP_DEVICE=y', 'CONFIG_MEMCG=y'],
  },
  {
    cgroup: 'v1-single',
    // Later ones find no controllers there.
    old: true,
    mounts: ['try mount -t cgroup -o nosuid,nodev,noexec cgroup /sys/fs/cgroup'],
    keys: ['lxc.cgroup.memory.limit_in_bytes = 33554432', 'lxc.cgroup.devices.allow = c 30:0 rwm'],
    symbols: ['CONFIG_CGROUP_DEVICE=y'],
  },
])('cgroup: $cgroup', ({ cgroup, old, mounts, keys, symbols }) => {
  beforeAll(async () => {
    project.writeBoard('layout', { cgroup, containers: [container], images: ['tar.gz'] });
    await buildWell(project, old ? ['--source', `lxc=${lxc2}`] : [], { board: 'layout' });
  });

  test('the device mounts this layout, and no other, when it starts', () => {
    const rcS = readFromTar(project, '/etc/init.d/rcS', 'layout').toString();
    const lines = rcS.split('\n').map((line) => line.trim());
    expect(lines).toEqual(expect.arrayContaining(mounts));
    expect(lines.filter((line) => /mount -t .*\/sys\/fs\/cgroup/.test(line))).toEqual(mounts);
    expect(rcS).not.toMatch(/\{\{|\}\}/);
  });

  test('limits are written as this layout has them', () => {
    const config = readFromTar(project, '/opt/lxc/limited.conf', 'layout').toString().split('\n');
    expect(config).toEqual(expect.arrayContaining(keys));
    const other = cgroup === 'v2' ? /^lxc\.cgroup\./ : /^lxc\.cgroup2\./;
    expect(config.filter((line) => other.test(line))).toEqual([]);
  });

  test('the kernel has what it takes', () => {
    const config = project.read('out/layout/config/kernel.config').split('\n');
    expect(config).toEqual(expect.arrayContaining(symbols));
  });
});

test('a layout on which this LXC cannot set anything is refused', async () => {
  project.writeBoard('layout', { cgroup: 'v1-single', containers: [container] });
  const sources = ['--source', 'lxc=lxc-5.0.3.tar.gz'];
  project.write('lxc-5.0.3.tar.gz', '');
  const refused = await project.run(['build', '--board', 'layout', ...sources]);
  expect(refused.exitCode).toBe(2);
  await expect(message(project, refused)).toMatchFileSnapshot('printed/fit/nothing-to-be-set.txt');
});

test('refuses a build without the kernel symbols that a limit needs', async () => {
  project.writeBoard('layout', {
    cgroup: 'v2',
    containers: [container],
    kernel: { config: { CONFIG_MEMCG: 'n', CONFIG_CGROUP_BPF: 'n' } },
  });
  const failed = await project.run(['build', '--board', 'layout']);
  expect(failed.exitCode).toBe(4);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/cgroup-symbols-lost.txt');
});
