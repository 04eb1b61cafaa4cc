import { describe, expect, test } from 'vitest';
import { compareVersions } from '../../../toolkit/base/compare-versions.ts';
import { keyFor } from '../../../toolkit/lxc-keys/concept-keys.ts';
import type { CgroupLayout } from '../../../toolkit/cgroups/layouts.ts';
import { kernelFloors, lxcSeries, type KernelUse } from '../../../toolkit/cgroups/lxc-compatibility.ts';
import {
  findConflicts,
  fittingRange,
  handlesAllOf,
  layoutsFor,
  newestFit,
  seriesOf,
  unsupported,
  worksInPart,
  type VersionQuestion,
} from '../../../toolkit/cgroups/version-conflicts.ts';
import { compiledCells, prebuiltCells } from '../../rigs/matrix-cells.ts';

/** A board with one container, web, that uses `uses`. */
function board(
  lxc: string,
  kernel: string,
  cgroup: CgroupLayout,
  uses: readonly KernelUse[] = [],
): VersionQuestion {
  const withSettings = uses.some((use) => !['autodev', 'idmapped-rootfs'].includes(use)) ? ['web'] : [];
  return { lxc, kernel, cgroup, uses: new Map(uses.map((use) => [use, ['web']])), withSettings };
}

const messages = (question: VersionQuestion): string[] =>
  findConflicts(question).map(({ message }) => message);

describe('the table', () => {
  test('has its rows in order, without gaps inside a series, and every release once', () => {
    for (const [index, row] of lxcSeries.entries()) {
      expect(compareVersions(row.since, row.until), row.name).toBeLessThanOrEqual(0);
      const next = lxcSeries[index + 1];
      if (next !== undefined) expect(compareVersions(row.until, next.since), row.name).toBeLessThan(0);
    }
  });

  test('has kernels in order', () => {
    const kernels = kernelFloors.map(({ kernel }) => kernel);
    expect(kernels).toEqual(kernels.toSorted(compareVersions));
  });

  test('says of no layout that it fits a release without keys for it', () => {
    for (const { since, until, layouts } of lxcSeries) {
      for (const release of [since, until]) {
        if (layouts.v2.fits === 'yes') expect(keyFor('cgroup-v2', release), release).toBeDefined();
        if (layouts.v1.fits === 'yes') expect(keyFor('cgroup-v1', release), release).toBeDefined();
      }
    }
  });

  test('says of what was booted that it fits', () => {
    for (const { lxc, kernel, layout } of [...prebuiltCells, ...compiledCells])
      expect(findConflicts(board(lxc, kernel, layout, ['autodev'])), lxc).toEqual([]);
  });
});

describe('a release', () => {
  test.each([
    ['5.0.2', '5.0'],
    ['3.0.3', '3.0.3'],
    ['3.0.4', '3.0'],
    ['7.1.0', '7.0'],
    ['0.9.0', '1.0'],
  ])('%s is of the row %s', (release, name) => {
    expect(seriesOf(release).name).toBe(name);
  });

  test('fits a range of layouts', () => {
    expect(fittingRange('v1-single')).toEqual({ since: '1.0.0', until: '2.1.1' });
    expect(fittingRange('v1')).toEqual({ since: '1.0.0', until: '6.0.6' });
    expect(fittingRange('v2')).toEqual({ since: '3.2.0' });
    expect(['3.2.1', '4.0.0', '7.0.0'].filter((one) => handlesAllOf('v2', one))).toEqual(['4.0.0', '7.0.0']);
  });
});

describe('a combination that fits', () => {
  test.each([
    ['5.0.2', '6.1.161', 'v2', ['autodev', 'devices', 'memory', 'pids']],
    ['5.0.2', '6.1.161', 'v1', ['autodev', 'devices', 'memory', 'pids', 'cpuset']],
    ['6.0.6', '4.9.0', 'v1', ['autodev', 'devices', 'pids']],
    ['6.0.6', '4.15', 'v2', ['devices', 'cpu']],
    ['1.1.5', '3.10.0', 'v1-single', ['autodev', 'devices', 'memory']],
    ['2.1.1', '2.6.32', 'v1', []],
    ['3.2.1', '4.9', 'v2', ['memory']],
    ['4.0.12', '6.1', 'v1-single', ['autodev']],
    ['7.0.0', '5.4', 'v2', []],
    ['7.0.0', '6.12.1', 'v2', ['autodev', 'devices', 'cpuset', 'idmapped-rootfs']],
  ] as const)('LXC %s, Linux %s, cgroup %s, %j', (lxc, kernel, cgroup, uses) => {
    expect(messages(board(lxc, kernel, cgroup, uses))).toEqual([]);
  });
});

