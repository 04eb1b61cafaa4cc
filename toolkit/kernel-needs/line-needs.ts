import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import type { BoardDescription } from './board-description.ts';
import { fileSystems } from './file-systems.ts';

/** The symbols that a cgroup file needs to exist. */
interface CgroupFileNeed extends VersionRange {
  readonly file: RegExp;
  /** Without it, the need holds for both versions of cgroup. */
  readonly cgroup?: 'v1' | 'v2';
  /** Without `CONFIG_`. */
  readonly symbols: readonly string[];
}

/*
 * A limit in a file that the kernel does not have keeps a container from starting: LXC cannot open the file.
 *
 * From the cftype tables of Linux 4.9, 5.10, 6.1 and 6.12 (mm/, kernel/sched/, kernel/cgroup/, block/) and the Kconfig
 * files beside them.
 */
const cgroupFileNeeds: readonly CgroupFileNeed[] = [
  { file: /^memory\./, symbols: ['CGROUP_MEM_RES_CTLR', 'RESOURCE_COUNTERS'], until: '3.5' },
  { file: /^memory\./, symbols: ['RESOURCE_COUNTERS'], since: '3.6', until: '3.18' },
  { file: /^memory\./, symbols: ['MEMCG'], since: '3.6' },
  { file: /^memory\./, cgroup: 'v1', symbols: ['MEMCG_V1'], since: '6.11' },
  { file: /^memory\.(?:memsw|swap)\./, symbols: ['SWAP'] },
  { file: /^memory\.(?:memsw|swap)\./, symbols: ['MEMCG_SWAP'], since: '3.6', until: '6.0' },
  { file: /^memory\.kmem\./, cgroup: 'v1', symbols: ['MEMCG_KMEM'], since: '3.8', until: '4.4' },
  { file: /^memory\.zswap\./, symbols: ['ZSWAP'], since: '5.19' },

  { file: /^pids\./, symbols: ['CGROUP_PIDS'], since: '4.3' },

  {
    file: /^cpu\.(?:shares|idle|max|cfs_|weight)/,
    symbols: ['CGROUP_SCHED', 'FAIR_GROUP_SCHED'],
  },
  { file: /^cpu\.(?:max|cfs_)/, symbols: ['CFS_BANDWIDTH'], since: '3.2' },
  { file: /^cpu\.rt_/, symbols: ['CGROUP_SCHED', 'RT_GROUP_SCHED'] },
  { file: /^cpu\.uclamp\./, symbols: ['UCLAMP_TASK_GROUP'], since: '5.4' },
  { file: /^cpuacct\./, symbols: ['CGROUP_CPUACCT'] },
  { file: /^cpuset\./, symbols: ['CPUSETS'] },
  { file: /^cpuset\./, cgroup: 'v1', symbols: ['CPUSETS_V1'], since: '6.12' },

  { file: /^(?:blkio|io)\./, symbols: ['BLK_CGROUP'] },
  { file: /^blkio\.throttle\./, cgroup: 'v1', symbols: ['BLK_DEV_THROTTLING'], since: '2.6.37' },
  { file: /^io\.max$/, symbols: ['BLK_DEV_THROTTLING'] },
  { file: /^blkio\.weight/, cgroup: 'v1', symbols: ['CFQ_GROUP_IOSCHED'], until: '4.20' },
  { file: /^io\.weight$/, symbols: ['CFQ_GROUP_IOSCHED'], until: '4.20' },
  // Linux 5.0 removed the CFQ scheduler; BFQ has its own weight files.
  { file: /^io\.(?:weight|cost\.\w+)$/, symbols: ['BLK_CGROUP_IOCOST'], since: '5.4' },
  { file: /^(?:blkio|io)\.bfq\./, symbols: ['BFQ_GROUP_IOSCHED'], since: '4.12' },
  { file: /^io\.latency$/, symbols: ['BLK_CGROUP_IOLATENCY'], since: '4.19' },
  { file: /^io\.prio\.class$/, symbols: ['BLK_CGROUP_IOPRIO'], since: '5.14' },

  { file: /^hugetlb\./, symbols: ['CGROUP_HUGETLB'], since: '3.6' },
  { file: /^rdma\./, symbols: ['CGROUP_RDMA'], since: '4.11' },
  { file: /^misc\./, symbols: ['CGROUP_MISC'], since: '5.13' },
  { file: /^dmem\./, symbols: ['CGROUP_DMEM'], since: '6.14' },

  { file: /^devices\./, cgroup: 'v1', symbols: ['CGROUP_DEVICE'] },
  { file: /^devices\./, cgroup: 'v2', symbols: ['CGROUP_BPF', 'BPF_SYSCALL'], since: '4.10' },
  { file: /^freezer\./, symbols: ['CGROUP_FREEZER'] },
  { file: /^net_cls\./, symbols: ['NET_CLS_CGROUP'], until: '3.13' },
  { file: /^net_cls\./, symbols: ['CGROUP_NET_CLASSID'], since: '3.14' },
  { file: /^net_prio\./, symbols: ['NETPRIO_CGROUP'], since: '3.3', until: '3.13' },
  { file: /^net_prio\./, symbols: ['CGROUP_NET_PRIO'], since: '3.14' },
];

