import type { VersionRange } from '../base/compare-versions.ts';
import type { CgroupLayout } from './cgroup-settings.ts';

/** What becomes of device rules: enforced by the kernel, or the container does not start because of them. */
export type DeviceRules = 'enforced' | 'refused';

/** How a series of LXC gets on with one layout of the cgroup file systems. */
export interface LayoutFit {
  /** `without-settings`: containers start, but outside of any cgroup, and only those that set nothing there. */
  readonly fits: 'yes' | 'without-settings' | 'no';
  readonly devices: DeviceRules;
  readonly reason: string;
  /** Where in LXC's source that stands, or which commit says so. */
  readonly source: string;
}

/** Releases of LXC that behave alike. */
export interface LxcSeries {
  /** As in messages: `6.0`; where a series changed on its way, the last release that is meant: `3.0.3`. */
  readonly name: string;
  readonly since: string;
  readonly until: string;
  readonly layouts: Readonly<Record<CgroupLayout, LayoutFit>>;
  /** Whether a hierarchy of v1 is found wherever it is mounted, or only below /sys/fs/cgroup by its controllers' names. */
  readonly findsHierarchies: 'anywhere' | 'by-name';
  /** The oldest kernel that LXC's developers stand for, where that is newer than what the code needs. */
  readonly supported?: { readonly kernel: string; readonly source: string };
}

/** The part of a profile that needs a kernel; what is `always` there needs it for every container. */
export type KernelUse =
  'always' | 'autodev' | 'devices' | 'memory' | 'pids' | 'cpu' | 'cpuset' | 'idmapped-rootfs';

/** Something of the kernel that releases of LXC cannot do without, or use only when it is there. */
export interface KernelFloor {
  readonly feature: string;
  /** The first Linux that has it. */
  readonly kernel: string;
  readonly use: KernelUse;
  /** Without it on every layout. */
  readonly layout?: CgroupLayout;
  /** The releases that cannot do without; without it none can. */
  readonly needed?: VersionRange | 'never';
  /** The releases that use it, and get by without. */
  readonly optional?: VersionRange;
  /** What happens without it. */
  readonly without: string;
  readonly source: string;
}

/*
 * The layouts by series, read in LXC's source at the tags of every release; test/rigs/matrix-cells.ts says which of them
 * are booted, and npm run compatibility writes the page of it all.
 */

const V1: LayoutFit = {
  fits: 'yes',
  devices: 'enforced',
  reason: 'one hierarchy per controller, below /sys/fs/cgroup',
  source: 'src/lxc/cgroups/cgfsng.c, cg_hybrid_init(), later __initialize_cgroups()',
};

const CGFS_V1: LayoutFit = {
  ...V1,
  reason: 'any hierarchies of v1, wherever they are mounted read-write',
  source: 'cgfs.c, find_cgroup_subsystems() and find_cgroup_hierarchies()',
};

const CGFS_SINGLE: LayoutFit = {
  ...CGFS_V1,
  reason:
    'the combined hierarchy works, with cgroup.clone_children set: else no process can enter a new group',
  source: 'cgfs.c, handle_cgroup_settings()',
};

const CGFS_V2: LayoutFit = {
  fits: 'no',
  devices: 'refused',
  reason: 'the old cgroup code finds nothing to work with where only v2 is mounted, and no key is for v2',
  source: 'cgfs.c; confile.c has lxc.cgroup alone',
};

const V2: LayoutFit = {
  fits: 'yes',
  devices: 'enforced',
  reason: 'device rules are an eBPF program of each cgroup',
  source: 'src/lxc/cgroups/cgroup2_devices.c, since bf6519892',
};

const V2_WITHOUT_DEVICES: LayoutFit = {
  fits: 'yes',
  devices: 'refused',
  reason:
    'there is no device program yet: rules are written into files that v2 does not have, and the start fails',
  source: 'src/lxc/cgroups/cgfsng.c, __cg_unified_setup_limits()',
};

const V2_WITHOUT_SETTINGS: LayoutFit = {
  fits: 'without-settings',
  devices: 'refused',
  reason:
    'where only v2 is mounted it does not note which of its hierarchies that is, and with any setting the start fails',
  source: 'src/lxc/cgroups/cgfsng.c, cg_unified_init(), __cg_unified_setup_limits()',
};

