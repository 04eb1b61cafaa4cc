import { describe, expect, test } from 'vitest';
import { CAPABILITIES, type Capability } from '../../../toolkit/base/linux-names.ts';
import { architectures } from '../../../toolkit/toolchain/architectures.ts';
import {
  allowedCalls,
  conditionalCalls,
  filteredCalls,
  type CallTraits,
} from '../../../toolkit/seccomp/system-calls.ts';
import { writeSeccompProfile, type ProfileTarget } from '../../../toolkit/seccomp/write-profile.ts';

const MIPSEL: CallTraits = { bits: 32, ...architectures.mipsel.systemCalls };
const ARM64: CallTraits = { bits: 64, enosys: 38, tiocsti: 0x5412, multiplexed: false };

const linesFor = (more: Partial<ProfileTarget> = {}): string[] =>
  writeSeccompProfile({
    lxcVersion: '6.0.6',
    kernelVersion: '6.1',
    kernelArch: 'mips',
    traits: MIPSEL,
    capabilities: ['chown', 'sys_chroot'],
    list: 'allow',
    ...more,
  })
    .trimEnd()
    .split('\n');
const rulesOf = (call: string, more?: Partial<ProfileTarget>): string[] =>
  linesFor(more).filter((line) => line.split(' ')[0] === call);

describe('an allow list', () => {
  test('gives ENOSYS for what no row has, by the number of the architecture', () => {
    expect(linesFor().slice(0, 3)).toEqual(['2', 'allowlist errno 89', '[all]']);
    expect(linesFor({ traits: ARM64, kernelArch: 'arm64' })[1]).toBe('allowlist errno 38');
  });

  test('forbids what Docker forbids without capabilities', () => {
    const forbidden = [
      ...[
        'bpf',
        'keyctl',
        'add_key',
        'request_key',
        'unshare',
        'setns',
        'open_by_handle_at',
        'perf_event_open',
      ],
      ...[
        'userfaultfd',
        'kexec_load',
        'kexec_file_load',
        'init_module',
        'finit_module',
        'delete_module',
        'mount',
      ],
      ...['umount2', 'pivot_root', 'fsopen', 'fsmount', 'move_mount', 'open_tree', 'mount_setattr', 'reboot'],
      ...[
        'settimeofday',
        'clock_settime',
        'iopl',
        'ioperm',
        'quotactl',
        'swapon',
        'swapoff',
        'acct',
        'syslog',
      ],
      ...['nfsservctl', 'lookup_dcookie', 'move_pages', 'vm86', 'kcmp', 'io_uring_setup', 'sethostname'],
    ];
    for (const call of forbidden) expect(rulesOf(call), call).toEqual([`${call} errno 1`]);
    // Without a rule it gets ENOSYS: libc then takes clone.
    expect(rulesOf('clone3')).toEqual([]);
  });

  test('allows sockets of every kind where libseccomp cannot filter them, and the older calls there alone', () => {
    expect(rulesOf('socket')).toEqual(['socket']);
    expect(rulesOf('send')).toEqual(['send']);
    expect(rulesOf('socket', { traits: ARM64 })).toEqual(['socket allow [0,38,SCMP_CMP_LT]']);
    // An exact rule for a call that arm64 does not have makes libseccomp fail.
    expect(rulesOf('send', { traits: ARM64 })).toEqual([]);
  });

  test('allows clone without new namespaces, and any clone with sys_admin', () => {
    expect(rulesOf('clone')).toEqual(['clone allow [0,0,SCMP_CMP_MASKED_EQ,2114060288]']);
    expect(rulesOf('clone', { capabilities: ['sys_admin'] })).toEqual(['clone']);
    expect(rulesOf('mount', { capabilities: ['sys_admin'] })).toEqual(['mount']);
  });

  test('allows every ioctl but TIOCSTI, whatever the upper half of a 64-bit register is', () => {
    expect(rulesOf('ioctl')).toEqual(['ioctl allow [1,21618,SCMP_CMP_NE]']);
    const conditions = filteredCalls(ARM64).find(({ call }) => call === 'ioctl')?.allowed ?? [];
    const isAllowed = (argument: bigint): boolean =>
      conditions.some(({ value, mask = 0 }) => (argument & BigInt(mask)) === BigInt(value));
    expect(rulesOf('ioctl', { traits: ARM64 })).toHaveLength(32);
    expect(isAllowed(0x5412n)).toBe(false);
    expect(isAllowed(0x5412n | (1n << 40n))).toBe(false);
    for (const allowed of [0x5411n, 0x5413n, 0x5401n, 0x80045430n, 0n, 0xffffffffn])
      expect(isAllowed(allowed), String(allowed)).toBe(true);
  });

  test('allows a tracer only on kernels where it cannot get around the filter', () => {
    expect(rulesOf('ptrace')).toEqual(['ptrace']);
    expect(rulesOf('ptrace', { kernelVersion: '4.4.302' })).toEqual(['ptrace errno 1']);
    expect(rulesOf('ptrace', { kernelVersion: '4.4.302', capabilities: ['sys_ptrace'] })).toEqual(['ptrace']);
  });

  test('has no conditions for releases that cannot read them', () => {
    const old = { lxcVersion: '2.0.9' };
    expect(linesFor(old)[1]).toBe('whitelist errno 89');
    expect(linesFor(old).join('\n')).not.toContain('SCMP');
    expect(rulesOf('clone', old)).toEqual(['clone']);
    expect(rulesOf('personality', old)).toEqual(['personality errno 1']);
  });

  test('never gives a call its own default, which libseccomp refuses, and no call two actions', () => {
    for (const lxcVersion of ['1.0.11', '2.1.1', '3.0.0', '4.0.0', '7.0.0']) {
      const lines = linesFor({ lxcVersion }).slice(3);
      expect(lines.filter((line) => line.includes('errno 89'))).toEqual([]);
      const actions = new Map<string, Set<string>>();
      for (const line of lines) {
        const [call = '', action = ''] = line.split(' ');
        actions.set(call, (actions.get(call) ?? new Set()).add(action === 'errno' ? 'refuse' : 'allow'));
      }
      expect([...actions].filter(([, one]) => one.size > 1)).toEqual([]);
    }
  });
});

