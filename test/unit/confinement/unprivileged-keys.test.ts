import { describe, expect, test } from 'vitest';
import { containerSchema, type ContainerDefinition } from '../../../toolkit/board/container-schema.ts';
import { giveIdRanges } from '../../../toolkit/board/give-id-ranges.ts';
import { bindSys, hasOwnNetwork } from '../../../toolkit/confinement/own-network.ts';
import { checkUnprivileged } from '../../../toolkit/confinement/unprivileged-keys.ts';
import { automaticMounts } from '../../../toolkit/lxc-config/automatic-mounts.ts';
import { ProblemList } from '../../../toolkit/lxc-keys/problem-list.ts';

function defined(more: Readonly<Record<string, unknown>>): ContainerDefinition {
  const [container] = giveIdRanges([containerSchema.parse({ name: 'web', ...more })]);
  if (container === undefined) throw new Error('no container');
  return container;
}

function refused(more: Readonly<Record<string, unknown>>, kernel = '6.1.192'): string[] {
  const problems = new ProblemList((path) => ({ file: path.join('.'), line: 1, column: 1 }));
  checkUnprivileged(defined(more), kernel, problems);
  return problems.errors.map(({ location, message }) => `${location?.file ?? ''}: ${message}`);
}

const mount = (type: string, ...options: string[]) => ({
  mounts: [{ type, from: '/dev/x', to: '/mnt', options }],
});

describe('a key that cannot work in a user namespace', () => {
  test.each([
    [mount('ext4'), 'mounts.0.type: web will not start: Linux 6.1.192 mounts no ext4 in a user namespace'],
    [
      { raw: ['lxc.mount.entry = /dev/sda1 mnt vfat ro 0 0'] },
      'raw.0: web will not start: Linux 6.1.192 mounts no vfat in a user namespace',
    ],
    [
      mount('binfmt_misc'),
      'mounts.0.type: web will not start: Linux 6.1.192 mounts no binfmt_misc in a user namespace; Linux 6.7 and later do',
    ],
    [
      { ...mount('sysfs'), network: [{ type: 'none' }] },
      'mounts.0.type: web will not start: it has no network namespace of its own, and the kernel mounts sysfs only for the owner of one',
    ],
    [
      { sysctl: { 'vm.overcommit_memory': 1 } },
      'sysctl.vm.overcommit_memory: web will not start: vm.overcommit_memory is a setting of the whole device, which its root may not write',
    ],
    [{ raw: ['lxc.idmap ='] }, 'raw.0: web: this line takes its user namespace away'],
  ])('%j is named with its place', (more, message) => {
    expect(refused(more)).toEqual([message]);
    expect(refused({ ...more, privileged: true })).toEqual([]);
  });

  test('depends on the kernel', () => {
    const shm = { sysctl: { 'kernel.shmmax': 1_000_000 } };
    expect(refused(shm, '5.19')).toEqual([]);
    expect(refused(shm, '5.10')[0]).toContain(
      'its namespace may set those of System V IPC and message queues in Linux 5.19 and later',
    );
    expect(refused(mount('overlay'), '5.11')).toEqual([]);
    expect(refused(mount('overlay'), '5.10')).toHaveLength(1);
  });

  test.each([
    [mount('tmpfs')],
    [mount('ext4', 'optional')],
    [mount('none', 'bind')],
    [{ ...mount('sysfs'), network: [{ type: 'empty' }] }],
    [{ sysctl: { 'net.ipv4.ip_forward': 1 } }],
    [{ raw: ['lxc.idmap = u 0 100000 10', 'lxc.mount.entry = /a b none bind 0 0'] }],
  ])('%j is none', (more) => {
    expect(refused(more)).toEqual([]);
  });
});

describe('a container without a network namespace of its own', () => {
  test.each([
    [{ network: [{ type: 'none' }] }],
    [{ 'share-network': 'router' }],
    [{ raw: ['lxc.net.0.type = none'] }],
    [{ raw: ['lxc.namespace.share.net = router'] }],
  ])('%j binds the /sys of the device', (more) => {
    const system = defined({ ...more, kind: 'system' });
    expect(hasOwnNetwork(system)).toBe(false);
    const bound = bindSys(system, automaticMounts(system));
    expect(bound.bind.at(-1)).toEqual({
      from: '/sys',
      to: '/sys',
      options: ['rbind', 'ro', 'nosuid', 'nodev', 'noexec'],
      optional: false,
    });
    expect(automaticMounts(bound)).toEqual(['proc:mixed']);
    const asked = bindSys(defined({ ...more, auto: ['proc:rw', 'sys:rw'] }), ['proc:rw', 'sys:rw']);
    expect([asked.auto, asked.bind.length]).toEqual([['proc:rw'], 1]);
    // A privileged one mounts what it likes, and an application asks for none.
    const privileged = defined({ ...more, kind: 'system', privileged: true });
    expect(bindSys(privileged, automaticMounts(privileged))).toBe(privileged);
    const application = defined(more);
    expect(bindSys(application, automaticMounts(application))).toBe(application);
  });

  test.each([[{}], [{ network: [{ type: 'veth', link: 'br0' }] }], [{ raw: ['lxc.net.0.type = empty'] }]])(
    'is not %j',
    (more) => {
      const system = defined({ ...more, kind: 'system' });
      expect(bindSys(system, automaticMounts(system))).toBe(system);
    },
  );
});
