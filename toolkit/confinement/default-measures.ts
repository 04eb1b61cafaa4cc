import type { ContainerDefinition } from '../board/container-schema.ts';
import { NO_LIMIT } from '../cgroups/no-limit.ts';
import { layoutRefusal } from '../cgroups/version-conflicts.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import { defaultCapabilities } from './default-capabilities.ts';
import { maskedIn, maskedPaths, withMasks } from './masked-paths.ts';
import type { ConfiningDevice, Measure, Wish } from './measure.ts';

/** The devices that every container may use: the harmless ones of Linux, and its own terminals. */
const DEFAULT_DEVICES = [
  ...(['null', 'zero', 'full', 'random', 'urandom', 'tty'] as const),
  ...(['ptmx', 'pts', 'console'] as const),
];

/** Whether raw lines set a key. */
function setsKey({ raw }: ContainerDefinition, key: RegExp): boolean {
  return raw.some((text) => {
    const line = parseConfigLine(text);
    return line.kind === 'setting' && key.test(line.key);
  });
}

const same = (container: ContainerDefinition): ContainerDefinition => container;

/** Returns the path of the seccomp profile that lxc-kit writes for a container. */
export function seccompFileOf({ rootfs }: Pick<ContainerDefinition, 'rootfs'>): string {
  return `${rootfs.path}.seccomp`;
}

function withOwnProfile(container: ContainerDefinition): ContainerDefinition {
  return { ...container, seccomp: seccompFileOf(container) };
}

/** Says why LXC cannot set something in a container's cgroup on the board's layout. */
const cgroupRefusal =
  (what: 'devices' | 'settings') =>
  ({ lxcVersion, cgroup }: ConfiningDevice): string | undefined =>
    layoutRefusal(lxcVersion, cgroup, { settings: true, devices: what === 'devices' });

function limitWish(limit: 'memory' | 'pids', key: RegExp): (container: ContainerDefinition) => Wish {
  return (container) => {
    const value = container.limits[limit];
    if (value === NO_LIMIT) return 'declined';
    return value !== undefined || setsKey(container, key) ? 'own' : 'default';
  };
}

/*
 * The measures of a definition that says nothing, besides its user namespace. Its own words win. The order matters:
 * the capabilities come before the seccomp profile, which depends on them.
 */
