import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../../toolkit/base/compare-versions.ts';
import {
  findKey,
  findKeyOfAnyRelease,
  keyTable,
  releaseHasKey,
} from '../../../toolkit/lxc-keys/key-table.ts';

const keysOf = (version: string): string[] =>
  keyTable()
    .filter((key) => releaseHasKey(key, version))
    .map(({ key }) => key);

describe('the key table', () => {
  // Counted in the key tables of LXC's own source at these tags, both spellings of the network keys included.
  it.each([
    ['1.0.11', 69],
    ['1.1.5', 74],
    ['2.0.11', 82],
    ['2.1.1', 124],
    ['3.0.4', 81],
    ['3.2.1', 95],
    ['4.0.6', 98],
    ['4.0.12', 100],
    ['5.0.3', 110],
    ['6.0.6', 110],
    ['7.0.0', 111],
  ])('has every key of LXC %s', (version, count) => {
    expect(keysOf(version)).toHaveLength(count);
  });

  it('has each key once, with an end after its beginning', () => {
    const names = keyTable().map(({ key }) => key);
    expect(new Set(names).size).toBe(names.length);
    for (const { since, until } of keyTable()) {
      if (until !== undefined) expect(compareVersions(since, until)).toBeLessThanOrEqual(0);
    }
  });

  it('names only replacements that are keys, and that follow', () => {
    for (const { key, replacedBy } of keyTable()) {
      if (replacedBy === undefined) continue;
      const newer = keyTable().find((other) => other.key === replacedBy);
      expect(newer, `${key} -> ${replacedBy}`).toBeDefined();
      expect(newer?.until, replacedBy).toBeUndefined();
    }
  });

  it('knows 2.1 as the series with both languages, and 3.0 as the one that dropped the old', () => {
    expect(keysOf('2.1.1')).toEqual(expect.arrayContaining(['lxc.utsname', 'lxc.uts.name']));
    expect(keysOf('3.0.0')).not.toContain('lxc.utsname');
    expect(keysOf('2.0.11')).not.toContain('lxc.uts.name');
  });
});

describe('findKey', () => {
  it.each([
    ['lxc.uts.name', '5.0.2', 'lxc.uts.name'],
    ['lxc.net.12.mtu', '5.0.2', 'lxc.net.[i].mtu'],
    ['lxc.network.1.type', '1.1.5', 'lxc.network.[i].type'],
    ['lxc.cgroup2.memory.max', '5.0.2', 'lxc.cgroup2.<file>'],
    ['lxc.cgroup.memory.limit_in_bytes', '5.0.2', 'lxc.cgroup.<file>'],
    ['lxc.cgroup.dir', '5.0.2', 'lxc.cgroup.dir'],
    ['lxc.prlimit.nofile', '5.0.2', 'lxc.prlimit.<res>'],
    ['lxc.sysctl.net.ipv4.ip_forward', '5.0.2', 'lxc.sysctl.<name>'],
    ['lxc.environment', '5.0.2', 'lxc.environment'],
    ['lxc.environment.runtime', '7.0.0', 'lxc.environment.runtime'],
  ])('finds %s of %s', (name, version, row) => {
    expect(findKey(name, version)?.key).toBe(row);
  });

  it.each([
    ['lxc.utsname', '5.0.2'],
    ['lxc.uts.name', '1.1.5'],
    ['lxc.net.type', '5.0.2'],
    ['lxc.net.0.speed', '5.0.2'],
    ['lxc.cgroup.memory.limit_in_bytes', '7.0.0'],
    ['lxc.kmsg', '2.1.0'],
    ['lxc.environment.runtime', '5.0.2'],
    ['lxc.autodevice', '5.0.2'],
    // A key of its own from 5.0 on; before, LXC would look for a cgroup file of that name.
    ['lxc.cgroup.dir.container', '4.0.12'],
  ])('does not find %s in %s', (name, version) => {
    expect(findKey(name, version)).toBeUndefined();
  });

  it('lets a key live to the end of its series', () => {
    expect(findKey('lxc.cgroup.cpu.shares', '6.0.9')).toBeDefined();
    expect(findKey('lxc.kmsg', '2.1.1')).toBeDefined();
  });

  it('finds keys of other releases on request', () => {
    expect(findKeyOfAnyRelease('lxc.utsname')?.replacedBy).toBe('lxc.uts.name');
    expect(findKeyOfAnyRelease('lxc.nonsense')).toBeUndefined();
  });
});
