import type { Prerequisite } from './symbol-need.ts';

/*
 * The dependencies of the symbols in the rules, so that a configuration that starts from allnoconfig can have them: their
 * menus, and their `depends on` in the Kconfig files of Linux 5.10, 6.1, 6.12 and 7.1. If one of several would do, the
 * table has the one that containers can use.
 *
 * A symbol may have several rows, for several ranges of versions.
 */
export const prerequisites: readonly Prerequisite[] = [
  { symbol: 'NAMESPACES', needs: ['MULTIUSER'], since: '4.1' },
  { symbol: 'UTS_NS', needs: ['NAMESPACES'] },
  // POSIX_MQUEUE would do as well.
  { symbol: 'IPC_NS', needs: ['NAMESPACES', 'SYSVIPC'] },
  { symbol: 'PID_NS', needs: ['NAMESPACES'] },
  { symbol: 'USER_NS', needs: ['NAMESPACES'] },
  { symbol: 'NET_NS', needs: ['NAMESPACES', 'NET'] },
  { symbol: 'TIME_NS', needs: ['NAMESPACES'] },

  { symbol: 'MEMCG', needs: ['CGROUPS'] },
  { symbol: 'MEMCG_V1', needs: ['MEMCG'] },
  { symbol: 'MEMCG_SWAP', needs: ['MEMCG', 'SWAP'] },
  { symbol: 'CGROUP_MEM_RES_CTLR', needs: ['CGROUPS', 'RESOURCE_COUNTERS'] },
  { symbol: 'CGROUP_MEM_RES_CTLR_SWAP', needs: ['CGROUP_MEM_RES_CTLR', 'SWAP'] },
  { symbol: 'RESOURCE_COUNTERS', needs: ['CGROUPS'] },
  { symbol: 'SWAP', needs: ['BLOCK'] },
  { symbol: 'CGROUP_PIDS', needs: ['CGROUPS'] },
  { symbol: 'CGROUP_SCHED', needs: ['CGROUPS'] },
  { symbol: 'FAIR_GROUP_SCHED', needs: ['CGROUP_SCHED'] },
  { symbol: 'CFS_BANDWIDTH', needs: ['FAIR_GROUP_SCHED'] },
  { symbol: 'CPUSETS', needs: ['CGROUPS', 'SMP'] },
  { symbol: 'CPUSETS_V1', needs: ['CPUSETS'] },
  { symbol: 'CGROUP_FREEZER', needs: ['CGROUPS'] },
  { symbol: 'CGROUP_DEVICE', needs: ['CGROUPS'] },
  { symbol: 'CGROUP_BPF', needs: ['CGROUPS', 'BPF_SYSCALL'] },

  { symbol: 'UNIX', needs: ['NET'] },
  { symbol: 'INET', needs: ['NET'] },
  { symbol: 'IPV6', needs: ['INET'] },
  { symbol: 'BRIDGE', needs: ['NET'] },
  { symbol: 'PACKET', needs: ['NET'] },
  { symbol: 'NETFILTER', needs: ['NET', 'INET'] },
  { symbol: 'NF_CONNTRACK', needs: ['NETFILTER'] },
  { symbol: 'NF_CONNTRACK_IPV4', needs: ['NF_CONNTRACK'] },
  { symbol: 'NF_NAT', needs: ['NF_CONNTRACK'] },
  { symbol: 'IP_NF_IPTABLES', needs: ['NETFILTER'] },
  { symbol: 'IP_NF_NAT', needs: ['NF_CONNTRACK', 'IP_NF_IPTABLES'] },
  { symbol: 'IP_NF_NAT', needs: ['IP_NF_IPTABLES_LEGACY'], since: '6.17' },
  { symbol: 'IP_NF_IPTABLES_LEGACY', needs: ['NETFILTER_XTABLES_LEGACY', 'NETFILTER_XTABLES'] },
  { symbol: 'NETFILTER_XTABLES', needs: ['NETFILTER'] },
  { symbol: 'NETFILTER_XT_NAT', needs: ['NF_NAT', 'NETFILTER_XTABLES'] },
  { symbol: 'NETFILTER_XT_TARGET_MASQUERADE', needs: ['NF_NAT', 'NETFILTER_XTABLES'] },
  { symbol: 'NETFILTER_XT_MATCH_ADDRTYPE', needs: ['NETFILTER_XTABLES'] },
  { symbol: 'VLAN_8021Q', needs: ['NET'] },
  { symbol: 'NETDEVICES', needs: ['NET'] },
  { symbol: 'NET_CORE', needs: ['NETDEVICES'] },
  { symbol: 'VETH', needs: ['NET_CORE'] },
  { symbol: 'MACVLAN', needs: ['NET_CORE'] },
  { symbol: 'IPVLAN', needs: ['NET_CORE', 'INET'] },

  { symbol: 'SECCOMP_FILTER', needs: ['SECCOMP', 'NET'] },

  { symbol: 'TMPFS', needs: ['SHMEM'] },
  { symbol: 'TMPFS_XATTR', needs: ['TMPFS'] },
  { symbol: 'MEMFD_CREATE', needs: ['TMPFS'] },
  { symbol: 'PROC_SYSCTL', needs: ['PROC_FS'] },
  { symbol: 'IKCONFIG_PROC', needs: ['IKCONFIG', 'PROC_FS'] },
  { symbol: 'UNIX98_PTYS', needs: ['TTY'], since: '3.9' },
  { symbol: 'POSIX_MQUEUE', needs: ['NET'] },
  // Any tracer switches it on. This one works beside others; ENABLE_DEFAULT_TRACERS does not.
  { symbol: 'TRACING', needs: ['SCHED_TRACER'] },
  { symbol: 'SCHED_TRACER', needs: ['FTRACE'] },

  { symbol: 'EXT2_FS', needs: ['BLOCK'] },
  { symbol: 'EXT3_FS', needs: ['BLOCK'] },
  { symbol: 'EXT4_FS', needs: ['BLOCK'] },
  { symbol: 'VFAT_FS', needs: ['BLOCK'] },
  { symbol: 'SQUASHFS', needs: ['BLOCK', 'MISC_FILESYSTEMS'] },
  { symbol: 'SQUASHFS_ZLIB', needs: ['SQUASHFS'] },
  { symbol: 'CRAMFS', needs: ['BLOCK', 'MISC_FILESYSTEMS'] },
  { symbol: 'JFFS2_FS', needs: ['MTD', 'MISC_FILESYSTEMS'] },
  { symbol: 'UBIFS_FS', needs: ['MTD_UBI', 'MISC_FILESYSTEMS'] },
  { symbol: 'MTD_UBI', needs: ['MTD'] },
  { symbol: 'NFS_FS', needs: ['NETWORK_FILESYSTEMS', 'INET', 'FILE_LOCKING', 'MULTIUSER'] },
  { symbol: 'NETWORK_FILESYSTEMS', needs: ['NET'] },

  { symbol: 'RD_GZIP', needs: ['BLK_DEV_INITRD'] },
  { symbol: 'BLK_DEV', needs: ['BLOCK'] },
  { symbol: 'BLK_DEV_LOOP', needs: ['BLK_DEV'] },
  { symbol: 'VIRTIO_PCI', needs: ['PCI', 'VIRTIO_MENU'] },
  { symbol: 'VIRTIO_BLK', needs: ['BLK_DEV', 'VIRTIO_MENU'] },
  { symbol: 'HW_RANDOM_VIRTIO', needs: ['HW_RANDOM', 'VIRTIO_MENU'] },
  { symbol: 'PCI_QUIRKS', needs: ['PCI'] },
  { symbol: 'SERIAL_8250', needs: ['TTY'], since: '3.9' },
  { symbol: 'SERIAL_8250_CONSOLE', needs: ['SERIAL_8250'] },
  { symbol: 'POWER_RESET_PIIX4_POWEROFF', needs: ['POWER_RESET', 'PCI'] },
  { symbol: 'POWER_RESET_SYSCON', needs: ['POWER_RESET'] },
];
