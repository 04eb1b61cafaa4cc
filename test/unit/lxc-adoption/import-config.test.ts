import { describe, expect, it } from 'vitest';
import { definitionYaml } from '../../../toolkit/lxc-adoption/definition-yaml.ts';
import { imported, problemsOf } from '../containers/rig.ts';

/** A configuration of a real device, with its mistakes. */
const CONTAINER1 = `\
lxc.utsname = container1
lxc.rootfs = /opt/lxc/container1
lxc.console = none
lxc.autodev = 1

# devices
lxc.cgroup.devices.deny = a
lxc.cgroup.devices.allow = c 1:3 rwm # dev/null
lxc.cgroup.devices.allow = c 30:0 rwm #dev/brcm0
lxc.cgroup.devices.allow = c 136:* rwm # dev/pts/*

lxc.mount.entry=/bin/sh /opt/lxc/container1/bin/sh none bind,ro,nosuid,nodev 0 0
lxc.mount.entry=/lib /opt/lxc/container1/lib none bind,ro,nosuid,nodev 0 0
lxc.mount.entry = tmpfs /tmp tmpfs nosuid,nodev,noexec,mode=1777,create=dir 0 0
`;

const definitionOf = async (text: string, files?: Readonly<Record<string, string>>) =>
  (await imported(text, files)).definition;

const raised = (notes: readonly string[], outcome: string): string[] =>
  notes.filter((note) => note.includes(`${outcome}: `));