/** The symbols that a value of a key needs, when the key alone does not decide. */
interface ValueNeed {
  readonly key: RegExp;
  readonly value: RegExp;
  readonly symbols: readonly string[];
}

const INTERFACE_TYPE = /^lxc\.net(?:work)?\.(?:\d+\.)?type$/;

const valueNeeds: readonly ValueNeed[] = [
  { key: INTERFACE_TYPE, value: /^veth$/, symbols: ['VETH'] },
  { key: INTERFACE_TYPE, value: /^macvlan$/, symbols: ['MACVLAN'] },
  { key: INTERFACE_TYPE, value: /^ipvlan$/, symbols: ['IPVLAN'] },
  { key: INTERFACE_TYPE, value: /^vlan$/, symbols: ['VLAN_8021Q'] },
  { key: /^lxc\.net(?:work)?\.(?:\d+\.)?ipv4(?:\.address)?$/, value: /\d/, symbols: ['INET'] },
  { key: /^lxc\.net(?:work)?\.(?:\d+\.)?ipv6(?:\.address)?$/, value: /:/, symbols: ['IPV6'] },
  { key: /^lxc\.rootfs(?:\.path)?$/, value: /^overlay(?:fs)?:/, symbols: ['OVERLAY_FS'] },
  { key: /^lxc\.rootfs(?:\.path)?$/, value: /^loop:/, symbols: ['BLK_DEV_LOOP'] },
];

/** Returns the symbols that one line of an LXC configuration needs, beyond those of its key; without `CONFIG_`. */
export function symbolsOfLine(key: string, value: string, board: BoardDescription): string[] {
  if (value === '') return [];
  return [
    ...cgroupSymbols(key, board),
    ...valueNeeds
      .filter((need) => need.key.test(key) && need.value.test(value))
      .flatMap(({ symbols }) => symbols),
    ...(key === 'lxc.mount.entry' ? mountSymbols(value, board) : []),
  ];
}

function cgroupSymbols(key: string, { cgroup, kernelVersion }: BoardDescription): string[] {
  const version = cgroup === 'v2' ? 'v2' : 'v1';
  const file = new RegExp(`^lxc\\.cgroup${version === 'v2' ? '2' : ''}\\.(.+)$`).exec(key)?.[1];
  // These say where LXC puts the container's own group; they are not files of the kernel.
  if (file === undefined || /^(?:dir|relative)\b/.test(file)) return [];
  return cgroupFileNeeds
    .filter((need) => need.file.test(file) && (need.cgroup ?? version) === version)
    .filter((need) => inVersionRange(kernelVersion, need))
    .flatMap(({ symbols }) => symbols);
}

/** A mount that may fail (`optional`) needs nothing. */
function mountSymbols(entry: string, { kernelVersion }: BoardDescription): string[] {
  const [, , type = '', options = ''] = entry.split(/\s+/);
  if (options.split(',').includes('optional')) return [];
  return (fileSystems[type] ?? [])
    .filter((range) => inVersionRange(kernelVersion, range))
    .map(({ symbol }) => symbol);
}
