import type { CgroupLayout } from './cgroup-settings.ts';

/** Where all of it is mounted. */
export const CGROUP_ROOT = '/sys/fs/cgroup';

/** A file system that the device mounts when it starts. */
export interface ContractMount {
  readonly type: 'cgroup2' | 'cgroup' | 'tmpfs';
  readonly at: string;
  readonly options: readonly string[];
}

/** A file of a hierarchy that must hold 1, where the kernel has it. */
export interface ContractSwitch {
  readonly controller: string;
  readonly file: string;
  readonly reason: string;
}

/** What a layout is, as mounts: the boot script does it, and a boot in the emulator is compared with it. */
export interface CgroupContract {
  readonly mounts: readonly ContractMount[];
  /** How each controller that the kernel offers is mounted in a directory of its own name below `CGROUP_ROOT`. */
  readonly eachController?: Omit<ContractMount, 'at'>;
  /** Whether the root hands all its controllers down with cgroup.subtree_control. */
  readonly handsDown: boolean;
  readonly switches: readonly ContractSwitch[];
}

const OPTIONS = ['nosuid', 'nodev', 'noexec'] as const;

const V1_SWITCHES: readonly ContractSwitch[] = [
  {
    controller: 'cpuset',
    file: 'cgroup.clone_children',
    reason:
      "A new group has no CPUs of its own, and entering it fails with ENOSPC, unless it copies its parent's.",
  },
  {
    controller: 'memory',
    file: 'memory.use_hierarchy',
    reason: 'Before Linux 5.11 memory limits did not reach child groups by themselves.',
  },
];

/*
 * LXC 3.0 and later look for a directory per hierarchy that is called like its controllers in /proc/self/cgroup; older
 * ones take any mount. So a directory per controller is right for all of them. A named hierarchy such as
 * name=systemd is what some systems in containers ask for, not LXC.
 */
export const cgroupContracts: Readonly<Record<CgroupLayout, CgroupContract>> = {
  v2: {
    mounts: [{ type: 'cgroup2', at: CGROUP_ROOT, options: OPTIONS }],
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
    // Without a name of a controller among its options a hierarchy has them all.
    mounts: [{ type: 'cgroup', at: CGROUP_ROOT, options: OPTIONS }],
    handsDown: false,
    switches: V1_SWITCHES,
  },
};

/** The contract as the boot script's template takes it: text to put into commands. */
export function contractValues(layout: CgroupLayout) {
  const { mounts, eachController, handsDown, switches } = cgroupContracts[layout];
  return {
    root: CGROUP_ROOT,
    mounts: mounts.map(({ type, at, options }) => ({ type, at, options: options.join(',') })),
    eachController:
      eachController === undefined ? false : { ...eachController, options: eachController.options.join(',') },
    handsDown,
    switches: switches.map(({ controller, file, reason }) => ({
      file: `${eachController === undefined ? CGROUP_ROOT : `${CGROUP_ROOT}/${controller}`}/${file}`,
      reason,
    })),
  };
}