const SINGLE_WITHOUT_SETTINGS: LayoutFit = {
  fits: 'without-settings',
  devices: 'refused',
  reason:
    'a hierarchy counts only in a directory below /sys/fs/cgroup that is called like its controllers, so none is found; with settings the start fails',
  source:
    'src/lxc/cgroups/cgfsng.c, cg_hybrid_get_controllers(), later __initialize_cgroups(); cgfsng_setup_limits_legacy()',
};

const SINGLE_CRASHES: LayoutFit = {
  fits: 'no',
  devices: 'refused',
  reason: 'a hierarchy counts only in a directory below /sys/fs/cgroup, and without any the start fails',
  source: 'src/lxc/cgroups/cgfsng.c, cgfsng_payload_create(): loops over hierarchies that are not there',
};

const V1_DROPPED: LayoutFit = {
  fits: 'no',
  devices: 'refused',
  reason: 'LXC 7.0 dropped cgroup v1: its keys, its device rules, its freezer',
  source: 'commits f29c3a3a6, dfa8ea976, 95ac49ec6',
};

const CGFS = { v2: CGFS_V2, v1: CGFS_V1, 'v1-single': CGFS_SINGLE } as const;

/**
 * The releases that take a hierarchy of v1 in a directory of its name below /sys/fs/cgroup, also a named one, for a sign
 * that v1 and v2 are mixed, though cgroup2 is mounted at /sys/fs/cgroup itself: they then set no limit of v2 and load no
 * device program (cgfsng.c, __initialize_cgroups(); pure_unified_layout()). One that is mounted elsewhere does no harm.
 */
export const MIXED_BY_ANY_HIERARCHY: VersionRange = { since: '4.0.12' };

export const lxcSeries: readonly LxcSeries[] = [
  { name: '1.0', since: '1.0.0', until: '1.0.11', layouts: CGFS, findsHierarchies: 'anywhere' },
  {
    name: '1.1',
    since: '1.1.0',
    until: '1.1.5',
    layouts: CGFS,
    findsHierarchies: 'anywhere',
  },
  {
    name: '2.0',
    since: '2.0.0',
    until: '2.0.11',
    layouts: {
      ...CGFS,
      // 2.0.10 and 2.0.11 got the cgroup code of 3.0, which knows v2, but none of its keys.
      v2: { ...CGFS_V2, reason: `${CGFS_V2.reason}; 2.0.10 and 2.0.11 look for v2, but cannot set anything` },
    },
    findsHierarchies: 'anywhere',
  },
  {
    name: '2.1',
    since: '2.1.0',
    until: '2.1.1',
    layouts: CGFS,
    findsHierarchies: 'anywhere',
  },
  {
    name: '3.0.3',
    since: '3.0.0',
    until: '3.0.3',
    layouts: { v2: V2_WITHOUT_SETTINGS, v1: V1, 'v1-single': SINGLE_CRASHES },
    findsHierarchies: 'by-name',
  },
  {
    name: '3.0',
    since: '3.0.4',
    until: '3.0.4',
    layouts: { v2: V2_WITHOUT_DEVICES, v1: V1, 'v1-single': SINGLE_WITHOUT_SETTINGS },
    findsHierarchies: 'by-name',
  },
  {
    name: '3.1',
    since: '3.1.0',
    until: '3.1.0',
    layouts: { v2: V2_WITHOUT_SETTINGS, v1: V1, 'v1-single': SINGLE_CRASHES },
    findsHierarchies: 'by-name',
  },
  {
    name: '3.2',
    since: '3.2.0',
    until: '3.2.1',
    layouts: { v2: V2_WITHOUT_DEVICES, v1: V1, 'v1-single': SINGLE_WITHOUT_SETTINGS },
    findsHierarchies: 'by-name',
  },
  {
    name: '4.0',
    since: '4.0.0',
    until: '4.0.12',
    layouts: { v2: V2, v1: V1, 'v1-single': SINGLE_WITHOUT_SETTINGS },
    findsHierarchies: 'by-name',
  },
  {
    name: '5.0',
    since: '5.0.0',
    until: '5.0.3',
    layouts: { v2: V2, v1: V1, 'v1-single': SINGLE_WITHOUT_SETTINGS },
    findsHierarchies: 'by-name',
  },
  {
    name: '6.0',
    since: '6.0.0',
    until: '6.0.6',
    layouts: { v2: V2, v1: V1, 'v1-single': SINGLE_WITHOUT_SETTINGS },
    findsHierarchies: 'by-name',
  },
  {
    name: '7.0',
    since: '7.0.0',
    until: '7.0.0',
    layouts: { v2: V2, v1: V1_DROPPED, 'v1-single': V1_DROPPED },
    findsHierarchies: 'by-name',
    supported: { kernel: '6.12', source: 'commit 87ff1e31e: "We agreed to set 6.12"' },
  },
];