export const defaultMeasures: readonly Measure[] = [
  {
    name: 'capabilities',
    what: 'its set of capabilities',
    symbols: [],
    kernel: {},
    lxc: { since: '1.0.0' },
    stops: ['devices', 'mounts', 'remounts', 'handles', 'modules', 'time', 'processes'],
    without: 'its root has all capabilities',
    wish: ({ capabilities, include, ...container }) => {
      if (capabilities?.keep === undefined && capabilities?.drop?.length === 0) return 'declined';
      // LXC takes either kept or dropped ones, and an included file may drop some.
      const isOwn = include.length > 0 || setsKey({ ...container, include }, /^lxc\.cap\./);
      return capabilities !== undefined || isOwn ? 'own' : 'default';
    },
    key: 'capabilities',
    decline: 'capabilities: { drop: [] }',
    drop: same,
    add: (container) => ({ ...container, capabilities: { keep: defaultCapabilities(container) } }),
  },
  {
    name: 'device-rules',
    what: 'device rules',
    symbols: [],
    layoutSymbols: { v1: ['CGROUP_DEVICE'], v2: ['CGROUP_BPF', 'BPF_SYSCALL'] },
    kernel: {},
    lxc: { since: '1.0.0' },
    lacks: cgroupRefusal('devices'),
    stops: ['devices', 'terminals'],
    without: 'it may open every device node that it has',
    wish: (container) => {
      if (container.devices === 'all') return 'declined';
      const isOwn = setsKey(container, /^lxc\.cgroup2?\.devices\./);
      return container.devices !== undefined || isOwn ? 'own' : 'default';
    },
    key: 'devices',
    decline: 'devices: all',
    drop: same,
    add: (container) => ({ ...container, devices: { allow: DEFAULT_DEVICES } }),
  },
  {
    name: 'no-new-privs',
    what: 'no-new-privs',
    symbols: [],
    kernel: { since: '3.5' },
    lxc: { since: '2.1.0' },
    stops: ['setuid'],
    without: 'its programs may gain privileges by setuid files',
    wish: (container) => {
      if (container['no-new-privs'] === false && container.kind === 'application') return 'declined';
      const isOwn = container['no-new-privs'] !== undefined || setsKey(container, /^lxc\.no_new_privs$/);
      // The init of a system starts su, passwd and the like.
      return isOwn || container.kind === 'system' ? 'own' : 'default';
    },
    key: 'no-new-privs',
    decline: 'no-new-privs: false',
    drop: same,
    add: (container) => ({ ...container, 'no-new-privs': true }),
  },
  {
    name: 'seccomp',
    what: 'a seccomp profile',
    symbols: ['SECCOMP', 'SECCOMP_FILTER'],
    kernel: { since: '3.5' },
    lxc: { since: '1.0.0' },
    lacks: ({ lxcVersion, hasFeature }) =>
      hasFeature('seccomp') ? undefined : `LXC ${lxcVersion} is built without seccomp`,
    stops: ['handles', 'cgroups', 'modules', 'time'],
    without: 'it may make every system call',
    wish: (container) => {
      if (container.seccomp === 'none') return 'declined';
      if (container.seccomp === 'default') return 'asked';
      const isOwn = container.seccomp !== undefined || setsKey(container, /^lxc\.seccomp(?:\.profile)?$/);
      return isOwn ? 'own' : 'default';
    },
    key: 'seccomp',
    decline: 'seccomp: none',
    drop: same,
    add: withOwnProfile,
  },
  {
    name: 'masked-paths',
    what: 'its masks in /proc and /sys',
    symbols: [],
    kernel: {},
    lxc: { since: '1.0.0' },
    stops: ['proc-sys'],
    without: 'it sees what /proc and /sys have of the device',
    wish: (container) => {
      if (container['masked-paths'] === 'none') return 'declined';
      return 'default';
    },
    key: 'masked-paths',
    decline: 'masked-paths: none',
    drop: same,
    add: (container) => {
      const own = container['masked-paths'];
      const paths = Array.isArray(own) ? own : maskedPaths.map(({ path }) => path);
      return withMasks(container, maskedIn(container, paths));
    },
  },
  {
    name: 'pids-limit',
    what: 'a limit of processes',
    symbols: ['CGROUP_PIDS'],
    kernel: { since: '4.3' },
    lxc: { since: '1.0.0' },
    lacks: cgroupRefusal('settings'),
    stops: ['processes'],
    without: 'it can start processes until the device has none left',
    wish: limitWish('pids', /^lxc\.cgroup2?\.pids\.max$/),
    key: 'limits',
    decline: 'limits: { pids: none }',
    drop: same,
    add: (container, { limits: { pids } }) =>
      pids === NO_LIMIT ? container : { ...container, limits: { ...container.limits, pids } },
  },
  {
    name: 'memory-limit',
    what: 'a limit of memory',
    symbols: ['MEMCG'],
    kernel: { since: '3.6' },
    lxc: { since: '1.0.0' },
    lacks: cgroupRefusal('settings'),
    stops: ['processes'],
    without: 'it can take all memory of the device',
    wish: limitWish('memory', /^lxc\.cgroup2?\.memory\.(?:max|limit_in_bytes)$/),
    key: 'limits',
    decline: 'limits: { memory: none }',
    drop: same,
    add: (container, { limits: { memory } }) =>
      memory === NO_LIMIT ? container : { ...container, limits: { ...container.limits, memory } },
  },
];
