import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { cgroupContracts, contractValues } from '../../../toolkit/cgroups/cgroup-contract.ts';
import {
  compareCgroups,
  describeMismatch,
  type CgroupWants,
} from '../../../toolkit/cgroups/compare-cgroups.ts';
import {
  guestCgroupsScript,
  parseMountinfo,
  readGuestCgroups,
} from '../../../toolkit/cgroups/read-guest-cgroups.ts';

const PROC_CGROUPS = `#subsys_name\thierarchy\tnum_cgroups\tenabled
cpu\t0\t1\t1
cpuacct\t0\t1\t1
memory\t0\t1\t1
devices\t0\t1\t1
pids\t0\t1\t1
cpuset\t0\t1\t1
rdma\t0\t1\t0`;

const REST = `1 1 0:2 / / rw - rootfs rootfs rw
20 1 0:20 / /sys rw,nosuid,nodev,noexec,relatime - sysfs sysfs rw`;

/** A guest's answer: mounts below /sys/fs/cgroup, lines of /proc/self/cgroup, files. */
function answer(
  mounts: readonly string[],
  cgroup: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): string {
  const all = {
    '/proc/self/mountinfo': [REST, ...mounts].join('\n'),
    '/proc/self/cgroup': cgroup.join('\n'),
    '/proc/cgroups': PROC_CGROUPS,
    ...files,
  };
  return Object.entries(all)
    .map(([path, text]) => `== ${path}\n${text}\n`)
    .join('');
}

function compare(output: string, wants: Partial<CgroupWants>): { breaks: string[]; warns: string[] } {
  const found = compareCgroups(readGuestCgroups(output), {
    layout: 'v2',
    lxcVersion: '5.0.2',
    controllers: ['memory', 'pids'],
    ...wants,
  });
  const those = (breaks: boolean): string[] =>
    found.filter((one) => one.breaks === breaks).map(describeMismatch);
  return { breaks: those(true), warns: those(false) };
}

const AT_ONCE = { breaks: [], warns: [] };
const V2 = '30 20 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup2 rw';
const TMPFS = '30 20 0:26 / /sys/fs/cgroup rw,nosuid - tmpfs tmpfs rw,mode=755';
const v1 = (at: string, controllers = at, options = 'rw'): string =>
  `31 30 0:27 / /sys/fs/cgroup/${at} ${options},nosuid - cgroup cgroup ${options},${controllers}`;
const V1 = [TMPFS, ...['cpu', 'cpuacct', 'memory', 'devices', 'pids', 'cpuset'].map((one) => v1(one))];
const V1_CGROUP = ['cpu', 'cpuacct', 'memory', 'devices', 'pids', 'cpuset'].map(
  (one, i) => `${i + 1}:${one}:/`,
);
const V1_FILES = {
  '/sys/fs/cgroup/cpuset/cgroup.clone_children': '1',
  '/sys/fs/cgroup/cpu/cgroup.clone_children': '0',
  '/sys/fs/cgroup/memory/memory.use_hierarchy': '1',
};
const SINGLE =
  '30 20 0:26 / /sys/fs/cgroup rw,nosuid - cgroup cgroup rw,cpuset,cpu,cpuacct,memory,devices,pids';

describe('mountinfo', () => {
  test('is read with any number of optional fields, and with escaped blanks', () => {
    const text = [
      '36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue',
      '22 1 0:19 / /proc rw - proc proc rw',
      'no line of mountinfo',
      '',
    ].join('\n');
    expect(parseMountinfo(text)).toEqual([
      {
        root: '/mnt1',
        at: '/mnt 2',
        options: ['rw', 'noatime'],
        type: 'ext3',
        source: '/dev/root',
        superOptions: ['rw', 'errors=continue'],
      },
      { root: '/', at: '/proc', options: ['rw'], type: 'proc', source: 'proc', superOptions: ['rw'] },
    ]);
  });

  test('a hyphen as a mount point is not the separator', () => {
    expect(parseMountinfo('1 2 0:3 / - rw - tmpfs tmpfs rw')[0]).toMatchObject({ at: '-', type: 'tmpfs' });
  });
});

