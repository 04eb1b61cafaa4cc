import type { VersionRange } from '../base/compare-versions.ts';
import type { CgroupLayout } from './layouts.ts';

/** The effect of device rules: the kernel enforces them, or the container does not start because of them. */
export type DeviceRules = 'enforced' | 'refused';

/** How well a series of LXC works on one cgroup layout. */
export interface LayoutFit {
  /** `without-settings`: only containers without cgroup settings start, and outside any cgroup. */
  readonly fits: 'yes' | 'without-settings' | 'no';
  readonly devices: DeviceRules;
  readonly reason: string;
  /** The place in LXC's source, or the commit, that shows it. */
  readonly source: string;
}

/** Releases of LXC with the same behaviour. */
export interface LxcSeries {
  /** The name in messages: `6.0`; if the behaviour changed within a series, its last release: `3.0.3`. */
  readonly name: string;
  readonly since: string;
  readonly until: string;
  readonly layouts: Readonly<Record<CgroupLayout, LayoutFit>>;
  /** Whether LXC finds a v1 hierarchy wherever it is mounted, or only below /sys/fs/cgroup by its controllers' names. */
  readonly findsHierarchies: 'anywhere' | 'by-name';
  /** The oldest kernel that LXC's developers support, if that is newer than the code needs. */
  readonly supported?: { readonly kernel: string; readonly source: string };
}

/** The part of a profile that needs a kernel feature; `always` means every container. */
export type KernelUse =
  'always' | 'autodev' | 'devices' | 'memory' | 'pids' | 'cpu' | 'cpuset' | 'idmapped-rootfs';

/** A kernel feature that releases of LXC need, or use if available. */
export interface KernelFloor {
  readonly feature: string;
  /** The first Linux release with the feature. */
  readonly kernel: string;
  readonly use: KernelUse;
  /** Undefined: on every layout. */
  readonly layout?: CgroupLayout;
  /** The releases that need the feature; undefined: all. */
  readonly needed?: VersionRange | 'never';
  /** The releases that use the feature if available. */
  readonly optional?: VersionRange;
  /** The consequence if the kernel lacks the feature. */
  readonly without: string;
  readonly source: string;
}

/*
 * The layouts by series, read in LXC's source at the tags of all releases; test/rigs/matrix-cells.ts says which of them
 * the tests boot, and npm run compatibility writes the documentation page.
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
    'the combined hierarchy works if cgroup.clone_children is set; otherwise no process can enter a new group',
  source: 'cgfs.c, handle_cgroup_settings()',
};

const CGFS_V2: LayoutFit = {
  fits: 'no',
  devices: 'refused',
  reason: 'the old cgroup code finds no hierarchy if only v2 is mounted, and it has no keys for v2',
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
  reason: 'it has no device program yet: it writes rules to files that v2 does not have, and the start fails',
  source: 'src/lxc/cgroups/cgfsng.c, __cg_unified_setup_limits()',
};

const V2_WITHOUT_SETTINGS: LayoutFit = {
  fits: 'without-settings',
  devices: 'refused',
  reason: 'if only v2 is mounted, it does not record the v2 hierarchy, and with any setting the start fails',
  source: 'src/lxc/cgroups/cgfsng.c, cg_unified_init(), __cg_unified_setup_limits()',
};

const SINGLE_WITHOUT_SETTINGS: LayoutFit = {
  fits: 'without-settings',
  devices: 'refused',
  reason:
    'it looks for a hierarchy only in a directory below /sys/fs/cgroup named like its controllers, so it finds none; with settings the start fails',
  source:
    'src/lxc/cgroups/cgfsng.c, cg_hybrid_get_controllers(), later __initialize_cgroups(); cgfsng_setup_limits_legacy()',
};

const SINGLE_CRASHES: LayoutFit = {
  fits: 'no',
  devices: 'refused',
  reason:
    'it looks for hierarchies only in directories below /sys/fs/cgroup, and without any the start fails',
  source: 'src/lxc/cgroups/cgfsng.c, cgfsng_payload_create(): loops over missing hierarchies',
};

const V1_DROPPED: LayoutFit = {
  fits: 'no',
  devices: 'refused',
  reason: 'LXC 7.0 dropped cgroup v1: its keys, its device rules, its freezer',
  source: 'commits f29c3a3a6, dfa8ea976, 95ac49ec6',
};

const CGFS = { v2: CGFS_V2, v1: CGFS_V1, 'v1-single': CGFS_SINGLE } as const;

/**
 * The releases that assume a mix of v1 and v2 if a v1 hierarchy, even a named one, is mounted in a directory of its name
 * below /sys/fs/cgroup, although cgroup2 is mounted at /sys/fs/cgroup itself: they then set no v2 limit and load no
 * device program (cgfsng.c, __initialize_cgroups(); pure_unified_layout()). A hierarchy mounted elsewhere is harmless.
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
      // 2.0.10 and 2.0.11 have the cgroup code of 3.0, which knows v2, but not its keys.
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
/** Returns the releases from the first one with the code to the last one that still has an alternative. */
const upTo6 = (since: string): VersionRange => ({ since, until: '6.0.6' });

/** The kernel features that LXC needs or uses, in the order of the kernel's releases. */
export const kernelFloors: readonly KernelFloor[] = [
  {
    feature: 'namespaces and cgroups',
    kernel: '2.6.32',
    use: 'always',
    without: 'LXC is not supported',
    source: 'README.md, "Kernel Requirements", of every release',
  },
  {
    feature: 'the controller pids',
    kernel: '4.3',
    use: 'pids',
    without: 'the file pids.max is missing, and the start fails',
    source: 'Documentation/admin-guide/cgroup-v1/pids.rst',
  },
  {
    feature: 'cgroup v2',
    kernel: '4.5',
    use: 'always',
    layout: 'v2',
    without: 'cgroup v2 cannot be mounted',
    source: 'Documentation/admin-guide/cgroup-v2.rst',
  },
  {
    feature: 'the controller cpu of cgroup v2',
    kernel: '4.15',
    use: 'cpu',
    layout: 'v2',
    without: 'the files cpu.weight and cpu.max are missing, and the start fails',
    source: 'Documentation/admin-guide/cgroup-v2.rst, "CPU"',
  },
  {
    feature: 'device rules by eBPF',
    kernel: '4.15',
    use: 'devices',
    layout: 'v2',
    without: 'LXC silently ignores the rules, and every device is open',
    source: 'cgroup2_devices.c, bpf_devices_cgroup_supported()',
  },
  {
    feature: 'the controller cpuset of cgroup v2',
    kernel: '5.0',
    use: 'cpuset',
    layout: 'v2',
    without: 'the file cpuset.cpus is missing, and the start fails',
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
    without: 'no container starts',
    source: 'start.c, lxc_spawn(); commit 87ff1e31e',
  },
  {
    feature: 'waitid(P_PIDFD)',
    kernel: '5.4',
    use: 'always',
    needed: SINCE_7,
    optional: upTo6('4.0.0'),
    without: 'no container starts',
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
    without: 'LXC moves the container into its cgroup after the start',
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
