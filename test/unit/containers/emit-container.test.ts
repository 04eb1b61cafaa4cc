import { describe, expect, it } from 'vitest';
import type { Location } from '../../../toolkit/base/diagnostic.ts';
import { emitContainer, type ContainerTarget } from '../../../toolkit/containers/emit-container.ts';
import { hostRootfsOf } from '../../../toolkit/containers/host-rootfs.ts';
import { findKey } from '../../../toolkit/lxc-keys/key-table.ts';
import { containerFrom, device, problemsOf, target } from './rig.ts';

/** The container of the practice document. */
const CONTAINER1 = `
name: container1
rootfs: { path: /opt/lxc/container1, from: bind }
command: [/bin/sh]
bind: [/bin/sh, /bin/busybox, /bin/echo, /bin/ls, /bin/mount, /lib]
mounts: [{ type: tmpfs, to: /tmp, options: [nosuid, nodev, noexec, mode=1777, create=dir] }]
devices: { allow: [null, zero, "c 30:0 rwm", console, tty, tty0, urandom, random, pts, ptmx] }
console: none
`;

const EVERYTHING = `
name: web
kind: system
hostname: www
rootfs: { path: /srv/web, from: busybox }
command: [/sbin/init, single]
bind: [{ from: /data/web, to: /srv, options: [ro, nosuid, nodev, noexec] }]
mounts:
  - { type: tmpfs, to: /run, options: [nosuid, nodev, mode=0755] }
auto: ["proc:rw", "sys:mixed", "cgroup2:ro"]
devices: { allow: [null, tun] }
network:
  - type: veth
    link: lxcbr0
    name: eth0
    hwaddr: "00:16:3e:01:02:03"
    mtu: 1400
    ipv4: [192.168.0.2/24, 10.0.0.2/8]
    gateway: 192.168.0.1
    ipv6: fd00::2/64
    gateway6: fd00::1
  - { type: macvlan, link: eth1, mode: bridge, up: false }
  - { type: vlan, link: eth1, vlan-id: 7 }
  - { type: phys, link: can0, name: can0 }
  - { type: empty }
capabilities: { drop: [sys_admin, sys_module] }
limits: { memory: 32M, swap: 16M, pids: 64, cpu-shares: 512, cpus: "0" }
console: /dev/ttyS0
pty: 16
tty: 2
autodev: true
autostart: { order: 1, delay: 2 }
groups: [onboot]
idmap:
  - { kind: uid, container: 0, host: 100000, count: 65536 }
  - { kind: gid, container: 0, host: 200000, count: 65536 }
seccomp: default
environment: { TERM: linux, GREETING: hello there }
hooks: { pre-start: /bin/echo web, post-stop: [/bin/ls, /bin/mount] }
signals: { halt: SIGTERM, stop: SIGKILL }
raw: ["lxc.prlimit.nofile = 1024"]
`;

const emit = (yaml: string, changes: Partial<ContainerTarget> = {}) =>
  emitContainer(containerFrom(yaml), target(changes));
const paths = async (yaml: string) => (await emit(yaml)).entries.map(({ path }) => path);