describe('the script', () => {
  test('says what this machine has', () => {
    const output = execFileSync('sh', ['-c', guestCgroupsScript], { encoding: 'utf8' });
    const guest = readGuestCgroups(output);
    expect(guest.mounts.find(({ at }) => at === '/proc')).toMatchObject({ type: 'proc' });
    for (const { type, at } of guest.mounts.filter(
      (one) => one.type === 'cgroup2' && one.at.startsWith('/sys/fs'),
    )) {
      expect(guest.files.has(`${at}/cgroup.subtree_control`), type).toBe(true);
    }
  });

  test('has its answer read, with what is switched off left out, also from a port that adds carriage returns', () => {
    const output = answer([V2], ['0::/'], {
      '/sys/fs/cgroup/cgroup.controllers': 'cpu memory',
      '/sys/fs/cgroup/cgroup.subtree_control': '',
    });
    const guest = readGuestCgroups(output.replaceAll('\n', '\r\n'));
    expect(guest.offered).toEqual(['cpu', 'cpuacct', 'memory', 'devices', 'pids', 'cpuset']);
    expect(guest.hierarchies).toEqual([]);
    expect(guest.files.get('/sys/fs/cgroup/cgroup.controllers')).toBe('cpu memory');
    expect(guest.files.get('/sys/fs/cgroup/cgroup.subtree_control')).toBe('');
    expect(readGuestCgroups(answer(V1, [...V1_CGROUP, '9:name=systemd:/', '0::/'])).hierarchies).toHaveLength(
      6,
    );
  });
});

