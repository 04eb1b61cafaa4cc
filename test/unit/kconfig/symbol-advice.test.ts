import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareVersions } from '../../../toolkit/base/compare-versions.ts';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { auditConfig } from '../../../toolkit/kconfig/audit-config.ts';
import { mergeLayers } from '../../../toolkit/kconfig/merge-fragments.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';
import { adviseFindings, adviseSymbol } from '../../../toolkit/kconfig/symbol-advice.ts';
import { symbolChanges } from '../../../toolkit/kconfig/symbol-changes.ts';

/** The advice for a symbol that the kernel does not have; every other one it has, but for those in `alsoNot`. */
function advise(name: string, version: string, alsoNot: readonly string[] = []): string | undefined {
  const absent = [name, ...alsoNot].map((one) => `CONFIG_${one}`);
  return adviseSymbol(`CONFIG_${name}`, version, (symbol) => !absent.includes(symbol))?.advice;
}

/** The advice for a symbol that the kernel has and does not set. */
function adviseLost(name: string, version: string): string | undefined {
  return adviseSymbol(`CONFIG_${name}`, version, () => true)?.advice;
}

describe('an old name asked of a newer kernel', () => {
  test.each([
    ['NF_NAT_IPV4', '6.1.192', 'write CONFIG_NF_NAT (since Linux 5.1: NAT has IPv4 and IPv6 built in)'],
    [
      'NETPRIO_CGROUP',
      '3.14.0',
      'write CONFIG_CGROUP_NET_PRIO (since Linux 3.14: its name is like those of the other cgroup controllers)',
    ],
    [
      'DEVPTS_MULTIPLE_INSTANCES',
      '4.7.0',
      'leave it out (since Linux 4.7: every mount of devpts is a separate instance)',
    ],
    // Where the release is not known, the newest one in the old state is.
    [
      'SYSFS_DEPRECATED',
      '6.12.107',
      'leave it out (after Linux 6.1: the sysfs layout for tools from before 2008 is gone)',
    ],
    [
      'CC_STACKPROTECTOR',
      '6.1.192',
      'write CONFIG_STACKPROTECTOR (since Linux 4.18: Kconfig tests the compiler for it)',
    ],
    [
      'IP_NF_TARGET_LOG',
      '6.1.192',
      'write CONFIG_NETFILTER_XT_TARGET_LOG (since Linux 3.4: one target serves IPv4 and IPv6)',
    ],
    ['NF_NAT_NEEDED', '6.1.192', 'write CONFIG_NF_NAT (since Linux 5.2: features that need NAT select it)'],
    [
      'NFT_MASQ_IPV6',
      '6.1.192',
      'write CONFIG_NFT_MASQ (after Linux 5.0: one expression serves IPv4 and IPv6)',
    ],
    ['PM_RUNTIME', '6.1.192', 'write CONFIG_PM (since Linux 3.19: runtime power management is part of PM)'],
    ['SYSV_FS', '7.2.13', 'leave it out (after Linux 6.12: the file system is gone)'],
    // Stable releases of older series have it too.
    [
      'NFSD_V3',
      '5.10.223',
      'write CONFIG_NFSD (since Linux 5.18, and in stable releases of older series: NFS version 3 is always part of the server)',
    ],
  ])('%s, Linux %s', (name, version, advice) => {
    expect(advise(name, version)).toBe(advice);
  });

  test('may have changed more than once', () => {
    expect(advise('CGROUP_MEM_RES_CTLR_SWAP', '6.1.0')).toBe(
      'write CONFIG_MEMCG and CONFIG_SWAP (since Linux 3.6: the memory controller has a shorter name; since Linux 6.1: the memory controller always counts swap)',
    );
    expect(advise('CGROUP_MEM_RES_CTLR_SWAP', '5.10.223')).toBe(
      'write CONFIG_MEMCG_SWAP (since Linux 3.6: the memory controller has a shorter name)',
    );
    expect(advise('LBD', '6.1.0')).toMatch(/^leave it out \(since Linux 2.6.31: .*; since Linux 5.2: /);
  });

  test('in the release before, nothing is said', () => {
    expect(advise('NF_NAT_IPV4', '5.0.21')).toBeUndefined();
    expect(advise('DEVPTS_MULTIPLE_INSTANCES', '4.6.7')).toBeUndefined();
    expect(advise('SYSFS_DEPRECATED', '6.1.192')).toBeUndefined();
  });
});

describe('a new name asked of an old kernel', () => {
  test.each([
    [
      'MEMCG',
      '2.6.32',
      'write CONFIG_CGROUP_MEM_RES_CTLR (only since Linux 3.6: the memory controller has a shorter name)',
    ],
    ['CGROUP_NET_PRIO', '3.13.11', /^write CONFIG_NETPRIO_CGROUP \(only since Linux 3.14: /],
    ['CGROUP_NET_CLASSID', '3.8.13', /^write CONFIG_NET_CLS_CGROUP \(only since Linux 3.14: /],
    ['MEMCG_V1', '6.1.192', /^write CONFIG_MEMCG \(only since Linux 6.11: /],
    ['AUTOFS_FS', '4.9.264', /^write CONFIG_AUTOFS4_FS \(/],
    ['NETFILTER_XT_TARGET_MASQUERADE', '4.19.304', /^write CONFIG_IP_NF_TARGET_MASQUERADE \(/],
    [
      'CGROUP_PIDS',
      '3.4.39',
      'this kernel does not have it yet (since Linux 4.3: the number of processes can be limited)',
    ],
    [
      'NETFILTER_XTABLES_LEGACY',
      '6.1.192',
      'this kernel does not have it yet (after Linux 6.12: the tables of iptables-legacy have their own symbol)',
    ],
    [
      'CGROUP_MISC',
      '4.9.264',
      'this kernel does not have it yet (after Linux 5.10: the misc controller was added)',
    ],
  ])('%s, Linux %s', (name, version, advice) => {
    expect(advise(name, version)).toMatch(advice);
  });
});

test('nothing is advised that the tree at hand does not have', () => {
  // A vendor may have carried a change back, or taken something out.
  expect(advise('NF_NAT_IPV4', '6.1.192', ['NF_NAT'])).toBeUndefined();
  expect(advise('CGROUP_MEM_RES_CTLR_SWAP', '6.1.0', ['SWAP'])).toBeUndefined();
});

test('says of an existing symbol only what the table knows it to need', () => {
  expect(adviseLost('EXT3_FS', '6.1.192')).toBeUndefined();
  expect(adviseLost('NF_CONNTRACK', '4.14.0')).toBeUndefined();
  expect(adviseLost('MEMCG', '6.12.0')).toBeUndefined();
  expect(adviseLost('IP_NF_NAT', '7.1.8')).toBe(
    'write CONFIG_IP_NF_IPTABLES_LEGACY and CONFIG_NETFILTER_XTABLES_LEGACY too (after Linux 6.12: the tables of iptables-legacy have to be asked for)',
  );
  expect(adviseLost('IP_NF_NAT', '6.12.107')).toBeUndefined();
  expect(adviseLost('UEVENT_HELPER_PATH', '3.16.0')).toMatch(/^write CONFIG_UEVENT_HELPER too/);
});

test('an old name that is left as a result of the new one', () => {
  expect(adviseLost('SQUASHFS_DECOMP_SINGLE', '6.12.107')).toMatch(
    /^write CONFIG_SQUASHFS_COMPILE_DECOMP_SINGLE \(after Linux 6.1: /,
  );
  expect(adviseLost('SQUASHFS_DECOMP_SINGLE', '6.1.192')).toBeUndefined();
});

test('a symbol of a stable release that is there keeps its name', () => {
  expect(adviseLost('NTFS_FS', '5.10.223')).toBeUndefined();
  expect(adviseLost('DEBUG_INFO', '6.1.192')).toMatch(/^write CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT /);
});

test('NF_NAT could not be set for some time, though it was there', () => {
  expect(adviseLost('NF_NAT', '4.19.304')).toMatch(/^write CONFIG_NF_NAT_IPV4 \(only since Linux 5.1: /);
  expect(adviseLost('NF_NAT', '2.6.32')).toBeUndefined();
  expect(adviseLost('NF_NAT', '6.1.192')).toBeUndefined();
});

test('a symbol that was never renamed has no advice', () => {
  expect(advise('NO_SUCH_THING', '6.1.192')).toBeUndefined();
});

describe('the table', () => {
  test('is in the order of releases, which following a name through it relies on', () => {
    const releases = symbolChanges.map(({ since }) => since);
    expect(releases).toEqual([...releases].sort(compareVersions));
  });

  test.each(symbolChanges.map((change) => [`${change.since} ${change.from.join()}`, change] as const))(
    'has a row that makes sense: %s',
    (_name, { since, notIn, from, to, why, source, prerequisite, reversible }) => {
      for (const symbol of [...from, ...to]) expect(symbol).toMatch(/^(?!CONFIG_)[A-Z0-9][A-Z0-9_]+$/);
      expect(from.length + to.length).toBeGreaterThan(0);
      expect(from).not.toEqual(to);
      expect(why).toMatch(/^\S.*[^.]$/);
      expect(source).not.toBe('');
      if (source === 'trees') expect(notIn).toBeDefined();
      if (notIn !== undefined) expect(compareVersions(notIn, since)).toBeLessThan(0);
      if (reversible === true) expect([from.length, to.length]).not.toContain(0);
      if (prerequisite === true) expect(to).toEqual(expect.arrayContaining([...from]));
    },
  );
});

describe('a fragment for several releases', () => {
  const text = readFileSync(shippedPath('kconfig-fragments', 'cgroup-v1.config'), 'utf8');
  const { lines } = parseConfig(text, 'cgroup-v1.config');
  const audit = (has: (symbol: string) => boolean, version: string, isSet: (symbol: string) => boolean) => {
    const requests = mergeLayers([{ lines }]);
    const final = new Map(
      lines.flatMap(({ symbol }) => (has(symbol) && isSet(symbol) ? [[symbol, 'y']] : [])),
    );
    return adviseFindings(auditConfig(requests, final, [], has), final, version, has).map(
      ({ symbol, kind }) => `${kind} ${symbol}`,
    );
  };
  const isOld = (symbol: string): boolean => symbol !== 'CONFIG_MEMCG_V1';

  test('names what is newer than the kernel, and that is no finding while the older name is set', () => {
    expect(lines.map(({ symbol }) => symbol)).toContain('CONFIG_MEMCG_V1');
    expect(audit(isOld, '6.1.192', () => true)).toEqual([]);
    expect(
      audit(
        () => true,
        '6.12.107',
        () => true,
      ),
    ).toEqual([]);
  });

  test('is a finding where the older name got lost, and where the kernel has the newer', () => {
    const withoutMemory = (symbol: string): boolean => symbol !== 'CONFIG_MEMCG';
    expect(audit(isOld, '6.1.192', withoutMemory)).toEqual(['lost CONFIG_MEMCG', 'unknown CONFIG_MEMCG_V1']);
    expect(audit(() => true, '6.12.107', isOld)).toEqual(['lost CONFIG_MEMCG_V1']);
  });
});

describe('a symbol that newer kernels always have', () => {
  const findings = (text: string, version: string): string[] => {
    const requests = mergeLayers([parseConfig(text, 'own.config')]);
    const known = (): boolean => false;
    return adviseFindings(auditConfig(requests, new Map(), [], known), new Map(), version, known).map(
      ({ symbol, kind }) => `${kind} ${symbol}`,
    );
  };

  test('is met there, and a finding in a kernel that should have it', () => {
    expect(findings('CONFIG_BASE_FULL=y\n', '6.12.107')).toEqual([]);
    expect(findings('CONFIG_BASE_FULL=y\n', '6.1.192')).toEqual(['unknown CONFIG_BASE_FULL']);
    // Gone is not always there.
    expect(findings('CONFIG_SYSV_FS=y\n', '7.2.1')).toEqual(['unknown CONFIG_SYSV_FS']);
  });

  test('the fragment of malta asks for nothing that Linux 6.12 does not know', () => {
    const { lines } = parseConfig(
      readFileSync(shippedPath('kconfig-fragments/malta.config'), 'utf8'),
      'kconfig-fragments/malta.config',
    );
    const always = lines.filter(({ symbol }) => adviseSymbol(symbol, '6.12.107', () => false)?.always);
    expect(always.map(({ symbol }) => symbol)).toEqual(['CONFIG_BASE_FULL']);
  });
});