describe('a combination that does not fit', () => {
  test.each([
    [
      '7.0.0',
      '4.9.0',
      'v2',
      ['autodev'],
      /^LXC 7\.0 needs Linux 5\.6; this board has 4\.9: the newest that fits is 6\.0\n/,
    ],
    [
      '7.0.0',
      '5.5.1',
      'v2',
      ['autodev'],
      /needs Linux 5\.6; this board has 5\.5\.1.*\n.*openat2\(\); without it no container with autodev/,
    ],
    ['7.0.0', '5.3', 'v2', [], /needs Linux 5\.4; .*\n.*waitid\(P_PIDFD\)/],
    ['7.0.0', '6.12', 'v1', [], /^LXC 7\.0 needs cgroup v2; this board has cgroup v1: .*dropped cgroup v1/],
    ['7.0.0', '6.12', 'v1-single', [], /^LXC 7\.0 needs cgroup v2; this board has cgroup v1-single/],
    ['1.1.5', '6.1', 'v2', [], /^LXC 1\.1 needs cgroup v1 or v1-single; this board has cgroup v2/],
    ['2.0.11', '6.1', 'v2', [], /look for v2, but cannot set anything/],
    [
      '5.0.3',
      '6.1',
      'v1-single',
      ['pids'],
      /^LXC 5\.0 cannot set anything on cgroup v1-single, and container web sets/,
    ],
    ['3.1.0', '4.9', 'v1-single', [], /^LXC 3\.1 needs cgroup v2 or v1; this board has cgroup v1-single/],
    [
      '3.2.1',
      '6.1',
      'v2',
      ['devices'],
      /^LXC 3\.2 has no device rules on cgroup v2, and container web has some/,
    ],
    [
      '6.0.6',
      '4.9',
      'v2',
      ['devices'],
      /^Linux 4\.15 added device rules by eBPF; this board has 4\.9, so .*every device is open.*used by container web/,
    ],
    ['6.0.6', '4.14.1', 'v2', ['cpu'], /^Linux 4\.15 added the controller cpu of cgroup v2/],
    [
      '4.0.12',
      '4.4',
      'v2',
      [],
      /^Linux 4\.5 added cgroup v2; this board has 4\.4, so cgroup v2 cannot be mounted/,
    ],
    ['2.1.1', '4.2', 'v1', ['pids'], /^Linux 4\.3 added the controller pids/],
    ['5.0.3', '5.11', 'v2', ['idmapped-rootfs'], /^LXC 5\.0 needs Linux 5\.12/],
  ] as const)('LXC %s, Linux %s, cgroup %s, %j', (lxc, kernel, cgroup, uses, expected) => {
    const [first, ...more] = messages(board(lxc, kernel, cgroup, uses));
    expect(first).toMatch(expected);
    expect(more).toEqual([]);
  });

  test('can have two conflicts: an LXC that is too new, and a kernel that no LXC can make up for', () => {
    const found = findConflicts(board('7.0.0', '4.9', 'v2', ['autodev', 'devices']));
    expect(found.map(({ between }) => between)).toEqual(['lxc-kernel', 'kernel-cgroup']);
    expect(found.map(({ help }) => help)).toEqual([
      'use LXC 6.0, or Linux 5.6 or later (its developers recommend 6.12)',
      'use Linux 4.15 or later, or set "cgroup: v1" and use LXC 6.0 instead of 7.0',
    ]);
  });

  test('without a kernel version nothing is said about kernels', () => {
    const { kernel: _, ...question } = board('7.0.0', '4.9', 'v2', ['autodev', 'devices']);
    expect(findConflicts(question)).toEqual([]);
  });
});

describe('proposes in place of a conflict', () => {
  test('the newest LXC that is made for the kernel', () => {
    expect(newestFit(board('1.1.5', '6.1', 'v2', ['devices']))).toBe('6.0');
    expect(newestFit(board('1.1.5', '6.12', 'v2', ['devices']))).toBe('7.0');
    expect(newestFit(board('7.0.0', '6.12', 'v1'))).toBe('6.0');
    expect(newestFit(board('7.0.0', '6.12', 'v1-single', ['memory']))).toBe('2.1');
    expect(newestFit(board('7.0.0', '6.12', 'v1-single'))).toBe('6.0');
  });

  test('the layouts for LXC and kernel', () => {
    expect(layoutsFor(board('5.0.3', '6.1', 'v1', ['devices']))).toEqual(['v2', 'v1']);
    expect(layoutsFor(board('5.0.3', '4.9', 'v1', ['devices']))).toEqual(['v1']);
    expect(layoutsFor(board('1.1.5', '4.9', 'v1', ['devices']))).toEqual(['v1', 'v1-single']);
  });
});

test('describes unsupported versions, and those that work in part', () => {
  expect(unsupported({ lxc: '7.0.0', kernel: '6.1.2' })).toMatch(
    /^LXC 7\.0 is made for Linux 6\.12 and later, and this board has 6\.1\.2/,
  );
  expect(unsupported({ lxc: '7.0.0', kernel: '6.12' })).toBeUndefined();
  expect(unsupported({ lxc: '6.0.6', kernel: '3.10' })).toBeUndefined();
  expect(worksInPart(board('5.0.3', '6.1', 'v1-single'))).toMatch(/outside any cgroup$/);
  expect(worksInPart(board('5.0.3', '6.1', 'v1'))).toBeUndefined();
});