describe('a deny list', () => {
  const deny = { list: 'deny', lxcVersion: '5.0.2' } as const;

  test('refuses the same calls, and clone3 with ENOSYS', () => {
    expect(linesFor(deny).slice(0, 4)).toEqual(['2', 'denylist allow', '[all]', 'clone3 errno 89']);
    const refused = (lines: readonly string[]): string[] => lines.filter((line) => line.endsWith(' errno 1'));
    expect(refused(linesFor(deny))).toEqual(refused(linesFor()));
    expect(rulesOf('bpf', deny)).toEqual(['bpf errno 1']);
  });

  test('refuses new user namespaces and typing into terminals', () => {
    expect(rulesOf('clone', deny)).toEqual(['clone errno 1 [0,268435456,SCMP_CMP_MASKED_EQ,268435456]']);
    expect(rulesOf('ioctl', deny)).toEqual(['ioctl errno 1 [1,21618,SCMP_CMP_MASKED_EQ,4294967295]']);
  });

  test('refuses nothing by conditions that the release cannot read', () => {
    const old = { list: 'deny', lxcVersion: '2.0.9' } as const;
    expect(linesFor(old)[1]).toBe('blacklist allow');
    expect(rulesOf('clone', old)).toEqual([]);
    expect(rulesOf('ioctl', old)).toEqual([]);
  });
});

test('a call is in one row alone, and every capability is one', () => {
  const all = [
    ...[...allowedCalls, ...conditionalCalls].flatMap(({ calls }) => calls),
    ...filteredCalls(MIPSEL).map(({ call }) => call),
  ];
  expect(all.filter((call, index) => all.indexOf(call) !== index)).toEqual([]);
  const needed = conditionalCalls.flatMap(({ capabilities = [] }): readonly Capability[] => capabilities);
  expect(needed.filter((one) => !CAPABILITIES.includes(one))).toEqual([]);
});

test('with every capability, the calls that no capability allows are still refused', () => {
  const refused = linesFor({ capabilities: CAPABILITIES }).filter((line) => line.includes(' errno '));
  expect(refused).toContain('keyctl errno 1');
  expect(refused).toContain('userfaultfd errno 1');
  expect(refused).not.toContain('bpf errno 1');
});