const SINCE_7: VersionRange = { since: '7.0.0' };
/** The releases between the first one that has the code and the last one that has another way beside it. */
const upTo6 = (since: string): VersionRange => ({ since, until: '6.0.6' });

/** In the order of the kernel's releases. */
export const kernelFloors: readonly KernelFloor[] = [
  {
    feature: 'namespaces and cgroups',
    kernel: '2.6.32',
    use: 'always',
    without: 'LXC names no older kernel',
    source: 'README.md, "Kernel Requirements", of every release',
  },
  {
    feature: 'the controller pids',
    kernel: '4.3',
    use: 'pids',
    without: 'the file pids.max is not there, and the start fails',
    source: 'Documentation/admin-guide/cgroup-v1/pids.rst',
  },
  {
    feature: 'cgroup v2',
    kernel: '4.5',
    use: 'always',
    layout: 'v2',
    without: 'nothing can be mounted',
    source: 'Documentation/admin-guide/cgroup-v2.rst',
  },
  {
    feature: 'the controller cpu of cgroup v2',
    kernel: '4.15',
    use: 'cpu',
    layout: 'v2',
    without: 'the files cpu.weight and cpu.max are not there, and the start fails',
    source: 'Documentation/admin-guide/cgroup-v2.rst, "CPU"',
  },
  {
    feature: 'device rules by eBPF',
    kernel: '4.15',
    use: 'devices',
    layout: 'v2',
    without: 'LXC drops the rules without a word, and every device is open',
    source: 'cgroup2_devices.c, bpf_devices_cgroup_supported()',
  },
  {
    feature: 'the controller cpuset of cgroup v2',
    kernel: '5.0',
    use: 'cpuset',
    layout: 'v2',
    without: 'the file cpuset.cpus is not there, and the start fails',
    source: 'Documentation/admin-guide/cgroup-v2.rst, "Cpuset"',
  },
  {
    feature: 'the new mount API (fsopen, open_tree, move_mount)',
    kernel: '5.2',
    use: 'always',
    needed: SINCE_7,
    optional: upTo6('4.0.7'),
    without: 'no terminal and no /dev can be mounted',
    source: 'commit 9e541fa86',
  },
  {
    feature: 'clone3() with CLONE_PIDFD',
    kernel: '5.3',
    use: 'always',
    needed: SINCE_7,
    optional: upTo6('4.0.4'),
    without: 'no container can be started',
    source: 'start.c, lxc_spawn(); commit 87ff1e31e',
  },
  {
    feature: 'waitid(P_PIDFD)',
    kernel: '5.4',
    use: 'always',
    needed: SINCE_7,
    optional: upTo6('4.0.0'),
    without: 'the start of every container is given up',
    source: 'utils.c, lxc_can_use_pidfd(), for lxc_spawn(); commit 87ff1e31e',
  },
  {
    feature: 'openat2()',
    kernel: '5.6',
    use: 'autodev',
    needed: SINCE_7,
    optional: upTo6('4.0.5'),
    without: 'no container with autodev gets its /dev',
    source: 'mount_utils.c, fs_attach(), for mount_autodev() in conf.c; commit 9e541fa86',
  },
  {
    feature: 'clone3() with CLONE_INTO_CGROUP',
    kernel: '5.7',
    use: 'always',
    needed: 'never',
    optional: { since: '4.0.4' },
    without: 'the container is moved into its cgroup after its start',
    source: 'start.c, lxc_spawn()',
  },
  {
    feature: 'mount_setattr() with MOUNT_ATTR_IDMAP',
    kernel: '5.12',
    use: 'idmapped-rootfs',
    needed: { since: '4.0.7' },
    without: 'lxc.rootfs.options with idmap= makes the start fail; nothing else needs it',
    source: 'conf.c, lxc_rootfs_prepare_parent(); mount_utils.c, can_use_bind_mounts()',
  },
];