describe('cgroup v2', () => {
  const files = (controllers: string, handedDown: string): Record<string, string> => ({
    '/sys/fs/cgroup/cgroup.controllers': controllers,
    '/sys/fs/cgroup/cgroup.subtree_control': handedDown,
  });

  test('as agreed', () => {
    expect(compare(answer([V2], ['0::/'], files('cpu memory pids', 'cpu memory pids')), {})).toEqual(AT_ONCE);
  });

  test.each([
    [[], 'nothing is mounted there'],
    [[TMPFS], 'tmpfs'],
    [V1.slice(0, 2), 'tmpfs, cgroup at /sys/fs/cgroup/cpu'],
    [[V2.replaceAll('rw', 'ro')], 'cgroup2, read-only'],
    [[V2.replace('/sys/fs/cgroup', '/cgroup')], 'nothing is mounted there, cgroup2 at /cgroup'],
    [[V2, TMPFS], 'tmpfs'],
  ])('with %j is not there', (mounts, found) => {
    expect(compare(answer(mounts), {})).toEqual({
      breaks: [`expected: cgroup2 at /sys/fs/cgroup, read-write; found: ${found}`],
      warns: [],
    });
  });

  test('without a controller that containers use', () => {
    const { breaks } = compare(answer([V2], ['0::/'], files('cpu pids', 'cpu pids')), {});
    expect(breaks).toEqual(['expected: /sys/fs/cgroup/cgroup.controllers has memory; found: cpu pids']);
  });

  const NAMED = [V2, '40 20 0:30 / /sys/fs/cgroup/vendor rw - cgroup none rw,name=vendor'];
  const WITH_NAMED = answer(NAMED, ['1:name=vendor:/', '0::/'], {
    ...files('cpu memory pids', 'cpu memory pids'),
    'boot scripts':
      '/etc/init.d/S10vendor:4: \tmount -t cgroup -o none,name=vendor none /sys/fs/cgroup/vendor',
  });

  test('with a named hierarchy of v1 where LXC looks for it', () => {
    expect(compare(WITH_NAMED, {}).breaks).toEqual([
      'expected: no hierarchy of cgroup v1 below /sys/fs/cgroup: LXC 5.0.2 then sets no limit and no device rule; ' +
        'found: name=vendor, mounted at /sys/fs/cgroup/vendor by /etc/init.d/S10vendor:4: mount -t cgroup -o none,name=vendor none /sys/fs/cgroup/vendor',
    ]);
    // Device rules alone need no controller.
    expect(compare(WITH_NAMED, { controllers: [], withSettings: true }).breaks).toHaveLength(1);
    expect(compare(WITH_NAMED, { controllers: [], withSettings: false }).warns).toHaveLength(1);
  });

  test('with one elsewhere, which LXC does not find', () => {
    const elsewhere = [V2, '40 20 0:30 / /run/vendor rw - cgroup none rw,name=vendor'];
    const all = files('memory pids', 'memory pids');
    expect(compare(answer(elsewhere, ['1:name=vendor:/', '0::/'], all), {})).toEqual(AT_ONCE);
  });

  test('accepts a named hierarchy for LXC up to 4.0.11', () => {
    expect(compare(WITH_NAMED, { lxcVersion: '4.0.11' })).toEqual(AT_ONCE);
    expect(compare(WITH_NAMED, { lxcVersion: '7.0.0' }).breaks).toHaveLength(1);
  });

  test('with a controller that the command line switches off', () => {
    const files = {
      '/sys/fs/cgroup/cgroup.controllers': 'pids',
      '/sys/fs/cgroup/cgroup.subtree_control': 'pids',
      '/proc/cmdline': 'console=ttyS0 cgroup_disable=rdma,memory panic=-1',
    };
    expect(compare(answer([V2], ['0::/'], files), {}).breaks).toEqual([
      "expected: /sys/fs/cgroup/cgroup.controllers has memory; found: pids; the kernel's command line has cgroup_disable=rdma,memory",
    ]);
  });

  test('reports controllers that the root does not hand down', () => {
    expect(compare(answer([V2], ['0::/'], files('cpu memory pids', 'pids')), {})).toEqual({
      breaks: ['expected: /sys/fs/cgroup/cgroup.subtree_control has memory; found: pids'],
      warns: ['expected: /sys/fs/cgroup/cgroup.subtree_control has cpu; found: pids'],
    });
    const nothing = compare(answer([V2], ['0::/'], files('cpu', '')), { controllers: [] });
    expect(nothing.warns).toEqual([
      'expected: /sys/fs/cgroup/cgroup.subtree_control has cpu; found: nothing',
    ]);
  });
});