describe('importConfig', () => {
  it('makes a definition of container1, and says what was wrong with it', async () => {
    const { definition, notes } = await imported(CONTAINER1);
    expect(definitionYaml(definition)).toBe(`\
name: container1
bind: [ /bin/sh, /lib ]
mounts:
  - { type: tmpfs, to: /tmp, options: [ nosuid, nodev, noexec, mode=1777, create=dir ] }
devices: { allow: [ "null", c 30:0 rwm, pts ] }
privileged: true
console: none
`);
    expect(raised(notes, 'mended').map((note) => note.split(' ')[0])).toEqual([
      '8:38',
      '9:39',
      '10:40',
      '14:25',
    ]);
    expect(raised(notes, 'assumed')).toEqual([
      '1:1 assumed: assuming kind application: the configuration names no first process and does not mount /proc',
      '1:1 assumed: the configuration has no ID maps, so its root is the root of the device: the definition says "privileged: true"',
      '2:1 assumed: a configuration does not say what fills the root filesystem: the definition has only empty directories and bind mounts',
    ]);
    expect(notes).toHaveLength(7);
  });

  it('is the same for every era', async () => {
    const modern = CONTAINER1.replace('lxc.utsname', 'lxc.uts.name')
      .replace('lxc.rootfs', 'lxc.rootfs.path')
      .replace('lxc.console', 'lxc.console.path');
    expect(await definitionOf(modern)).toEqual(await definitionOf(CONTAINER1));
    expect(await definitionOf(modern.replaceAll('lxc.cgroup.', 'lxc.cgroup2.'))).toEqual(
      await definitionOf(CONTAINER1),
    );
  });

  it('reads what is included, and keeps what is not there', async () => {
    const { definition, notes } = await imported(
      'lxc.include = /common.conf\nlxc.include = /none.conf\nlxc.rootfs = /srv/a\nlxc.tty = 1',
      { '/common.conf': 'lxc.tty = 4\nlxc.pts = 1024\nlxc.cap.drop = mac_admin sys_time\nlxc.cap.drop = 1' },
    );
    expect(definition).toMatchObject({
      tty: 1,
      pty: 1024,
      capabilities: { drop: ['mac_admin', 'sys_time', 'dac_override'] },
      raw: ['lxc.include = /none.conf'],
    });
    expect(raised(notes, 'raw')).toEqual([
      '2:1 raw: kept in raw: the file could not be read (there is no /none.conf), so its settings are not in the definition',
    ]);
  });

  it.each([
    ['lxc.loglevel = 1', 'lxc.log.level = 1'],
    ['lxc.signal.halt = 37', 'lxc.signal.halt = 37'],
    ['lxc.start.order = 3', 'lxc.start.order = 3'],
    ['lxc.init.cmd = sbin/init', 'lxc.init.cmd = sbin/init'],
    ['lxc.execute.cmd = /bin/a', 'lxc.execute.cmd = /bin/a'],
    ['lxc.cgroup.blkio.weight = 10', 'lxc.cgroup2.io.weight = 1'],
    ['lxc.cgroup2.cpu.max = 333 1000', 'lxc.cgroup2.cpu.max = 333 1000'],
    ['lxc.mount.entry = a\ttmp\tnone\tbind', 'lxc.mount.entry = a tmp none bind'],
    [
      'lxc.mount.entry = /a mnt none bind 0 0\nlxc.mount.entry = /b mnt none bind 0 0',
      'lxc.mount.entry = /b mnt none bind 0 0',
    ],
    [
      'lxc.network.type = veth\nlxc.network.type = phys\nlxc.network.link = can0\nlxc.network.script.up = /up',
      'lxc.net.1.script.up = /up',
    ],
  ])('keeps in raw what a definition cannot say: %j', async (text, raw) => {
    const { definition, notes } = await imported(text);
    expect(definition['raw']).toEqual([raw]);
    expect(raised(notes, 'raw')).toHaveLength(1);
  });

  it('keeps the rules of devices that are named by their paths', async () => {
    const rules = ['lxc.cgroup2.devices.deny = a', 'lxc.cgroup2.devices.allow = /dev/fuse rwm'];
    const { definition } = await imported(rules.join('\n'));
    expect(definition).toMatchObject({ raw: rules });
    expect(definition['devices']).toBeUndefined();
  });

  it('keeps the number of an interface in raw lines for releases that number none', async () => {
    const text =
      'lxc.net.0.type = veth\nlxc.net.0.script.up = /up\nlxc.net.1.type = phys\nlxc.net.1.link = can0\n';
    const { definition } = await imported(text, {}, { lxcVersion: '1.1.5', cgroup: 'v1' });
    expect(definition['raw']).toEqual(['lxc.network.0.script.up = /up']);
  });

  it('leaves out the broadcast address that LXC computes, and keeps another', async () => {
    const networkOf = async (address: string): Promise<unknown> =>
      (await definitionOf(`lxc.net.0.type = veth\nlxc.net.0.ipv4.address = ${address}`))['network'];
    expect(await networkOf('10.0.0.130/25 10.0.0.255')).toEqual([
      { type: 'veth', ipv4: '10.0.0.130/25', up: false },
    ]);
    expect(await networkOf('10.0.0.130/25 10.0.0.128')).toEqual([{ type: 'veth', up: false }]);
  });

  it('keeps no capability from before the list was cleared', async () => {
    const text = 'lxc.cap.keep = sys_time\nlxc.cap.keep = none\nlxc.cap.keep = mac_admin';
    expect(await definitionOf(text)).toMatchObject({ capabilities: { keep: ['mac_admin'] } });
  });

  it.each([
    ['63', undefined],
    ['64', 64],
  ])('lxc.pts = %s of an old release', async (count, pty) => {
    expect((await definitionOf(`lxc.pts = ${count}`))['pty']).toBe(pty);
  });

  it('keeps an interface of a type that a definition does not know as a whole', async () => {
    const { definition } = await imported(
      'lxc.net.0.type = veth\nlxc.net.1.type = ipvlan\nlxc.net.1.link = eth0\nlxc.net.1.ipvlan.mode = l2',
    );
    expect(definition['network']).toEqual([{ type: 'veth', up: false }]);
    expect((definition['raw'] as string[]).toSorted()).toEqual([
      'lxc.net.1.ipvlan.mode = l2',
      'lxc.net.1.link = eth0',
      'lxc.net.1.type = ipvlan',
    ]);
  });

  it('leaves out what it would set twice, and what does nothing', async () => {
    const { definition, notes } = await imported(
      'lxc.rootfs = nbd:/a\nlxc.utsname = -web-\nlxc.pivotdir = mnt',
    );
    expect(definition).toEqual({ name: 'web-', privileged: true });
    expect(raised(notes, 'left-out').map((note) => note.split(' ')[0])).toEqual(['1:1', '2:1', '3:1']);
  });

  it('takes one list of devices and one limit of two cgroup versions', async () => {
    const rules = (family: string, more = ''): string =>
      `${family}.devices.deny = a\n${family}.devices.allow = c 1:3 rwm\n${more}`;
    const { definition, notes } = await imported(
      rules('lxc.cgroup', 'lxc.cgroup.cpu.shares = 1024\n') +
        rules('lxc.cgroup2', 'lxc.cgroup2.cpu.weight = 39'),
    );
    expect(definition).toMatchObject({ devices: { allow: ['null'] }, limits: { 'cpu-shares': 1024 } });
    expect(raised(notes, 'left-out')).toEqual([]);
    const differing = await imported('lxc.cgroup.pids.max = 5\nlxc.cgroup2.pids.max = 6');
    expect(differing.definition['limits']).toEqual({ pids: 6 });
    expect(raised(differing.notes, 'left-out')).toHaveLength(1);
  });

  it.each([
    ['lxc.cgroup.memory.limit_in_bytes = -1', undefined],
    ['lxc.cgroup2.memory.max = max', undefined],
    ['lxc.cgroup.cpu.cfs_quota_us = 25000\nlxc.cgroup.cpu.cfs_period_us = 50000', { 'cpu-quota': '50%' }],
    ['lxc.cgroup2.memory.max = 1073741824', { memory: '1G' }],
    [
      'lxc.cgroup.memory.limit_in_bytes = 32m\nlxc.cgroup.memory.memsw.limit_in_bytes = 48M',
      { memory: '32M', swap: '16M' },
    ],
  ])('limits of %j', async (text, limits) => {
    const { definition } = await imported(text);
    expect(definition['limits']).toEqual(limits);
    expect(definition['raw']).toBeUndefined();
  });

  it('takes a container for a system by its first process, or by its /proc', async () => {
    const kindOf = async (text: string): Promise<unknown> => (await definitionOf(text))['kind'];
    expect(await kindOf('lxc.init.cmd = /lib/systemd/systemd')).toBe('system');
    expect(await kindOf('lxc.mount.auto = proc:mixed sys:ro')).toBe('system');
    expect(await kindOf('lxc.mount.entry = proc proc proc nosuid 0 0')).toBe('system');
    expect(await kindOf('lxc.init.cmd = /bin/web\nlxc.mount.auto = proc')).toBeUndefined();
    expect(await kindOf('lxc.tty = 0')).toBeUndefined();
  });

  it.each([
    ['lxc.utsname = a b', 'a-b'],
    ['lxc.rootfs = /var/lib/lxc/mail/rootfs', 'mail'],
    ['lxc.tty = 0', 'web'],
  ])('finds a name in %j or in the path of the file', async (text, name) => {
    expect((await definitionOf(text))['name']).toBe(name);
  });

  it('says everything that is wrong at once', async () => {
    expect(await problemsOf(() => imported('lxc.autodev = 7\nlxc.tty: 4\nlxc.foo = 1'))).toHaveLength(3);
  });
});
