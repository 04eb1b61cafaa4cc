import type { BoardDescription, DescribedContainer } from './board-description.ts';
import { networkRules } from './network-rules.ts';
import { randomRules } from './random-sources.ts';
import { hasContainers, type Rule } from './rule.ts';

const onV1 = ({ cgroup }: BoardDescription): boolean => cgroup !== 'v2';
const onV2 = ({ cgroup }: BoardDescription): boolean => cgroup === 'v2';
const limits =
  (...names: (keyof DescribedContainer['definition']['limits'])[]) =>
  ({ definition }: DescribedContainer): boolean =>
    names.some((name) => definition.limits[name] !== undefined && !needless(name, definition.limits[name]));
/** Without a limit, or with a limit of 0 for swap, a kernel without swap does as well. */
function needless(name: string, limit: unknown): boolean {
  return limit === 'none' || (name === 'swap' && limit === '0');
}

const hasSeccompProfile = ({ definition }: DescribedContainer): boolean =>
  ![undefined, 'none'].includes(definition.seccomp);
const hasDeviceRules = ({ definition: { devices } }: DescribedContainer): boolean =>
  devices !== undefined && devices !== 'all';
/** The default confinement: of each definition that does not say otherwise. */
const byDefault =
  (key: 'devices' | 'seccomp') =>
  ({ definition }: DescribedContainer): boolean =>
    definition[key] === undefined;
const hasDefaultPids = ({ definition }: DescribedContainer): boolean => definition.limits.pids === undefined;
const hasOverlay = ({ definition }: DescribedContainer): boolean => definition.rootfs.overlay !== undefined;
/** With an ext4 image, the image has that size. */
const hasSizedOverlay = ({ definition: { rootfs } }: DescribedContainer): boolean =>
  rootfs.size !== undefined && rootfs.image !== 'ext4';
const isInstalledOnDisk = ({ definition }: DescribedContainer, { keepsChanges }: BoardDescription): boolean =>
  definition.rootfs.overlay === undefined && keepsChanges;
const mountsItself =
  (word: string) =>
  ({ automaticMounts }: DescribedContainer): boolean =>
    automaticMounts.some((one) => one.startsWith(word));

/** Whether a container asks for its IDs in so many words. */
function isAsked({ privileged, givenIds }: DescribedContainer['definition']): boolean {
  return privileged === false || !givenIds;
}

function hasTerminals({ definition: { console, pty = 0, tty = 0 } }: DescribedContainer): boolean {
  return console !== 'none' || pty > 0 || tty > 0;
}

/*
 * The needs of the root filesystem, LXC and containers. The tables of architectures, machines and image formats have
 * their own needs; list-needs.ts puts all of them together.
 *
 * From the clone flags, mounts, sockets and cgroup files in LXC's source, from rootfs-skeleton/, and from the Kconfig
 * files of Linux 5.10, 6.1, 6.12 and 7.1. Older names come from the kernel's history.
 */
