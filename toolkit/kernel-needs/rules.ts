import type { VersionRange } from '../base/compare-versions.ts';
import type { BoardDescription, DescribedContainer } from './board-description.ts';
import type { SymbolNeed } from './symbol-need.ts';

/** What one subject needs of the kernel. */
export interface Rule extends SymbolNeed {
  /** Releases of LXC that need it; without it all. */
  readonly lxc?: VersionRange;
  /** Without it the rule holds for every board. */
  readonly when?: (board: BoardDescription) => boolean;
  /** Asked for each container; the reason then names those that it holds for. */
  readonly of?: (container: DescribedContainer, board: BoardDescription) => boolean;
}

type Network = DescribedContainer['definition']['network'][number];

const onV1 = ({ cgroup }: BoardDescription): boolean => cgroup !== 'v2';
const onV2 = ({ cgroup }: BoardDescription): boolean => cgroup === 'v2';
const hasContainers = ({ containers }: BoardDescription): boolean => containers.length > 0;
const has =
  (type: Network['type']) =>
  ({ definition }: DescribedContainer): boolean =>
    definition.network.some((one) => one.type === type);
const limits =
  (...names: (keyof DescribedContainer['definition']['limits'])[]) =>
  ({ definition }: DescribedContainer): boolean =>
    names.some((name) => definition.limits[name] !== undefined);
const hasSeccompProfile = ({ definition }: DescribedContainer): boolean => definition.seccomp !== undefined;
const hasDeviceRules = ({ definition }: DescribedContainer): boolean => definition.devices !== undefined;
const makesBridge = ({ bridges }: BoardDescription): boolean => bridges.some(({ external }) => !external);
const translates = ({ bridges }: BoardDescription): boolean =>
  bridges.some(({ nat, forward }) => nat || forward.length > 0);
const forwardsPorts = ({ bridges }: BoardDescription): boolean =>
  bridges.some(({ forward }) => forward.length > 0);
const asksForAddress = ({ bridges, interfaces }: BoardDescription): boolean =>
  [...bridges, ...interfaces].some(({ dhcp }) => dhcp);
const mountsItself =
  (word: string) =>
  ({ automaticMounts }: DescribedContainer): boolean =>
    automaticMounts.some((one) => one.startsWith(word));

function hasTerminals({ definition: { console, pty = 0, tty = 0 } }: DescribedContainer): boolean {
  return console !== 'none' || pty > 0 || tty > 0;
}

/*
 * What the root filesystem, LXC and containers need. The rows of architectures, machines and image formats say for
 * themselves what they need; list-needs.ts puts all of them together.
 *
 * From the clone flags, mounts, sockets and cgroup files in LXC's source, from rootfs-skeleton/, and from the Kconfig
 * files of Linux 5.10, 6.1, 6.12 and 7.1. Older names are those of the kernel's history.
 */
