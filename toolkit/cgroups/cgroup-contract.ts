import type { CgroupLayout } from './layouts.ts';

/** The mount point of all hierarchies. */
export const CGROUP_ROOT = '/sys/fs/cgroup';

/** A file system that the device mounts at boot. */
export interface ContractMount {
  readonly type: 'cgroup2' | 'cgroup' | 'tmpfs';
  readonly at: string;
  readonly options: readonly string[];
  /** An option that older kernels refuse: it is set after the mount. */
  readonly newer?: { readonly option: string; readonly since: string; readonly reason: string };
}

/** A file of a hierarchy that must contain 1, if the kernel has it. */
export interface ContractSwitch {
  readonly controller: string;
  readonly file: string;
  readonly reason: string;
}

/** The mounts of a layout: the boot script makes them, and a boot in the emulator is compared with them. */
export interface CgroupContract {
  readonly mounts: readonly ContractMount[];
  /** How each controller of the kernel is mounted, in a directory of its name below `CGROUP_ROOT`. */
  readonly eachController?: Omit<ContractMount, 'at'>;
  /** Whether the root passes all its controllers to child groups with cgroup.subtree_control. */
  readonly handsDown: boolean;
  readonly switches: readonly ContractSwitch[];
}

const OPTIONS = ['nosuid', 'nodev', 'noexec'] as const;

const V1_SWITCHES: readonly ContractSwitch[] = [
  {
    controller: 'cpuset',
    file: 'cgroup.clone_children',
    reason: "A new group has no CPUs, and entering it fails with ENOSPC, unless it copies its parent's.",
  },
  {
    controller: 'memory',
    file: 'memory.use_hierarchy',
    reason: 'Before Linux 5.11, memory limits did not apply to child groups by default.',
  },
];

const NSDELEGATE = {
  option: 'nsdelegate',
  since: '4.13',
  reason: 'A container that mounts cgroup2 again can neither raise its limits nor leave its group.',
} as const;

/*
 * LXC 3.0 and later look for each hierarchy in a directory named like its controllers in /proc/self/cgroup; older
 * releases accept any mount. So one directory per controller works for all of them. A named hierarchy such as
 * name=systemd is needed by some systems in containers, not by LXC.
 */
export const cgroupContracts: Readonly<Record<CgroupLayout, CgroupContract>> = {
  v2: {
    mounts: [{ type: 'cgroup2', at: CGROUP_ROOT, options: OPTIONS, newer: NSDELEGATE }],
    handsDown: true,
    switches: [],
  },
  v1: {
    mounts: [{ type: 'tmpfs', at: CGROUP_ROOT, options: [...OPTIONS, 'mode=0755'] }],
    eachController: { type: 'cgroup', options: OPTIONS },
    handsDown: false,
    switches: V1_SWITCHES,
  },
  'v1-single': {
    // A hierarchy mounted without controller names has all of them.
    mounts: [{ type: 'cgroup', at: CGROUP_ROOT, options: OPTIONS }],
    handsDown: false,
    switches: V1_SWITCHES,
  },
};

/** Returns the contract for the boot script's template, as text for commands. */
export function contractValues(layout: CgroupLayout) {
  const { mounts, eachController, handsDown, switches } = cgroupContracts[layout];
  return {
    root: CGROUP_ROOT,
    mounts: mounts.map(({ type, at, options, newer }) => ({
      type,
      at,
      options: options.join(','),
      newer: newer ?? false,
    })),
    eachController:
      eachController === undefined ? false : { ...eachController, options: eachController.options.join(',') },
    handsDown,
    switches: switches.map(({ controller, file, reason }) => ({
      file: `${eachController === undefined ? CGROUP_ROOT : `${CGROUP_ROOT}/${controller}`}/${file}`,
      reason,
    })),
  };
}
