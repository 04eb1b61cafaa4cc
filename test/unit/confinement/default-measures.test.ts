import { describe, expect, test } from 'vitest';
import { containerSchema, type ContainerDefinition } from '../../../toolkit/board/container-schema.ts';
import { giveIdRanges } from '../../../toolkit/board/give-id-ranges.ts';
import { fitDevice, type FittedContainer } from '../../../toolkit/confinement/fit-device.ts';
import type { ConfiningDevice } from '../../../toolkit/confinement/measure.ts';
import { memoryWarnings } from '../../../toolkit/confinement/memory-sum.ts';
import { hasOwnProfile, profileOf } from '../../../toolkit/confinement/own-profile.ts';
import { ProblemList } from '../../../toolkit/lxc-keys/problem-list.ts';
import { architectures } from '../../../toolkit/toolchain/architectures.ts';

const DEVICE: ConfiningDevice = {
  kernelVersion: '6.1.192',
  hasSymbol: () => true,
  lxcVersion: '5.0.2',
  cgroup: 'v2',
  hasFeature: () => true,
  limits: { memory: '64M', pids: 256 },
};

const without = (...lost: string[]): Partial<ConfiningDevice> => ({
  hasSymbol: (symbol) => !lost.includes(symbol),
});

function fit(
  more: Readonly<Record<string, unknown>>,
  device: Partial<ConfiningDevice> = {},
): FittedContainer & { readonly errors: readonly string[] } {
  const [declared] = giveIdRanges([containerSchema.parse({ name: 'web', ...more })]);
  if (declared === undefined) throw new Error('no container');
  const problems = new ProblemList();
  const fitted = fitDevice(declared, { ...DEVICE, ...device }, problems);
  return { ...fitted, errors: problems.errors.map(({ message }) => message) };
}

const keptBy = (container: ContainerDefinition): readonly string[] => container.capabilities?.keep ?? [];
const namesOf = ({ missing }: FittedContainer): string[] => missing.map(({ measure }) => measure);

/** The capabilities that no container keeps without asking. */
const DANGEROUS = [
  ...[
    'sys_admin',
    'sys_module',
    'sys_rawio',
    'sys_time',
    'mknod',
    'dac_read_search',
    'sys_nice',
    'sys_resource',
  ],
  ...['mac_admin', 'mac_override', 'bpf', 'perfmon', 'syslog', 'sys_ptrace', 'setfcap'],
];

describe('a definition that says nothing', () => {
  test('of an application keeps what Docker keeps without mknod, net_raw and setfcap', () => {
    const { container } = fit({});
    expect([...keptBy(container)].sort()).toEqual(
      [
        ...['audit_write', 'chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'net_bind_service', 'setgid'],
        ...['setpcap', 'setuid', 'sys_chroot'],
      ].sort(),
    );
    expect(container).toMatchObject({
      'no-new-privs': true,
      seccomp: '/opt/lxc/web.seccomp',
      limits: { memory: '64M', pids: 256 },
      devices: {
        allow: ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'pts', 'console'],
      },
    });
    expect(hasOwnProfile(container)).toBe(true);
  });

  test('of a system also keeps what udhcpc needs, and may restart itself only in a user namespace', () => {
    const system = fit({ kind: 'system', privileged: true }).container;
    expect(keptBy(system)).toEqual(expect.arrayContaining(['net_admin', 'net_raw']));
    expect(keptBy(system)).not.toContain('sys_boot');
    expect(system['no-new-privs']).toBeUndefined();
    const idmap = [
      { kind: 'uid', container: 0, host: 100_000, count: 65_536 },
      { kind: 'gid', container: 0, host: 100_000, count: 65_536 },
    ];
    expect(keptBy(fit({ kind: 'system', idmap }).container)).toContain('sys_boot');
  });

  test.each(['application', 'system'])('of an %s keeps nothing that reaches the device', (kind) => {
    const kept = keptBy(fit({ kind }).container);
    expect(DANGEROUS.filter((name) => kept.includes(name))).toEqual([]);
  });

  test('masks what it sees of /proc and /sys, and nothing where it has neither', () => {
    const targets = ({ container }: FittedContainer): string[] => container.mounts.map(({ to }) => to);
    expect(targets(fit({}))).toEqual([]);
    expect(targets(fit({ auto: ['proc:mixed'] }))).toContain('/proc/kcore');
    expect(targets(fit({ auto: ['proc:mixed'] }))).not.toContain('/sys/firmware');
    const system = fit({ kind: 'system' });
    expect(targets(system)).toEqual(
      expect.arrayContaining(['/proc/bus', '/proc/sysrq-trigger', '/sys/bus/pci']),
    );
    expect(system.container.mounts.every(({ options }) => options.includes('optional'))).toBe(true);
    expect(targets(fit({ kind: 'system', 'masked-paths': ['/proc/bus'] }))).toEqual(['/proc/bus']);
    // A mount of the definition stays.
    expect(targets(fit({ kind: 'system', mounts: [{ type: 'tmpfs', to: '/proc/bus' }] }))).toHaveLength(
      targets(system).length,
    );
  });
});

test('each word that asks for less is the definition’s own choice', () => {
  const fitted = fit({
    privileged: true,
    capabilities: { drop: [] },
    devices: 'all',
    'no-new-privs': false,
    seccomp: 'none',
    'masked-paths': 'none',
    limits: { memory: 'none', pids: 'none' },
  });
  expect(fitted.missing.every(({ chosen }) => chosen)).toBe(true);
  expect(namesOf(fitted)).toEqual([
    ...['user-namespace', 'capabilities', 'device-rules', 'no-new-privs', 'seccomp', 'masked-paths'],
    ...['pids-limit', 'memory-limit'],
  ]);
  expect(fitted.missing.map(({ why }) => why)).toContain('seccomp: none');
});

