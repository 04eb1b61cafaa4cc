import { describe, expect, test } from 'vitest';
import type { Mount } from '../../../toolkit/cgroups/read-guest-cgroups.ts';
import { cgroupDirectories, judgeLimit } from '../../../toolkit/guest-checks/judge-limit.ts';

/** The verdict on a limit whose file in the container's group, and in the group above, has these values. */
function said(file: string, value: string, own?: string, above?: string): string | undefined {
  const files = ['own', 'above'].map((group) => `/sys/fs/cgroup/${group}/${file}`);
  const values = [own, above].flatMap((text, index) =>
    text === undefined ? [] : [[files[index] ?? '', text] as const],
  );
  return judgeLimit({ file, value, line: `lxc.cgroup2.${file} = ${value}` }, files, new Map(values));
}

describe('a limit in force', () => {
  test.each([
    ['memory.max', '8M', '8388608'],
    ['memory.max', '8388609', '8388608'],
    ['memory.limit_in_bytes', '100000', '65536'],
    ['memory.max', 'max', 'max'],
    ['memory.memsw.limit_in_bytes', '-1', '9223372036854771712'],
    ['pids.max', '20', '20'],
    ['cpu.max', '50000', '50000 100000'],
    ['cpu.max', '50000  200000', '50000 200000'],
    ['cpuset.cpus', '0,1,2', '0-2'],
    ['cpuset.cpus', '3,1', '1,3'],
    // The value that the kernel shows is not known to be comparable.
    ['io.weight', '50', 'default 50'],
  ])('%s = %s is shown as %s', (file, value, found) => {
    expect(said(file, value, found)).toBeUndefined();
  });

  test('may stand in a group above', () => {
    expect(said('memory.max', '8M', 'max', '8388608')).toBeUndefined();
  });
});

describe('a limit that is not in force', () => {
  test.each([
    ['memory.max', '8M', 'max'],
    ['memory.max', '8M', '8388609'],
    ['memory.max', '8M', '4194304'],
    ['memory.max', 'max', '8388608'],
    ['pids.max', '20', 'max'],
    ['pids.max', '20', '200'],
    ['cpu.max', '50000', 'max 100000'],
    ['cpuset.cpus', '0-2', '0-3'],
  ])('%s = %s is shown as %s', (file, value, found) => {
    expect(said(file, value, found)).toBe(
      `lxc.cgroup2.${file} = ${value} is not in force: ${file} is ${found}`,
    );
  });

  test('has no file', () => {
    expect(said('memory.max', '8M')).toBe(
      'lxc.cgroup2.memory.max = 8M is not in force: its group has no memory.max',
    );
  });
});

describe('the groups of a process', () => {
  const hierarchy = (at: string, ...superOptions: string[]): Mount =>
    ({ at, type: 'cgroup', options: ['rw'], superOptions }) as unknown as Mount;
  const mounts = [
    hierarchy('/sys/fs/cgroup/memory', 'rw', 'memory'),
    hierarchy('/sys/fs/cgroup/cpu', 'rw', 'cpu', 'cpuacct'),
  ];

  test('on v2 are those of its one hierarchy, the nearest first', () => {
    const cgroups = [
      { controllers: ['name=vendor'], path: '/other' },
      { controllers: [], path: '/lxc.payload.web/init' },
    ];
    expect(cgroupDirectories('memory', cgroups, 'v2', mounts)).toEqual([
      '/sys/fs/cgroup/lxc.payload.web/init',
      '/sys/fs/cgroup/lxc.payload.web',
    ]);
  });

  test('on v1 are those of the controller, where that is mounted', () => {
    const cgroups = [
      { controllers: ['memory'], path: '/lxc/web' },
      { controllers: ['cpu', 'cpuacct'], path: '/lxc/web-1' },
      { controllers: ['pids'], path: '/lxc/web' },
    ];
    expect(cgroupDirectories('cpu', cgroups, 'v1', mounts)).toEqual([
      '/sys/fs/cgroup/cpu/lxc/web-1',
      '/sys/fs/cgroup/cpu/lxc',
    ]);
    // Nothing has it mounted.
    expect(cgroupDirectories('pids', cgroups, 'v1', mounts)).toEqual([]);
  });
});