export const rules: readonly Rule[] = [
  {
    symbols: ['EXPERT'],
    since: '2.6.38',
    reason: 'a small kernel: without it, even allnoconfig sets symbols that are not needed',
    wanted: true,
    when: ({ fromNothing }) => fromNothing,
  },

  // The root filesystem: starting init, and the mounts and settings of /etc/init.d/rcS.
  {
    symbols: ['BINFMT_ELF', 'BINFMT_SCRIPT'],
    reason: 'init and the scripts it starts',
  },
  { symbols: ['MULTIUSER'], since: '4.1', reason: 'users, groups and capabilities' },
  { symbols: ['FUTEX'], reason: 'threads and locks of the C library' },
  { symbols: ['PROC_FS', 'SYSFS', 'TMPFS'], reason: '/proc, /sys, /run and /tmp' },
  { symbols: ['DEVTMPFS'], since: '2.6.32', reason: '/dev with the nodes of all devices', wanted: true },
  { symbols: ['TTY'], since: '3.9', reason: 'the console of init', wanted: true },
  { symbols: ['UNIX98_PTYS'], reason: '/dev/pts', wanted: true },
  { symbols: ['INET'], reason: 'the address of lo', wanted: true },
  { symbols: ['PRINTK', 'BUG'], reason: "the kernel's messages", wanted: true },
  {
    symbols: ['PROC_SYSCTL'],
    reason: '/proc/sys, which LXC, libcap and sysctl read',
    wanted: true,
  },
  { symbols: ['POSIX_TIMERS'], since: '4.10', reason: 'alarm() and timers of programs', wanted: true },
  {
    symbols: ['EVENTFD', 'TIMERFD', 'INOTIFY_USER', 'ADVISE_SYSCALLS'],
    since: '3.18',
    reason: 'system calls that programs expect of any kernel',
    wanted: true,
  },

  // LXC itself: its monitor, and the namespaces that every container gets.
  {
    symbols: [
      'NAMESPACES',
      'UTS_NS',
      'IPC_NS',
      'PID_NS',
      'NET',
      'UNIX',
      'EPOLL',
      'SIGNALFD',
      'PROC_FS',
      'CGROUPS',
    ],
    reason: 'every container',
    when: hasContainers,
  },
  { symbols: ['FILE_LOCKING'], reason: "LXC's locks", when: hasContainers },
  {
    symbols: ['MEMFD_CREATE'],
    since: '4.18',
    lxc: { since: '2.0.10' },
    reason: 'LXC reads configurations through a memfd; without it, through a file in /tmp',
    wanted: true,
    when: hasContainers,
  },
  {
    symbols: ['IKCONFIG_PROC'],
    reason: 'lxc-checkconfig reads /proc/config.gz',
    wanted: true,
    when: hasContainers,
  },

  ...randomRules,

  // The cgroup layout.
  {
    symbols: ['CGROUP_FREEZER'],
    lxc: { until: '2.1.1' },
    reason: 'a cgroup v1 hierarchy, without which this LXC starts no container',
    when: (board) => hasContainers(board) && onV1(board),
  },
  {
    symbols: ['CGROUP_FREEZER'],
    reason: 'a controller, without which the single hierarchy cannot be mounted',
    when: ({ cgroup }) => cgroup === 'v1-single',
  },
  {
    symbols: ['CGROUP_FREEZER'],
    reason: 'lxc-freeze on cgroup v1',
    wanted: true,
    when: (board) => hasContainers(board) && onV1(board),
  },

  ...networkRules,

  // File systems and terminals.
  { symbols: ['TMPFS'], reason: '/dev made by LXC', of: ({ definition }) => definition.autodev },
  // From 3.0 on, LXC mounts no other union file system; kernels before 3.18 have none.
  { symbols: ['OVERLAY_FS'], since: '3.18', reason: 'root file system with an overlay', of: hasOverlay },
  {
    symbols: ['TMPFS_XATTR'],
    since: '3.1',
    reason: 'deleted files in an overlay in memory',
    wanted: true,
    of: hasOverlay,
  },
  // Without a first version: an older kernel is refused, because nothing there limits a directory.
  { symbols: ['OVERLAY_FS'], reason: 'size of a root file system (Linux 3.18)', of: hasSizedOverlay },
  {
    symbols: ['TMPFS_XATTR'],
    since: '3.1',
    reason: 'size of a root file system in memory',
    of: hasSizedOverlay,
  },
  {
    symbols: ['BLK_DEV_LOOP', 'EXT4_FS'],
    reason: 'size of a root file system on a disk that is written',
    of: (container, board) => hasSizedOverlay(container) && isInstalledOnDisk(container, board),
  },
  {
    symbols: ['BLK_DEV_LOOP'],
    reason: 'root file system in an image',
    of: ({ definition }) => definition.rootfs.image !== undefined,
  },
  { symbols: ['UNIX98_PTYS'], reason: 'console or terminals', of: hasTerminals },
  // From 4.7 on, every devpts mount is a separate instance.
  {
    symbols: ['DEVPTS_MULTIPLE_INSTANCES'],
    since: '2.6.29',
    until: '4.6',
    reason: 'console or terminals',
    of: hasTerminals,
  },
  { symbols: ['SYSFS'], reason: 'sysfs', of: mountsItself('sys') },
  { symbols: ['TMPFS'], reason: 'cgroup file systems in the container', of: mountsItself('cgroup') },

  // Limits.
  { symbols: ['CGROUP_MEM_RES_CTLR'], until: '3.5', reason: 'memory limit', of: limits('memory', 'swap') },
  { symbols: ['RESOURCE_COUNTERS'], until: '3.18', reason: 'memory limit', of: limits('memory', 'swap') },
  { symbols: ['MEMCG'], since: '3.6', reason: 'memory limit', of: limits('memory', 'swap') },
  {
    symbols: ['MEMCG_V1'],
    since: '6.11',
    reason: 'memory limit',
    when: onV1,
    of: limits('memory', 'swap'),
  },
  { symbols: ['SWAP'], reason: 'swap limit', of: limits('swap') },
  { symbols: ['CGROUP_MEM_RES_CTLR_SWAP'], until: '3.5', reason: 'swap limit', of: limits('swap') },
  { symbols: ['MEMCG_SWAP'], since: '3.6', until: '6.0', reason: 'swap limit', of: limits('swap') },
  { symbols: ['CGROUP_PIDS'], since: '4.3', reason: 'process limit', of: limits('pids') },
  {
    symbols: ['CGROUP_SCHED', 'FAIR_GROUP_SCHED'],
    reason: 'processor share',
    of: limits('cpu-shares', 'cpu-quota'),
  },
  { symbols: ['CFS_BANDWIDTH'], since: '3.2', reason: 'processor quota', of: limits('cpu-quota') },
  { symbols: ['CPUSETS'], reason: 'processor list', of: limits('cpus') },
  { symbols: ['CPUSETS_V1'], since: '6.12', reason: 'processor list', when: onV1, of: limits('cpus') },

  // Devices, users, system calls.
  { symbols: ['CGROUP_DEVICE'], reason: 'device rules', when: onV1, of: hasDeviceRules },
  // Without them LXC drops the rules with only a line in its log, and every device is accessible.
  {
    symbols: ['CGROUP_BPF', 'BPF_SYSCALL'],
    since: '4.10',
    reason: 'device rules',
    when: onV2,
    of: hasDeviceRules,
  },
  {
    symbols: ['USER_NS'],
    reason: 'user and group maps',
    of: ({ definition }) => definition.idmap.length > 0 && isAsked(definition),
  },
  // By default, root in a container that cannot have them is the root of the device.
  {
    symbols: ['USER_NS'],
    since: '3.8',
    reason: 'unprivileged containers',
    wanted: true,
    of: ({ definition }) => definition.idmap.length > 0 && !isAsked(definition),
  },
  {
    symbols: ['CGROUP_DEVICE'],
    reason: 'default device rules',
    wanted: true,
    when: onV1,
    of: byDefault('devices'),
  },
  {
    symbols: ['CGROUP_BPF', 'BPF_SYSCALL'],
    since: '4.10',
    reason: 'default device rules',
    wanted: true,
    when: onV2,
    of: byDefault('devices'),
  },
  {
    symbols: ['CGROUP_PIDS'],
    since: '4.3',
    reason: 'default process limit',
    wanted: true,
    of: hasDefaultPids,
  },
  { symbols: ['SECCOMP'], reason: 'default seccomp profile', wanted: true, of: byDefault('seccomp') },
  {
    symbols: ['SECCOMP_FILTER'],
    since: '3.5',
    reason: 'default seccomp profile',
    wanted: true,
    of: byDefault('seccomp'),
  },
  { symbols: ['SECCOMP'], reason: 'seccomp profile', of: hasSeccompProfile },
  { symbols: ['SECCOMP_FILTER'], since: '3.5', reason: 'seccomp profile', of: hasSeccompProfile },
];