export const rules: readonly Rule[] = [
  {
    symbols: ['EXPERT'],
    since: '2.6.38',
    reason: 'a small kernel: from allnoconfig, only with it what nobody needs stays off',
    wanted: true,
    when: ({ fromNothing }) => fromNothing,
  },

  // The root filesystem: what starts init, and what /etc/init.d/rcS mounts and sets.
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
    reason: 'LXC reads configurations through a memfd, or else a file in /tmp',
    wanted: true,
    when: hasContainers,
  },
  {
    symbols: ['IKCONFIG_PROC'],
    reason: 'lxc-checkconfig reads /proc/config.gz',
    wanted: true,
    when: hasContainers,
  },

  // The cgroup layout.
  {
    symbols: ['CGROUP_FREEZER'],
    lxc: { until: '2.1.1' },
    reason: 'a hierarchy of cgroup v1, without which this LXC starts nothing',
    when: (board) => hasContainers(board) && onV1(board),
  },
  {
    symbols: ['CGROUP_FREEZER'],
    reason: 'a controller: without any, all of them cannot be mounted in one hierarchy',
    when: ({ cgroup }) => cgroup === 'v1-single',
  },
  {
    symbols: ['CGROUP_FREEZER'],
    reason: 'lxc-freeze on cgroup v1',
    wanted: true,
    when: (board) => hasContainers(board) && onV1(board),
  },

  // Network.
  { symbols: ['NET_NS'], reason: 'network namespace', of: (container) => !has('none')(container) },
  { symbols: ['VETH'], reason: 'veth interface', of: has('veth') },
  {
    symbols: ['BRIDGE'],
    reason: 'veth interface on a bridge',
    of: ({ definition }) =>
      definition.network.some(({ type, link }) => type === 'veth' && link !== undefined),
  },
  { symbols: ['MACVLAN'], reason: 'macvlan interface', of: has('macvlan') },
  { symbols: ['VLAN_8021Q'], reason: 'VLAN interface', of: has('vlan') },
  {
    symbols: ['INET'],
    reason: 'IPv4 address',
    of: ({ definition }) => definition.network.some(({ ipv4 }) => ipv4.length > 0),
  },
  {
    symbols: ['IPV6'],
    reason: 'IPv6 address',
    of: ({ definition }) => definition.network.some(({ ipv6 }) => ipv6.length > 0),
  },

  { symbols: ['BRIDGE'], reason: 'the bridges of the device', when: makesBridge },
  // udhcpc hears the answer before the interface has an address.
  { symbols: ['PACKET'], reason: 'the address from a DHCP server', when: asksForAddress },

  // Address translation: nat and forward of a bridge, told to the kernel by iptables.
  {
    symbols: ['NETFILTER', 'NF_CONNTRACK', 'IP_NF_IPTABLES', 'NF_NAT'],
    reason: 'address translation of a bridge',
    when: translates,
  },
  {
    symbols: ['NF_CONNTRACK_IPV4'],
    until: '4.18',
    reason: 'address translation of a bridge',
    when: translates,
  },
  { symbols: ['NF_NAT_IPV4'], since: '3.7', until: '3.16', reason: 'the nat table', when: translates },
  { symbols: ['IP_NF_NAT'], since: '3.17', reason: 'the nat table', when: translates },
  {
    symbols: ['IP_NF_TARGET_MASQUERADE'],
    until: '5.1',
    reason: 'masquerading behind the address of the device',
    when: translates,
  },
  {
    symbols: ['NETFILTER_XT_TARGET_MASQUERADE'],
    since: '5.2',
    reason: 'masquerading behind the address of the device',
    when: translates,
  },
  {
    symbols: ['IP_NF_MATCH_ADDRTYPE'],
    until: '2.6.38',
    reason: 'forwarded ports of the device',
    when: forwardsPorts,
  },
  {
    symbols: ['NETFILTER_XT_MATCH_ADDRTYPE'],
    since: '2.6.39',
    reason: 'forwarded ports of the device',
    when: forwardsPorts,
  },
  // Earlier the nat table brings DNAT along.
  {
    symbols: ['NETFILTER_XT_NAT'],
    since: '3.7',
    reason: 'forwarded ports of the device',
    when: forwardsPorts,
  },

  // File systems and terminals.
  { symbols: ['TMPFS'], reason: '/dev made by LXC', of: ({ definition }) => definition.autodev },
  { symbols: ['UNIX98_PTYS'], reason: 'console or terminals', of: hasTerminals },
  // From 4.7 on every devpts is an instance of its own.
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
  // Without them LXC drops the rules with no more than a line in its log, and every device is open.
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
    of: ({ definition }) => definition.idmap.length > 0,
  },
  { symbols: ['SECCOMP'], reason: 'seccomp profile', of: hasSeccompProfile },
  { symbols: ['SECCOMP_FILTER'], since: '3.5', reason: 'seccomp profile', of: hasSeccompProfile },
];

/** The symbols behind each file system that a container may mount, with the kernel versions that have them. */
export const fileSystems: Readonly<Record<string, readonly (VersionRange & { readonly symbol: string })[]>> =
  {
    configfs: [{ symbol: 'CONFIGFS_FS' }],
    cramfs: [{ symbol: 'CRAMFS' }],
    debugfs: [{ symbol: 'DEBUG_FS' }],
    devpts: [{ symbol: 'UNIX98_PTYS' }],
    devtmpfs: [{ symbol: 'DEVTMPFS' }],
    ext2: [{ symbol: 'EXT2_FS' }],
    // ext4 mounts ext3 too; the driver of its own left in 4.3.
    ext3: [
      { symbol: 'EXT3_FS', until: '4.2' },
      { symbol: 'EXT4_FS', since: '4.3' },
    ],
    ext4: [{ symbol: 'EXT4_FS' }],
    fuse: [{ symbol: 'FUSE_FS' }],
    jffs2: [{ symbol: 'JFFS2_FS' }],
    mqueue: [{ symbol: 'POSIX_MQUEUE' }],
    nfs: [{ symbol: 'NFS_FS' }],
    overlay: [{ symbol: 'OVERLAY_FS', since: '3.18' }],
    proc: [{ symbol: 'PROC_FS' }],
    securityfs: [{ symbol: 'SECURITYFS' }],
    squashfs: [{ symbol: 'SQUASHFS' }],
    sysfs: [{ symbol: 'SYSFS' }],
    tmpfs: [{ symbol: 'TMPFS' }],
    tracefs: [{ symbol: 'TRACING' }],
    ubifs: [{ symbol: 'UBIFS_FS' }],
    vfat: [{ symbol: 'VFAT_FS' }],
  };