describe('the configuration', () => {
  it('has the expected lines for container1 on cgroup v2', async () => {
    expect((await emit(CONTAINER1)).configText).toBe(`\
# container1: application container. Made by lxc-kit from its definition: change that, not this file.

# Name and root filesystem
lxc.uts.name = container1
lxc.rootfs.path = /opt/lxc/container1

# What runs in it
lxc.init.cmd = /bin/sh
lxc.execute.cmd = /bin/sh

# Console, terminals and /dev
lxc.console.path = none
lxc.autodev = 1

# Devices: everything is denied but null, zero, c 30:0 rwm, console, tty, tty0, urandom, random, pts, ptmx
lxc.cgroup2.devices.deny = a
lxc.cgroup2.devices.allow = c 1:3 rwm
lxc.cgroup2.devices.allow = c 1:5 rwm
lxc.cgroup2.devices.allow = c 30:0 rwm
lxc.cgroup2.devices.allow = c 5:1 rwm
lxc.cgroup2.devices.allow = c 5:0 rwm
lxc.cgroup2.devices.allow = c 4:0 rwm
lxc.cgroup2.devices.allow = c 1:9 rwm
lxc.cgroup2.devices.allow = c 1:8 rwm
lxc.cgroup2.devices.allow = c 136:* rwm
lxc.cgroup2.devices.allow = c 5:2 rwm

# Mounts; targets are relative to the root filesystem
lxc.mount.entry = /bin/sh bin/sh none bind,ro,nosuid,nodev 0 0
lxc.mount.entry = /bin/busybox bin/busybox none bind,ro,nosuid,nodev 0 0
lxc.mount.entry = /bin/echo bin/echo none bind,ro,nosuid,nodev 0 0
lxc.mount.entry = /bin/ls bin/ls none bind,ro,nosuid,nodev 0 0
lxc.mount.entry = /bin/mount bin/mount none bind,ro,nosuid,nodev 0 0
lxc.mount.entry = /lib lib none bind,ro,nosuid,nodev 0 0
lxc.mount.entry = tmpfs tmp tmpfs nosuid,nodev,noexec,mode=1777,create=dir 0 0

# Network: nothing but its own loopback
lxc.net.0.type = empty
lxc.net.0.name = lo
lxc.net.0.flags = up
`);
  });

  it.each(['v1', 'v1-single'] as const)(
    'differs for container1 on cgroup %s only in the family of the keys',
    async (cgroup) => {
      const modern = (await emit(CONTAINER1)).configText;
      const old = (await emit(CONTAINER1, { cgroup })).configText;
      expect(old).toBe(modern.replaceAll('lxc.cgroup2.', 'lxc.cgroup.'));
    },
  );

  it('has the expected lines for a container with everything', async () => {
    expect((await emit(EVERYTHING)).configText).toBe(`\
# web: system container with a BusyBox of its own. Made by lxc-kit from its definition: change that, not this file.

# Name and root filesystem
lxc.uts.name = www
lxc.rootfs.path = /srv/web

# What runs in it
lxc.init.cmd = /sbin/init single
lxc.signal.halt = SIGTERM
lxc.signal.reboot = SIGTERM
lxc.signal.stop = SIGKILL
lxc.environment = TERM=linux
lxc.environment = GREETING=hello there

# Console, terminals and /dev
lxc.console.path = /dev/ttyS0
lxc.pty.max = 16
lxc.tty.max = 2
lxc.autodev = 1

# Devices: everything is denied but null, tun
lxc.cgroup2.devices.deny = a
lxc.cgroup2.devices.allow = c 1:3 rwm
lxc.cgroup2.devices.allow = c 10:200 rwm

# Mounts; targets are relative to the root filesystem
lxc.mount.auto = proc:rw sys:mixed cgroup2:ro
lxc.mount.entry = /data/web srv none bind,ro,nosuid,nodev,noexec 0 0
lxc.mount.entry = tmpfs run tmpfs nosuid,nodev,mode=0755 0 0

# Network
lxc.net.0.type = veth
lxc.net.0.flags = up
lxc.net.0.link = lxcbr0
lxc.net.0.name = eth0
lxc.net.0.hwaddr = 00:16:3e:01:02:03
lxc.net.0.mtu = 1400
lxc.net.0.ipv4.address = 192.168.0.2/24
lxc.net.0.ipv4.address = 10.0.0.2/8
lxc.net.0.ipv4.gateway = 192.168.0.1
lxc.net.0.ipv6.address = fd00::2/64
lxc.net.0.ipv6.gateway = fd00::1
lxc.net.1.type = macvlan
lxc.net.1.link = eth1
lxc.net.1.macvlan.mode = bridge
lxc.net.2.type = vlan
lxc.net.2.flags = up
lxc.net.2.link = eth1
lxc.net.2.vlan.id = 7
lxc.net.3.type = phys
lxc.net.3.flags = up
lxc.net.3.link = can0
lxc.net.3.name = can0
lxc.net.4.type = empty
lxc.net.4.name = lo
lxc.net.4.flags = up

# Privileges
lxc.cap.drop = sys_admin sys_module
lxc.idmap = u 0 100000 65536
lxc.idmap = g 0 200000 65536
lxc.seccomp.profile = /usr/share/lxc/config/common.seccomp

# Limits
lxc.cgroup2.memory.max = 33554432
lxc.cgroup2.memory.swap.max = 16777216
lxc.cgroup2.pids.max = 64
lxc.cgroup2.cpu.weight = 20
lxc.cgroup2.cpuset.cpus = 0

# Start at boot
lxc.start.auto = 1
lxc.start.order = 1
lxc.start.delay = 2
lxc.group = onboot

# Hooks
lxc.hook.pre-start = /bin/echo web
lxc.hook.post-stop = /bin/ls
lxc.hook.post-stop = /bin/mount

# Lines given as they are
lxc.prlimit.nofile = 1024
`);
  });

  it.each(['4.0.12', '5.0.2', '6.0.6'])('has only keys that LXC %s has', async (lxcVersion) => {
    for (const yaml of [CONTAINER1, EVERYTHING, 'name: small']) {
      for (const cgroup of ['v2', 'v1'] as const) {
        const { configText } = await emit(yaml, { lxcVersion, cgroup });
        const keys = configText.split('\n').filter((line) => line.startsWith('lxc.'));
        expect(keys.length).toBeGreaterThan(4);
        for (const line of keys) expect(findKey(line.split(' = ')[0] ?? '', lxcVersion), line).toBeDefined();
        for (const line of configText.split('\n')) expect(line).toMatch(/^$|^# \S|^lxc\.\S+ = \S(.*\S)?$/);
      }
    }
  });

  it('uses the keys of an old release', async () => {
    const { configText } = await emit(
      '{ name: old, console: none, pty: 0, network: [{ type: veth, ipv4: 10.0.0.2/8 }] }',
      {
        lxcVersion: '1.1.5',
        cgroup: 'v1-single',
      },
    );
    expect(configText.match(/^lxc.*$/gm)).toEqual([
      'lxc.utsname = old',
      'lxc.rootfs = /opt/lxc/old',
      'lxc.console = none',
      'lxc.pts = 0',
      'lxc.autodev = 1',
      'lxc.network.type = veth',
      'lxc.network.flags = up',
      'lxc.network.ipv4 = 10.0.0.2/8',
    ]);
  });

  it('leaves /proc and /sys of a system container to its own mounts', async () => {
    const box = 'name: box\nkind: system\nrootfs: { from: busybox }';
    expect((await emit(box)).configText).toContain('\nlxc.mount.auto = proc:mixed sys:ro\n');
    expect((await emit(`${box}\nmounts: [{ type: proc, to: /proc }]`)).configText).toContain(
      '\nlxc.mount.auto = sys:ro\n',
    );
  });

  it('keeps no capability when the list is empty', async () => {
    expect((await emit('{ name: web, capabilities: { keep: [] } }')).configText).toContain(
      '\nlxc.cap.keep = none\n',
    );
  });

  it('shares the network of the device only when asked', async () => {
    const { configText } = await emit('{ name: web, network: [{ type: none }] }');
    expect(configText).toContain('\n# Network\nlxc.net.0.type = none\n');
    expect(configText).not.toContain('lxc.net.0.flags');
  });
});

describe('the entries', () => {
  it('are the directories, mount points, the configuration and the way to it', async () => {
    const { entries, configPath, configText } = await emit(CONTAINER1);
    expect(configPath).toBe('/opt/lxc/container1.conf');
    expect(entries.map((entry) => `${entry.type} ${entry.mode.toString(8)} ${entry.path}`)).toEqual([
      'dir 755 /opt',
      'dir 755 /opt/lxc',
      'dir 755 /opt/lxc/container1',
      'file 644 /opt/lxc/container1.conf',
      'dir 755 /opt/lxc/container1/bin',
      'file 644 /opt/lxc/container1/bin/busybox',
      'file 644 /opt/lxc/container1/bin/echo',
      'file 644 /opt/lxc/container1/bin/ls',
      'file 644 /opt/lxc/container1/bin/mount',
      'file 644 /opt/lxc/container1/bin/sh',
      'dir 755 /opt/lxc/container1/dev',
      'dir 755 /opt/lxc/container1/lib',
      'dir 755 /opt/lxc/container1/proc',
      'dir 755 /opt/lxc/container1/sys',
      'dir 1777 /opt/lxc/container1/tmp',
      'dir 755 /var/lib/lxc',
      'dir 755 /var/lib/lxc/container1',
      'symlink 777 /var/lib/lxc/container1/config',
    ]);
    expect(entries).toContainEqual(expect.objectContaining({ path: configPath, content: configText }));
    expect(entries.at(-1)).toMatchObject({ target: '/opt/lxc/container1.conf' });
  });

  it('include /dev/pts where LXC makes no /dev', async () => {
    expect(await paths('{ name: web, autodev: false }')).toEqual(
      expect.arrayContaining(['/opt/lxc/web/dev/pts', '/opt/lxc/web/dev/shm']),
    );
  });

  it('add only what a given root filesystem lacks', async () => {
    const inner = hostRootfsOf([
      { path: '/dev', type: 'dir' },
      { path: '/proc', type: 'dir' },
      { path: '/tmp', type: 'symlink', target: 'var/tmp' },
      { path: '/app', type: 'file' },
    ]);
    const container = containerFrom(
      '{ name: web, rootfs: { from: { tar: web.tar } }, command: [/app], bind: [/data] }',
    );
    const { entries } = await emitContainer(container, target(), { inner });
    expect(entries.map(({ path }) => path).filter((path) => path.startsWith('/opt/lxc/web/'))).toEqual([
      '/opt/lxc/web/data',
      '/opt/lxc/web/sys',
    ]);
  });

  it('belong to root of the container, whatever its number on the device', async () => {
    const { entries } = await emit(EVERYTHING);
    const owners = (filter: (path: string) => boolean): unknown[] => [
      ...new Set(entries.filter(({ path }) => filter(path)).map(({ uid, gid }) => `${uid}:${gid}`)),
    ];
    expect(owners((path) => path === '/srv/web' || path.startsWith('/srv/web/'))).toEqual(['100000:200000']);
    expect(owners((path) => path === '/srv' || path === '/srv/web.conf' || path.startsWith('/var'))).toEqual([
      '0:0',
    ]);
  });
});

describe('problems', () => {
  it('are collected, and shown where they were written', async () => {
    const location = (path: readonly (string | number)[]): Location | undefined =>
      path.length < 2 ? undefined : { file: 'web.yaml', line: 3, column: 1, sourceLine: path.join('.') };
    const container = containerFrom('{ name: web, bind: [/bin/foo, /bin/eccho], command: [/bin/sh] }');
    expect(await problemsOf(() => emitContainer(container, target(), { locate: location }))).toEqual([
      'web.yaml:3:1 web binds /bin/foo, which is not in the root filesystem\n    bind.0.from\n    ~',
      'web.yaml:3:1 web binds /bin/eccho, which is not in the root filesystem\n    bind.1.from\n    ~\n  help: did you mean /bin/echo?',
      'web.yaml:3:1 web runs /bin/sh, which is not in it\n    command.0\n    ~\n  help: add /bin/sh to its bind',
    ]);
  });

  it.each([
    [
      'command: [/lib/run, "a b"]\nbind: [{ from: /bin/sh, to: /lib/run }]',
      'web: LXC splits the command at every space, so "a b" cannot be one word of it\n  help: put the command into a script and run that',
    ],
    ['kind: system', 'web runs /sbin/init, which is not in it\n  help: add /sbin/init to its bind'],
    [
      'seccomp: /etc/web.seccomp',
      'web uses the seccomp profile /etc/web.seccomp, which is not in the root filesystem',
    ],
    [
      'network: [{ type: none }, { type: veth }]',
      "web: the network type none shares the host's network and cannot be combined with other interfaces",
    ],
    ['network: [{ type: veth, gateway: 10.0.0.1 }]', 'web: a gateway needs an address: ipv4 is missing'],
    ['auto: ["cgroup2:mixed"]', /^web: lxc\.mount\.auto must be one of proc, .*, but is cgroup2:mixed$/],
    ['environment: { A: "b " }', 'web: lxc.environment must not begin or end with whitespace: LXC strips it'],
    [
      'rootfs: { path: /bin/sh/web }',
      'web: /bin/sh must be a directory for /bin/sh/web, but is a symlink to busybox in the root filesystem',
    ],
  ])('%s', async (yaml, problem) => {
    const problems = await problemsOf(() => emit(`name: web\n${yaml}`));
    expect(problems[0]).toMatch(problem);
    expect(problems).toHaveLength(1);
  });

  it('are not guessed about programs that only the running device has', async () => {
    const yaml =
      'name: web\ncommand: [/app/run]\nbind: [{ from: /run/app, to: /app, options: [ro, create=dir] }]';
    expect(await problemsOf(() => emit(yaml))).toEqual([]);
    expect(
      await problemsOf(() =>
        emit('name: web\ncommand: [/x/y]\nmounts: [{ type: ext4, from: /dev/sda1, to: /x }]'),
      ),
    ).toEqual([]);
  });

  it('are reported for settings that the LXC release has no key for', async () => {
    const devices = 'name: web\ndevices: {}';
    expect(await problemsOf(() => emit(devices, { lxcVersion: '7.0.0', cgroup: 'v1' }))).toEqual([
      'web: LXC 7.0.0 has no key for settings of cgroup v1; 1.0.0 to 6.0.6 have',
    ]);
    expect(await problemsOf(() => emit(devices, { lxcVersion: '2.0.11', cgroup: 'v2' }))).toEqual([
      'web: LXC 2.0.11 has no key for settings of cgroup v2; 3.0.0 and later have',
    ]);
  });

  it('are reported for features that the LXC build lacks', async () => {
    const caps = 'name: web\ncapabilities: { drop: [sys_admin] }';
    expect(await problemsOf(() => emit(caps, { buildFeatures: ['seccomp'] }))).toEqual([
      'web: LXC 5.0.2 is built without libcap here, so it refuses lxc.cap.drop\n  help: build LXC with libcap, or remove this key',
    ]);
    expect(await problemsOf(() => emit(caps, { buildFeatures: ['libcap'] }))).toEqual([]);
  });

  it('are reported for a missing BusyBox', async () => {
    expect(
      await problemsOf(() => emit('{ name: box, rootfs: { from: busybox } }', { host: hostRootfsOf([]) })),
    ).toEqual(['box uses the BusyBox of /bin/busybox, which is not in the root filesystem']);
  });

  it('name the needs of cgroup v1: a memory limit for swap, an old LXC for one hierarchy', async () => {
    expect(await problemsOf(() => emit('{ name: web, limits: { swap: 1M } }', { cgroup: 'v1' }))).toEqual([
      'web: on cgroup v1 a swap limit needs a memory limit\n  help: add limits.memory',
    ]);
    const { warnings } = await emit('{ name: web, limits: { pids: 9 } }', {
      cgroup: 'v1-single',
      host: device(),
    });
    expect(warnings.map(({ message }) => message)).toEqual([
      'web will not start: LXC 5.0.2 finds no controllers in a single hierarchy of cgroup v1; 1.0.0 to 2.1.1 do',
    ]);
    expect((await emit('name: web', { cgroup: 'v1-single' })).warnings).toEqual([]);
  });
});
