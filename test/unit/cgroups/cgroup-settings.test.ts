import { describe, expect, it } from 'vitest';
import { deviceSettings, limitSettings } from '../../../toolkit/cgroups/cgroup-settings.ts';
import { containerFrom } from '../containers/rig.ts';

const { limits } = containerFrom(`
name: web
limits: { memory: 32M, swap: 16M, pids: 64, cpu-shares: 512, cpu-quota: 50%, cpus: "0-1" }
`);

const written = (settings: { file: string; value: string }[]): string[] =>
  settings.map(({ file, value }) => `${file} = ${value}`);

describe('limitSettings', () => {
  it('writes the files of cgroup v2', () => {
    expect(written(limitSettings(limits, 'v2'))).toEqual([
      'memory.max = 33554432',
      'memory.swap.max = 16777216',
      'pids.max = 64',
      'cpu.weight = 20',
      'cpu.max = 50000 100000',
      'cpuset.cpus = 0-1',
    ]);
  });

  it.each(['v1', 'v1-single'] as const)(
    'writes the files of cgroup %s, memory before memory and swap',
    (layout) => {
      expect(written(limitSettings(limits, layout))).toEqual([
        'memory.limit_in_bytes = 33554432',
        'memory.memsw.limit_in_bytes = 50331648',
        'pids.max = 64',
        'cpu.shares = 512',
        'cpu.cfs_period_us = 100000',
        'cpu.cfs_quota_us = 50000',
        'cpuset.cpus = 0-1',
      ]);
    },
  );

  it.each([
    [2, 1],
    [1024, 39],
    [262_144, 10_000],
  ])('translates %i shares to a weight of %i', (shares, weight) => {
    expect(written(limitSettings({ 'cpu-shares': shares }, 'v2'))).toEqual([`cpu.weight = ${weight}`]);
  });

  it.each([
    ['4096', '4096'],
    ['512K', '524288'],
    ['2G', '2147483648'],
  ])('reads %s as %s bytes', (memory, bytes) => {
    expect(written(limitSettings({ memory }, 'v2'))).toEqual([`memory.max = ${bytes}`]);
  });
});

describe('deviceSettings', () => {
  it('denies everything first', () => {
    const { devices } = containerFrom('{ name: web, devices: { allow: [null, pts, tun, "b 8:0 r"] } }');
    expect(written(deviceSettings(devices, 'v1'))).toEqual([
      'devices.deny = a',
      'devices.allow = c 1:3 rwm',
      'devices.allow = c 136:* rwm',
      'devices.allow = c 10:200 rwm',
      'devices.allow = b 8:0 r',
    ]);
  });

  it('says nothing about devices when the definition does not', () => {
    expect(deviceSettings(undefined, 'v2')).toEqual([]);
  });

  it('fills the list on cgroup v2 where nothing is allowed: LXC loads no program for an empty one', () => {
    expect(written(deviceSettings({ allow: [] }, 'v2'))).toEqual([
      'devices.deny = a',
      'devices.deny = a *:* rwm',
    ]);
    expect(written(deviceSettings({ allow: [] }, 'v1'))).toEqual(['devices.deny = a']);
  });

  it('joins the rights of one device, which LXC does not do on cgroup v2', () => {
    expect(written(deviceSettings({ allow: ['c 30:0 r', 'null', 'c 30:0 w'] }, 'v2'))).toEqual([
      'devices.deny = a',
      'devices.allow = c 30:0 rw',
      'devices.allow = c 1:3 rwm',
    ]);
  });
});