describe('cgroup v1', () => {
  const wants = { layout: 'v1', controllers: ['devices', 'memory'] } as const;
  const old = { ...wants, lxcVersion: '1.1.5' };

  test('as agreed, for old and new LXC', () => {
    for (const one of [wants, old]) expect(compare(answer(V1, V1_CGROUP, V1_FILES), one)).toEqual(AT_ONCE);
  });

  test('with two controllers in one hierarchy, as distributions mount it', () => {
    const mounts = [...V1.filter((line) => !/\/cpu(?:acct)? /.test(line)), v1('cpu,cpuacct')];
    const cgroup = [...V1_CGROUP.slice(2), '7:cpuacct,cpu:/'];
    expect(compare(answer(mounts, cgroup, V1_FILES), wants)).toEqual(AT_ONCE);
  });

  test('not mounted at all', () => {
    expect(compare(answer([]), wants).breaks).toEqual([
      'expected: a hierarchy of cgroup v1 for each controller below /sys/fs/cgroup; found: nothing is mounted there',
    ]);
    expect(compare(answer([V2]), wants).breaks).toEqual([
      'expected: a hierarchy of cgroup v1 for each controller below /sys/fs/cgroup; found: cgroup2',
    ]);
  });

  test('without some controllers', () => {
    const left = (name: string) => (line: string) => !line.includes(`/${name} `);
    const mounts = V1.filter(left('memory')).filter(left('pids'));
    expect(compare(answer(mounts, V1_CGROUP, V1_FILES), wants)).toEqual({
      breaks: ['expected: cgroup v1 at /sys/fs/cgroup/memory; found: it is not mounted'],
      warns: ['expected: cgroup v1 at /sys/fs/cgroup/pids; found: it is not mounted'],
    });
  });

  test('in directories of other names, which only LXC before 3.0 finds', () => {
    const mounts = V1.map((line) => line.replace('/memory ', '/mem '));
    expect(compare(answer(mounts, V1_CGROUP, V1_FILES), wants).breaks).toEqual([
      'expected: cgroup v1 with memory at /sys/fs/cgroup/memory, read-write; found: it is at /sys/fs/cgroup/mem',
    ]);
    expect(compare(answer(mounts, V1_CGROUP, V1_FILES), old)).toEqual(AT_ONCE);
  });

  test('read-only', () => {
    const mounts = V1.map((line) => (line.includes('/pids ') ? v1('pids', 'pids', 'ro') : line));
    const message =
      'expected: cgroup v1 with pids at /sys/fs/cgroup/pids, read-write; found: it is read-only';
    expect(compare(answer(mounts, V1_CGROUP, V1_FILES), wants)).toEqual({ breaks: [], warns: [message] });
    expect(compare(answer(mounts, V1_CGROUP, V1_FILES), old)).toEqual({ breaks: [message], warns: [] });
  });

  test('without the switches', () => {
    const files = Object.fromEntries(Object.keys(V1_FILES).map((file) => [file, '0']));
    const clone = 'expected: /sys/fs/cgroup/cpuset/cgroup.clone_children is 1; found: 0';
    const hierarchy = 'expected: /sys/fs/cgroup/memory/memory.use_hierarchy is 1; found: 0';
    expect(compare(answer(V1, V1_CGROUP, files), wants)).toEqual({ breaks: [hierarchy], warns: [clone] });
    expect(compare(answer(V1, V1_CGROUP, files), old)).toEqual({ breaks: [hierarchy, clone], warns: [] });
    expect(compare(answer(V1, V1_CGROUP, {}), old)).toEqual(AT_ONCE);
  });
});

describe('one hierarchy of cgroup v1', () => {
  const wants = { layout: 'v1-single', lxcVersion: '1.1.5', controllers: ['devices'] } as const;
  const cgroup = ['1:cpuset,cpu,cpuacct,memory,devices,pids:/'];

  test('as agreed', () => {
    const files = { '/sys/fs/cgroup/cgroup.clone_children': '1', '/sys/fs/cgroup/memory.use_hierarchy': '1' };
    expect(compare(answer([SINGLE], cgroup, files), wants)).toEqual(AT_ONCE);
  });

  test('without clone_children, or without controllers', () => {
    const files = { '/sys/fs/cgroup/cgroup.clone_children': '0' };
    expect(compare(answer([SINGLE], cgroup, files), wants).breaks).toEqual([
      'expected: /sys/fs/cgroup/cgroup.clone_children is 1; found: 0',
    ]);
    const without = SINGLE.replace(',devices,pids', '');
    expect(compare(answer([without], cgroup, {}), wants)).toEqual({
      breaks: ['expected: the hierarchy at /sys/fs/cgroup has devices; found: cpuset cpu cpuacct memory'],
      warns: ['expected: the hierarchy at /sys/fs/cgroup has pids; found: cpuset cpu cpuacct memory'],
    });
  });

  test('where each controller has its own', () => {
    expect(compare(answer(V1, V1_CGROUP, V1_FILES), wants).breaks).toEqual([
      expect.stringMatching(/^expected: cgroup at \/sys\/fs\/cgroup, read-write; found: tmpfs, cgroup at /),
    ]);
  });
});

test.each(['v2', 'v1', 'v1-single'] as const)('the boot script gets all of the contract of %s', (layout) => {
  const values = JSON.stringify(contractValues(layout));
  const { mounts, switches } = cgroupContracts[layout];
  for (const text of [...mounts.map(({ at }) => at), ...switches.map(({ file }) => file)])
    expect(values).toContain(text);
});
