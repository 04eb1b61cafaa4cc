import { inVersionRange } from '../../../toolkit/base/compare-versions.ts';
import { keyFor, type Concept } from '../../../toolkit/lxc-keys/concept-keys.ts';

/** A definition that shows one feature, and little else. */
export interface FeatureContainer {
  readonly feature: string;
  /** Concepts that the release must have a key for. */
  readonly needs?: readonly Concept[];
  /** First release that can do it, where that is not a matter of a key. */
  readonly since?: string;
  readonly until?: string;
  readonly definition: Readonly<Record<string, unknown>>;
}

const app = { name: 'web', command: ['/bin/sh'], bind: ['/bin/busybox', '/bin/sh'] };
const system = { name: 'box', kind: 'system', rootfs: { from: 'busybox' } };
const veth = { type: 'veth', link: 'lxcbr0', name: 'eth0' };

/**
 * Every feature of a container definition. The one place to add one: a key of the schema that none of them has fails a
 * test.
 */
export const featureContainers: readonly FeatureContainer[] = [
  { feature: 'an application container', definition: app },
  { feature: 'a command with arguments', since: '2.0.0', definition: { ...app, command: ['/bin/sh', '-l'] } },
  { feature: 'a system container', definition: system },
  {
    feature: 'a system container with an init of its own',
    definition: { ...system, command: ['/bin/busybox'] },
  },
  { feature: 'a privileged container', definition: { ...app, privileged: true } },
  { feature: 'a host name', definition: { ...app, hostname: 'www.example' } },
  { feature: 'a place of its root file system', definition: { ...app, rootfs: { path: '/srv/web' } } },
  {
    feature: 'a root file system in a squashfs',
    definition: { ...system, rootfs: { from: 'busybox', image: 'squashfs' } },
  },
  {
    feature: 'a root file system in an ext4',
    definition: { ...system, rootfs: { from: 'busybox', image: 'ext4' } },
  },
  {
    feature: 'a read-only root file system',
    since: '2.0.9',
    definition: { ...system, rootfs: { from: 'busybox', readonly: true } },
  },
  { feature: 'an overlay', definition: { ...system, rootfs: { from: 'busybox', overlay: {} } } },
  {
    feature: 'an overlay with a place of its own',
    definition: { ...system, rootfs: { from: 'busybox', overlay: { upper: '/data/changes/upper' } } },
  },
  { feature: 'a size', definition: { ...system, rootfs: { from: 'busybox', size: '16M' } } },
  {
    feature: 'a size in memory, over an image',
    definition: { ...system, rootfs: { from: 'busybox', size: '1536K', image: 'squashfs', overlay: {} } },
  },
  { feature: 'a working directory', needs: ['init-cwd'], definition: { ...app, init: { cwd: '/bin' } } },
  {
    feature: 'a user and a group',
    needs: ['init-uid', 'init-gid'],
    definition: { ...app, init: { uid: 1000, gid: 100 } },
  },
  { feature: 'an include', definition: { ...app, include: ['/usr/share/lxc/config/common.seccomp'] } },
  {
    feature: 'binds',
    definition: { ...app, bind: [...app.bind, { from: '/data/web', to: '/srv', options: ['ro'] }] },
  },
  {
    feature: 'a directory that two containers share',
    definition: {
      ...app,
      bind: [...app.bind, { from: '/data/web', to: '/shared', options: ['nosuid', 'nodev'] }],
    },
  },
  {
    feature: 'a bind of what may not be there',
    definition: { ...app, bind: [...app.bind, { from: '/dev/fuse', optional: true }] },
  },
  {
    feature: 'mounts',
    definition: {
      ...app,
      mounts: [
        { type: 'tmpfs', to: '/tmp', options: ['nosuid', 'mode=1777'] },
        { type: 'ext4', from: '/dev/sda1', to: '/mnt', options: ['ro'] },
      ],
    },
  },
  {
    feature: 'proc and sysfs as mounts',
    definition: {
      ...app,
      mounts: [
        { type: 'proc', to: '/proc', options: ['nodev', 'noexec', 'nosuid'] },
        { type: 'sysfs', to: '/sys', options: ['nodev', 'noexec', 'nosuid'] },
      ],
    },
  },
  { feature: 'proc and sysfs by LXC', definition: { ...app, auto: ['proc:mixed', 'sys:ro'] } },
  { feature: 'cgroups by LXC', definition: { ...app, auto: ['cgroup:mixed'] } },
  {
    feature: 'devices',
    definition: { ...app, devices: { allow: ['null', 'tun', 'c 30:0 rwm', 'b 8:* r'] } },
  },
  { feature: 'no device at all', definition: { ...app, devices: { allow: [] } } },
  { feature: "the device's own network", definition: { ...app, network: [{ type: 'none' }] } },
  { feature: 'only a loopback', definition: { ...app, network: [] } },
  {
    feature: 'a veth on a bridge, with addresses and gateways',
    definition: {
      ...app,
      network: [
        {
          ...veth,
          pair: 'vweb',
          hwaddr: '00:16:3e:00:00:01',
          mtu: 1400,
          ipv4: ['192.168.0.2/24', '10.0.0.2/8'],
          gateway: '192.168.0.1',
          ipv6: 'fd00::2/64',
          gateway6: 'fd00::1',
        },
      ],
    },
  },
  {
    feature: 'a gateway that is the bridge',
    definition: { ...app, network: [{ ...veth, ipv4: '10.0.0.2/8', gateway: 'auto' }] },
  },
  {
    feature: 'a macvlan',
    definition: { ...app, network: [{ type: 'macvlan', link: 'eth1', mode: 'bridge' }] },
  },
  { feature: 'a vlan', definition: { ...app, network: [{ type: 'vlan', link: 'eth1', 'vlan-id': 7 }] } },
  {
    feature: 'an interface of the device',
    definition: { ...app, network: [{ type: 'phys', link: 'can0', name: 'can0' }] },
  },
  { feature: 'an interface that stays down', definition: { ...app, network: [{ ...veth, up: false }] } },
  { feature: 'several interfaces', definition: { ...app, network: [veth, { ...veth, name: 'eth1' }] } },
  {
    feature: 'the network of another container',
    needs: ['share-network'],
    definition: { ...app, 'share-network': 'router' },
  },
  {
    feature: 'capabilities dropped',
    definition: { ...app, capabilities: { drop: ['sys_admin', 'net_raw'] } },
  },
  { feature: 'capabilities kept', definition: { ...app, capabilities: { keep: ['chown', 'kill'] } } },
  { feature: 'no capability', definition: { ...app, capabilities: { keep: [] } } },
  { feature: 'a limit of memory', definition: { ...app, limits: { memory: '32M' } } },
  { feature: 'limits of memory and swap', definition: { ...app, limits: { memory: '32M', swap: '16M' } } },
  { feature: 'a limit of processes', definition: { ...app, limits: { pids: 64 } } },
  { feature: 'a share of the processors', definition: { ...app, limits: { 'cpu-shares': 512 } } },
  { feature: 'some of the processors', definition: { ...app, limits: { cpus: '0-1,3' } } },
  { feature: 'a part of a processor', definition: { ...app, limits: { 'cpu-quota': '50%' } } },
  {
    feature: 'limits of each process',
    needs: ['prlimit'],
    definition: { ...app, prlimits: { nofile: '1024:4096', core: 'unlimited' } },
  },
  {
    feature: 'kernel settings',
    needs: ['sysctl'],
    definition: { ...app, sysctl: { 'net.ipv4.ip_forward': '1' } },
  },
  { feature: 'no new privileges', needs: ['no-new-privs'], definition: { ...app, 'no-new-privs': true } },
  { feature: 'no console and no terminals', definition: { ...app, console: 'none', pty: 0, tty: 0 } },
  {
    feature: 'a serial console, terminals',
    definition: { ...system, console: '/dev/ttyS0', pty: 64, tty: 4 },
  },
  { feature: 'a /dev of its own', definition: { ...app, autodev: false } },
  { feature: 'a start at boot', definition: { ...system, autostart: true } },
  {
    feature: 'an order of starting',
    definition: { ...system, autostart: { order: 2, delay: 3 }, groups: ['onboot', 'late'] },
  },
  {
    feature: 'id maps',
    definition: {
      ...app,
      idmap: [
        { kind: 'uid', container: 0, host: 100_000, count: 65_536 },
        { kind: 'gid', container: 0, host: 200_000, count: 65_536 },
      ],
    },
  },
  { feature: 'the seccomp policy of LXC', definition: { ...app, seccomp: 'default' } },
  {
    feature: 'an environment',
    needs: ['environment'],
    definition: { ...app, environment: { TERM: 'linux', SUM: '1+1=2' } },
  },
  {
    feature: 'hooks',
    definition: {
      ...app,
      hooks: { 'pre-start': '/bin/ls a', mount: ['/bin/ls', '/bin/echo b'], 'post-stop': '/bin/echo' },
    },
  },
  {
    feature: 'signals',
    needs: ['halt-signal', 'stop-signal'],
    definition: { ...system, signals: { halt: 'SIGRTMIN+3', stop: 'SIGKILL' } },
  },
  {
    feature: 'a signal to restart',
    needs: ['reboot-signal'],
    definition: { ...system, signals: { reboot: 'SIGHUP' } },
  },
  { feature: 'raw lines', since: '2.1.0', definition: { ...app, raw: ['lxc.log.level = INFO'] } },
  {
    feature: 'raw lines of old releases',
    until: '2.0.99',
    definition: { ...app, raw: ['lxc.loglevel = INFO'] },
  },
];

/** The features that a release of LXC has. */
export function featuresOf(version: string): FeatureContainer[] {
  return featureContainers.filter(
    ({ needs = [], ...range }) =>
      inVersionRange(version, range) && needs.every((concept) => keyFor(concept, version) !== undefined),
  );
}
