import { describe, expect, it } from 'vitest';
import { cgroupFiles } from '../../../toolkit/cgroups/cgroup-files.ts';
import {
  checkCgroupValue,
  otherCgroupFile,
  translateSetting,
} from '../../../toolkit/cgroups/translate-cgroup.ts';

const MEMORY_V1 = new Map([['memory.limit_in_bytes', '32M']]);
const MEMORY_V2 = new Map([['memory.max', '33554432']]);

const written = (
  setting: string,
  from: 'v1' | 'v2',
  files: ReadonlyMap<string, string> = new Map(),
): string[] | undefined => {
  const [file = '', value = ''] = setting.split(' = ');
  return translateSetting([file, value], from, files).settings?.map((one) => one.join(' = '));
};

describe('translateSetting', () => {
  it.each([
    ['memory.limit_in_bytes = 32M', ['memory.max = 32M']],
    ['memory.limit_in_bytes = -1', ['memory.max = max']],
    ['memory.soft_limit_in_bytes = 16M', ['memory.low = 16M']],
    ['memory.use_hierarchy = 1', []],
    ['pids.max = 64', ['pids.max = 64']],
    ['cpu.shares = 1024', ['cpu.weight = 39']],
    ['cpu.cfs_quota_us = 50000', ['cpu.max = 50000 100000']],
    ['cpu.cfs_quota_us = -1', ['cpu.max = max 100000']],
    ['cpu.cfs_period_us = 50000', ['cpu.max = max 50000']],
    ['cpuset.cpus = 0-1', ['cpuset.cpus = 0-1']],
    ['cpuset.mems = 0', ['cpuset.mems = 0']],
    ['devices.allow = c 1:3 rwm', ['devices.allow = c 1:3 rwm']],
    ['blkio.weight = 500', ['io.weight = 4950']],
    ['blkio.weight_device = 8:0 1000', ['io.weight = 8:0 10000']],
    ['blkio.throttle.read_bps_device = 8:0 1048576', ['io.max = 8:0 rbps=1048576']],
    ['blkio.throttle.write_iops_device = 8:0 0', ['io.max = 8:0 wiops=max']],
    ['hugetlb.2MB.limit_in_bytes = 4M', ['hugetlb.2MB.max = 4M']],
    ['freezer.state = FROZEN', ['cgroup.freeze = 1']],
    ['freezer.state = THAWED', ['cgroup.freeze = 0']],
    ['memory.swappiness = 0', undefined],
    ['net_cls.classid = 0x10', undefined],
    ['no.such.file = 1', undefined],
  ])('v1 %s is v2 %j', (setting, expected) => {
    expect(written(setting, 'v1')).toEqual(expected);
  });

  it.each([
    ['memory.max = max', ['memory.limit_in_bytes = -1']],
    ['cpu.weight = 39', ['cpu.shares = 1024']],
    ['cpu.max = 50000 100000', ['cpu.cfs_period_us = 100000', 'cpu.cfs_quota_us = 50000']],
    ['cpu.max = max', ['cpu.cfs_period_us = 100000', 'cpu.cfs_quota_us = -1']],
    ['io.weight = 4950', ['blkio.weight = 500']],
    ['io.weight = default 100', ['blkio.weight = 20']],
    ['io.weight = 8:0 10000', ['blkio.weight_device = 8:0 1000']],
    [
      'io.max = 8:0 rbps=1048576 wiops=max',
      ['blkio.throttle.read_bps_device = 8:0 1048576', 'blkio.throttle.write_iops_device = 8:0 0'],
    ],
    ['cgroup.freeze = 1', ['freezer.state = FROZEN']],
    ['memory.high = 16M', undefined],
  ])('v2 %s is v1 %j', (setting, expected) => {
    expect(written(setting, 'v2')).toEqual(expected);
  });

  it('counts swap alone in v2, and together with memory in v1', () => {
    expect(written('memory.memsw.limit_in_bytes = 48M', 'v1', MEMORY_V1)).toEqual([
      'memory.swap.max = 16777216',
    ]);
    expect(written('memory.swap.max = 16M', 'v2', MEMORY_V2)).toEqual([
      'memory.memsw.limit_in_bytes = 50331648',
    ]);
    expect(written('memory.memsw.limit_in_bytes = 48M', 'v1')).toBeUndefined();
    expect(written('memory.memsw.limit_in_bytes = 16M', 'v1', MEMORY_V1)).toBeUndefined();
  });

  it('writes period and quota in one line', () => {
    const files = new Map([
      ['cpu.cfs_quota_us', '20000'],
      ['cpu.cfs_period_us', '50000'],
    ]);
    expect(written('cpu.cfs_quota_us = 20000', 'v1', files)).toEqual(['cpu.max = 20000 50000']);
    expect(written('cpu.cfs_period_us = 50000', 'v1', files)).toEqual([]);
  });

  it('empties what is emptied', () => {
    expect(translateSetting(['devices.allow', ''], 'v1', new Map()).settings).toEqual([
      ['devices.allow', ''],
    ]);
  });

  it('comes back to each weight and each share of a power of two', () => {
    for (let weight = 1; weight <= 10_000; weight++) {
      const [shares = ''] = written(`cpu.weight = ${weight}`, 'v2') ?? [];
      expect(written(shares, 'v1')).toEqual([`cpu.weight = ${weight}`]);
    }
    for (let weight = 10; weight <= 1000; weight++) {
      const [io = ''] = written(`blkio.weight = ${weight}`, 'v1') ?? [];
      expect(written(io, 'v2')).toEqual([`blkio.weight = ${weight}`]);
    }
  });
});

it('every file of the table stands in it once for each version', () => {
  const names = cgroupFiles.map(({ version, file }) => `${version} ${file}`);
  expect(new Set(names).size).toBe(names.length);
});

it.each([
  ['cpu.shares', '1', 'v1', 'must be a number from 2 to 262144, but is 1'],
  ['cpu.weight', '10001', 'v2', 'must be a number from 1 to 10000, but is 10001'],
  ['memory.max', '32 MB', 'v2', 'must be a size such as 32M, or max, but is 32 MB'],
  [
    'devices.allow',
    'c  1:3 rwm',
    'v1',
    'must be a device rule with one space between its parts, such as "c 1:3 rwm", but is c  1:3 rwm',
  ],
  ['freezer.state', 'frozen', 'v1', 'must be FROZEN or THAWED, but is frozen'],
] as const)('%s = %s on %s %s', (file, value, version, wrong) => {
  expect(checkCgroupValue(file, value, version)).toBe(wrong);
});

it.each([
  ['cpu.shares', '2', 'v1'],
  ['cpu.shares', '262144', 'v1'],
  ['cpu.weight', '1', 'v2'],
  ['cpu.weight', '10000', 'v2'],
] as const)('%s = %s on %s is at the end of what the kernel takes', (file, value, version) => {
  expect(checkCgroupValue(file, value, version)).toBeUndefined();
});

it('finds the file of the other cgroup version', () => {
  expect(otherCgroupFile('memory.limit_in_bytes')).toBe('memory.max');
  expect(otherCgroupFile('cpu.max')).toBe('cpu.cfs_period_us');
  expect(otherCgroupFile('devices.allow')).toBe('devices.allow');
  expect(otherCgroupFile('hugetlb.2MB.max')).toBe('hugetlb.2MB.limit_in_bytes');
  expect(otherCgroupFile('memory.high')).toBeUndefined();
});
