import type { ContainerDefinition } from '../board/container-schema.ts';
import { automaticMounts } from './automatic-mounts.ts';
import type { VersionRange } from '../base/compare-versions.ts';

/** What a feature of a container needs of the kernel. */
export interface KernelRule extends VersionRange {
  /** Without `CONFIG_`. */
  readonly symbols: readonly string[];
  /** What needs them. */
  readonly feature: string;
  /** `cgroup` is the version the board mounts. */
  readonly when: (container: ContainerDefinition, cgroup: 'v1' | 'v2') => boolean;
}

/*
 * From the clone flags, mounts and cgroup files in LXC's source, and the Kconfig files of Linux.
 * `since` and `until` are kernel versions, set where the symbol is asked for only there: an older or a newer
 * kernel does the same without it.
 */
export const kernelRules: readonly KernelRule[] = [
  {
    feature: 'every container',
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
    when: () => true,
  },
  {
    feature: 'network namespace',
    symbols: ['NET_NS'],
    when: ({ network }) => !network.some(isOfType('none')),
  },
  { feature: 'veth interface', symbols: ['VETH'], when: ({ network }) => network.some(isOfType('veth')) },
  {
    feature: 'veth interface on a bridge',
    symbols: ['BRIDGE'],
    when: ({ network }) => network.some((one) => one.type === 'veth' && one.link !== undefined),
  },
  {
    feature: 'macvlan interface',
    symbols: ['MACVLAN'],
    when: ({ network }) => network.some(isOfType('macvlan')),
  },
  {
    feature: 'VLAN interface',
    symbols: ['VLAN_8021Q'],
    when: ({ network }) => network.some(isOfType('vlan')),
  },
  {
    feature: 'IPv4 address',
    symbols: ['INET'],
    when: ({ network }) => network.some(({ ipv4 }) => ipv4.length > 0),
  },
  {
    feature: 'IPv6 address',
    symbols: ['IPV6'],
    when: ({ network }) => network.some(({ ipv6 }) => ipv6.length > 0),
  },
  { feature: '/dev made by LXC', symbols: ['TMPFS'], when: ({ autodev }) => autodev },
  { feature: 'console or terminals', symbols: ['UNIX98_PTYS'], when: hasTerminals },
  // From 4.7 on every devpts is an instance of its own.
  {
    feature: 'console or terminals',
    symbols: ['DEVPTS_MULTIPLE_INSTANCES'],
    until: '4.6',
    when: hasTerminals,
  },
  {
    feature: 'sysfs',
    symbols: ['SYSFS'],
    when: (container) => automaticMounts(container).some((word) => word.startsWith('sys')),
  },
  { feature: 'memory limit', symbols: ['MEMCG'], when: limitsMemory },
  { feature: 'memory limit', symbols: ['MEMCG_V1'], since: '6.11', when: on('v1', limitsMemory) },
  { feature: 'memory limit', symbols: ['RESOURCE_COUNTERS'], until: '3.18', when: limitsMemory },
  { feature: 'swap limit', symbols: ['SWAP'], when: ({ limits }) => limits.swap !== undefined },
  {
    feature: 'swap limit',
    symbols: ['MEMCG_SWAP'],
    until: '6.0',
    when: ({ limits }) => limits.swap !== undefined,
  },
  { feature: 'process limit', symbols: ['CGROUP_PIDS'], when: ({ limits }) => limits.pids !== undefined },
  { feature: 'processor share', symbols: ['CGROUP_SCHED', 'FAIR_GROUP_SCHED'], when: limitsProcessorTime },
  {
    feature: 'processor quota',
    symbols: ['CFS_BANDWIDTH'],
    when: ({ limits }) => limits['cpu-quota'] !== undefined,
  },
  { feature: 'processor list', symbols: ['CPUSETS'], when: limitsProcessors },
  { feature: 'processor list', symbols: ['CPUSETS_V1'], since: '6.12', when: on('v1', limitsProcessors) },
  { feature: 'device rules', symbols: ['CGROUP_DEVICE'], when: on('v1', hasDeviceRules) },
  // Without them LXC drops the rules with no more than a line in its log, and every device is open.
  { feature: 'device rules', symbols: ['CGROUP_BPF', 'BPF_SYSCALL'], when: on('v2', hasDeviceRules) },
  { feature: 'user and group maps', symbols: ['USER_NS'], when: ({ idmap }) => idmap.length > 0 },
  {
    feature: 'seccomp profile',
    symbols: ['SECCOMP', 'SECCOMP_FILTER'],
    when: ({ seccomp }) => seccomp !== undefined,
  },
];

/** The symbol behind each file system that a container may mount. */
export const fileSystemSymbols: Readonly<Record<string, string>> = {
  configfs: 'CONFIGFS_FS',
  cramfs: 'CRAMFS',
  debugfs: 'DEBUG_FS',
  devpts: 'UNIX98_PTYS',
  devtmpfs: 'DEVTMPFS',
  ext2: 'EXT2_FS',
  ext3: 'EXT3_FS',
  ext4: 'EXT4_FS',
  fuse: 'FUSE_FS',
  jffs2: 'JFFS2_FS',
  mqueue: 'POSIX_MQUEUE',
  nfs: 'NFS_FS',
  overlay: 'OVERLAY_FS',
  proc: 'PROC_FS',
  securityfs: 'SECURITYFS',
  squashfs: 'SQUASHFS',
  sysfs: 'SYSFS',
  tmpfs: 'TMPFS',
  tracefs: 'TRACING',
  ubifs: 'UBIFS_FS',
  vfat: 'VFAT_FS',
};

function isOfType(wanted: string): (network: ContainerDefinition['network'][number]) => boolean {
  return ({ type }) => type === wanted;
}

function on(version: 'v1' | 'v2', when: (container: ContainerDefinition) => boolean): KernelRule['when'] {
  return (container, cgroup) => cgroup === version && when(container);
}

function hasTerminals({ console, pty = 0, tty = 0 }: ContainerDefinition): boolean {
  return console !== 'none' || pty > 0 || tty > 0;
}

function limitsMemory({ limits }: ContainerDefinition): boolean {
  return limits.memory !== undefined || limits.swap !== undefined;
}

function limitsProcessorTime({ limits }: ContainerDefinition): boolean {
  return limits['cpu-shares'] !== undefined || limits['cpu-quota'] !== undefined;
}

function limitsProcessors({ limits }: ContainerDefinition): boolean {
  return limits.cpus !== undefined;
}

function hasDeviceRules({ devices }: ContainerDefinition): boolean {
  return devices !== undefined;
}