test('its own values win, and so do raw lines and included files', () => {
  expect(fit({ capabilities: { keep: ['sys_admin'] } }).container.capabilities).toEqual({
    keep: ['sys_admin'],
  });
  expect(fit({ limits: { pids: 8 } }).container.limits).toEqual({ pids: 8, memory: '64M' });
  expect(fit({ devices: { allow: [] } }).container.devices).toEqual({ allow: [] });
  expect(fit({ seccomp: '/etc/own.seccomp' }).container.seccomp).toBe('/etc/own.seccomp');
  const raw = ['lxc.cap.drop = sys_admin', 'lxc.cgroup2.memory.max = 1M', 'lxc.cgroup2.devices.deny = a'];
  expect(fit({ raw }).container).toMatchObject({ limits: { pids: 256 } });
  expect(fit({ raw }).container.capabilities).toBeUndefined();
  expect(fit({ raw }).container.devices).toBeUndefined();
  // LXC refuses a configuration that keeps and drops, and such a file drops some.
  expect(fit({ include: ['/usr/share/lxc/config/common.conf'] }).container.capabilities).toBeUndefined();
});

describe('a device that lacks something', () => {
  test.each([
    ['seccomp', without('SECCOMP_FILTER'), 'the kernel has no CONFIG_SECCOMP_FILTER'],
    ['seccomp', { hasFeature: () => false }, 'LXC 5.0.2 is built without seccomp'],
    ['device-rules', without('CGROUP_BPF'), 'the kernel has no CONFIG_CGROUP_BPF'],
    [
      'no-new-privs',
      { lxcVersion: '2.0.9', cgroup: 'v1' as const },
      'LXC 2.0.9 does not have it; 2.1.0 and later do',
    ],
    ['pids-limit', without('CGROUP_PIDS'), 'the kernel has no CONFIG_CGROUP_PIDS'],
    ['memory-limit', without('MEMCG'), 'the kernel has no CONFIG_MEMCG'],
  ])('lets a container start without %s, and says so', (measure, device, why) => {
    const fitted = fit({}, device);
    expect(fitted.errors).toEqual([]);
    expect(fitted.missing).toMatchObject([{ measure, why, chosen: false }]);
  });

  test('of cgroup v1 needs the controller of devices, and no program of the kernel', () => {
    expect(namesOf(fit({}, { ...without('CGROUP_BPF'), cgroup: 'v1' }))).toEqual([]);
    expect(namesOf(fit({}, { ...without('CGROUP_DEVICE'), cgroup: 'v1' }))).toEqual(['device-rules']);
  });

  test('where LXC finds no controllers, sets no limits and rules that would stop the start', () => {
    const fitted = fit({}, { cgroup: 'v1-single' });
    expect(namesOf(fitted)).toEqual(['device-rules', 'pids-limit', 'memory-limit']);
    expect(fitted.container).toMatchObject({ limits: {} });
    expect(fitted.container.devices).toBeUndefined();
  });

  test('is refused a profile that the definition asks for', () => {
    expect(fit({ seccomp: 'default' }, without('SECCOMP')).errors).toEqual([
      'web needs a seccomp profile, and the kernel has no CONFIG_SECCOMP',
    ]);
    expect(fit({ seccomp: 'default' }).container.seccomp).toBe('/opt/lxc/web.seccomp');
  });
});

test('a compiled LXC gets an allow list, a prebuilt one a deny list where calls are multiplexed', () => {
  const { container } = fit({});
  const second = (compiled: boolean, multiplexed: boolean): string | undefined => {
    const { mipsel } = architectures;
    const systemCalls = { ...mipsel.systemCalls, multiplexed };
    return profileOf(container, { ...mipsel, systemCalls }, DEVICE, compiled).split('\n')[1];
  };
  expect(second(true, true)).toBe('allowlist errno 89');
  expect(second(false, true)).toBe('denylist allow');
  expect(second(false, false)).toBe('allowlist errno 89');
});

test('its profile follows the capabilities that it keeps', () => {
  const text = (more: Readonly<Record<string, unknown>>): string =>
    profileOf(fit(more).container, architectures.mipsel, DEVICE, true);
  expect(text({})).toMatch(/^mount errno 1$/m);
  expect(text({ capabilities: { keep: ['sys_admin'] } })).toMatch(/^mount$/m);
  expect(text({ capabilities: { drop: ['sys_time'] } })).toMatch(/^clock_settime errno 1$/m);
  expect(text({ capabilities: { drop: ['sys_time'] } })).toMatch(/^mount$/m);
});

test('memory limits beyond the memory of the device are named at the largest one', () => {
  const containers = ['32M', '200M', 'none', '64M'].map((memory) => fit({ limits: { memory } }).container);
  const place = { file: 'x.yaml', line: 1, column: 1 };
  const warn = (memory: string) =>
    memoryWarnings(containers, memory, (index) => () => ({ ...place, line: index }));
  expect(warn('296M')).toEqual([]);
  expect(warn('')).toEqual([]);
  expect(warn('256M')).toMatchObject([
    {
      location: { line: 1 },
      message: expect.stringContaining('296M together, and the device has 256M') as string,
    },
  ]);
});
