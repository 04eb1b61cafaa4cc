import type { ContainerDefinition } from '../board/container-schema.ts';
import { deviceRule } from './device-rules.ts';
import type { VersionRange } from '../base/compare-versions.ts';
import type { Concept } from './concept-keys.ts';
import type { PropertyPath } from './problem-list.ts';

/** How a board mounts the cgroup file systems: `v1-single` has all controllers of v1 in one hierarchy. */
export type CgroupLayout = 'v2' | 'v1' | 'v1-single';

type Limits = ContainerDefinition['limits'];
type LimitName = keyof Limits;

/** A file of a cgroup and what is written into it. */
export interface CgroupSetting {
  readonly file: string;
  readonly value: string;
  /** What of the definition it comes from. */
  readonly path: PropertyPath;
}

interface LayoutFacts {
  readonly version: 'v1' | 'v2';
  /** The key family of the settings. */
  readonly concept: Concept;
  /** The LXC releases that find their way in this layout; without it, those that have the keys. */
  readonly usable?: VersionRange;
}

export const cgroupLayouts: Readonly<Record<CgroupLayout, LayoutFacts>> = {
  v2: { version: 'v2', concept: 'cgroup-v2' },
  v1: { version: 'v1', concept: 'cgroup-v1' },
  // From 3.0 on LXC looks only for a directory per hierarchy below /sys/fs/cgroup (cgroups/cgfsng.c).
  'v1-single': { version: 'v1', concept: 'cgroup-v1', usable: { since: '1.0.0', until: '2.1.1' } },
};

interface LimitFiles {
  readonly v1: (limit: string, limits: Limits) => readonly (readonly [file: string, value: string])[];
  readonly v2: (limit: string) => readonly (readonly [file: string, value: string])[];
}

/** The period over which the kernel shares out processor time unless told otherwise, in microseconds. */
const CPU_PERIOD = 100_000;

/**
 * Each limit as the files of both cgroup versions (Documentation/admin-guide/cgroup-v1/ and cgroup-v2.rst).
 * The order is that of writing: cgroup v1 refuses a memsw limit below the memory limit.
 */
const limitFiles: Readonly<Record<LimitName, LimitFiles>> = {
  memory: {
    v1: (memory) => [['memory.limit_in_bytes', String(bytesOf(memory))]],
    v2: (memory) => [['memory.max', String(bytesOf(memory))]],
  },
  swap: {
    // v1 counts memory and swap together, v2 swap alone.
    v1: (swap, { memory = '0' }) => [
      ['memory.memsw.limit_in_bytes', String(bytesOf(memory) + bytesOf(swap))],
    ],
    v2: (swap) => [['memory.swap.max', String(bytesOf(swap))]],
  },
  pids: {
    v1: (pids) => [['pids.max', pids]],
    v2: (pids) => [['pids.max', pids]],
  },
  'cpu-shares': {
    v1: (shares) => [['cpu.shares', shares]],
    v2: (shares) => [['cpu.weight', String(cpuWeight(Number(shares)))]],
  },
  'cpu-quota': {
    v1: (quota) => [
      ['cpu.cfs_period_us', String(CPU_PERIOD)],
      ['cpu.cfs_quota_us', String(quotaMicroseconds(quota))],
    ],
    v2: (quota) => [['cpu.max', `${quotaMicroseconds(quota)} ${CPU_PERIOD}`]],
  },
  cpus: {
    v1: (cpus) => [['cpuset.cpus', cpus]],
    v2: (cpus) => [['cpuset.cpus', cpus]],
  },
};

/** The limits of a container as settings of the board's cgroup version. */
export function limitSettings(limits: Limits, layout: CgroupLayout): CgroupSetting[] {
  const { version } = cgroupLayouts[layout];
  return (Object.keys(limitFiles) as LimitName[]).flatMap((name) => {
    const limit = limits[name];
    if (limit === undefined) return [];
    const files = limitFiles[name][version](String(limit), limits);
    return files.map(([file, value]) => ({ file, value, path: ['limits', name] }));
  });
}

/** The device rules of a container: first everything is denied, then each device allowed. None without `devices`. */
export function deviceSettings(devices: ContainerDefinition['devices']): CgroupSetting[] {
  if (devices === undefined) return [];
  return [
    { file: 'devices.deny', value: 'a', path: ['devices'] },
    ...devices.allow.map((device, i) => ({
      file: 'devices.allow',
      value: deviceRule(device),
      path: ['devices', 'allow', i],
    })),
  ];
}

/** The file of the other cgroup version that sets the same: `memory.max` for `memory.limit_in_bytes`. */
export function otherCgroupFile(file: string): string | undefined {
  if (file.startsWith('devices.')) return file;
  for (const { v1, v2 } of Object.values(limitFiles)) {
    const old = v1('1', {}).map(([name]) => name);
    const modern = v2('1').map(([name]) => name);
    if (old.includes(file)) return modern[0];
    if (modern.includes(file)) return old[0];
  }
  return undefined;
}

/** "32M" in bytes; K, M and G are powers of 1024, as in the kernel's memparse(). */
function bytesOf(size: string): number {
  const [, digits = '0', unit = ''] = /^([0-9]+)([KMG]?)$/.exec(size) ?? [];
  return Number(digits) * 1024 ** ' KMG'.indexOf(unit === '' ? ' ' : unit);
}

/** cpu.shares (2 to 262144) on the scale of cpu.weight (1 to 10000), as runc and systemd translate it. */
function cpuWeight(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

function quotaMicroseconds(percent: string): number {
  return Math.round((Number.parseInt(percent, 10) / 100) * CPU_PERIOD);
}
