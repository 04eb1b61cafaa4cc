import type { ContainerDefinition } from '../board/container-schema.ts';
import { deviceRule } from './device-names.ts';
import { cgroupLayouts, type CgroupLayout } from './layouts.ts';
import { NO_LIMIT } from './no-limit.ts';
import type { RuleLine } from './device-rule.ts';
import { rulesOfV1 } from './rules-in-force.ts';
import { CLOSE_ALL } from './translate-rules.ts';
import type { PropertyPath } from '../lxc-keys/problem-list.ts';

type Limits = ContainerDefinition['limits'];
type LimitName = keyof Limits;

/** A file of a cgroup and the value written to it. */
export interface CgroupSetting {
  readonly file: string;
  readonly value: string;
  /** The place in the definition that it comes from. */
  readonly path: PropertyPath;
}

/** The values of the files of a cgroup. */
export type CgroupFiles = ReadonlyMap<string, string>;

/** A limit found in the files of a cgroup, and the files that set it. */
export interface FoundLimit {
  readonly limit: string | number;
  readonly files: readonly string[];
}

interface LimitFiles {
  readonly v1: (limit: string, limits: Limits) => readonly (readonly [file: string, value: string])[];
  readonly v2: (limit: string) => readonly (readonly [file: string, value: string])[];
  /** The reverse; undefined when the files do not set this limit, or set it in a way that a definition cannot express. */
  readonly readV1: (files: CgroupFiles) => FoundLimit | undefined;
  readonly readV2: (files: CgroupFiles) => FoundLimit | undefined;
}

/** The kernel's default period for sharing processor time, in microseconds. */
const CPU_PERIOD = 100_000;

/**
 * The files of each limit in both cgroup versions (Documentation/admin-guide/cgroup-v1/ and cgroup-v2.rst).
 * In the order of writing, because cgroup v1 refuses a memsw limit below the memory limit.
 */
const limitFiles: Readonly<Record<LimitName, LimitFiles>> = {
  memory: {
    v1: (memory) => [['memory.limit_in_bytes', String(bytesOf(memory))]],
    v2: (memory) => [['memory.max', String(bytesOf(memory))]],
    readV1: (files) => oneFile(files, 'memory.limit_in_bytes', sizeOf),
    readV2: (files) => oneFile(files, 'memory.max', sizeOf),
  },
  swap: {
    // v1 counts memory and swap together, v2 counts swap alone.
    v1: (swap, { memory = '0' }) => [
      ['memory.memsw.limit_in_bytes', String(bytesOf(memory) + bytesOf(swap))],
    ],
    v2: (swap) => [['memory.swap.max', String(bytesOf(swap))]],
    readV1: (files) =>
      oneFile(files, 'memory.memsw.limit_in_bytes', (both) => {
        const memory = bytesIn(files.get('memory.limit_in_bytes') ?? '');
        const total = bytesIn(both);
        return memory === undefined || total === undefined ? undefined : swapOf(String(total - memory));
      }),
    readV2: (files) => oneFile(files, 'memory.swap.max', swapOf),
  },
  pids: {
    v1: (pids) => [['pids.max', pids]],
    v2: (pids) => [['pids.max', pids]],
    readV1: (files) => oneFile(files, 'pids.max', countOf),
    readV2: (files) => oneFile(files, 'pids.max', countOf),
  },
  'cpu-shares': {
    v1: (shares) => [['cpu.shares', shares]],
    v2: (shares) => [['cpu.weight', String(cpuWeight(Number(shares)))]],
    readV1: (files) => oneFile(files, 'cpu.shares', countOf),
    readV2: (files) =>
      oneFile(files, 'cpu.weight', (weight) => {
        const number = countOf(weight);
        return number === undefined || number < 1 || number > 10_000 ? undefined : cpuShares(number);
      }),
  },
  'cpu-quota': {
    v1: (quota) => [
      ['cpu.cfs_period_us', String(CPU_PERIOD)],
      ['cpu.cfs_quota_us', String(quotaMicroseconds(quota))],
    ],
    v2: (quota) => [['cpu.max', `${quotaMicroseconds(quota)} ${CPU_PERIOD}`]],
    readV1: (files) => {
      const [quota, period] = [files.get('cpu.cfs_quota_us'), files.get('cpu.cfs_period_us')];
      const limit = percentOf(quota ?? '', period ?? String(CPU_PERIOD));
      const used = ['cpu.cfs_quota_us', ...(period === undefined ? [] : ['cpu.cfs_period_us'])];
      return limit === undefined ? undefined : { limit, files: used };
    },
    readV2: (files) =>
      oneFile(files, 'cpu.max', (value) => {
        const [quota = '', period = String(CPU_PERIOD)] = value.split(/\s+/);
        return percentOf(quota, period);
      }),
  },
  cpus: {
    v1: (cpus) => [['cpuset.cpus', cpus]],
    v2: (cpus) => [['cpuset.cpus', cpus]],
    readV1: (files) => oneFile(files, 'cpuset.cpus', (cpus) => cpus),
    readV2: (files) => oneFile(files, 'cpuset.cpus', (cpus) => cpus),
  },
};

/** Returns the limits of a container as settings of the board's cgroup version. */
export function limitSettings(limits: Limits, layout: CgroupLayout): CgroupSetting[] {
  const { version } = cgroupLayouts[layout];
  return (Object.keys(limitFiles) as LimitName[]).flatMap((name) => {
    const limit = limits[name];
    if (limit === undefined || limit === NO_LIMIT) return [];
    const files = limitFiles[name][version](String(limit), limits);
    return files.map(([file, value]) => ({ file, value, path: ['limits', name] }));
  });
}

/** Returns the device rules of a container: deny everything, then allow each device. None without `devices`. */
export function deviceSettings(
  devices: ContainerDefinition['devices'],
  layout: CgroupLayout,
): CgroupSetting[] {
  if (devices === undefined || devices === 'all') return [];
  const { version } = cgroupLayouts[layout];
  const rules = devices.allow.map((device): RuleLine => ({ effect: 'allow', value: deviceRule(device) }));
  // On v2 LXC needs both rights of a device in one rule; otherwise an open for both is refused.
  const allowed = rulesOfV1(rules, 'deny').exceptions.map(({ lines, text }) => {
    const [index = 0, ...more] = lines;
    const value = more.length === 0 ? (rules[index]?.value ?? text) : text;
    return { file: 'devices.allow', value, path: ['devices', 'allow', index] };
  });
  const closed = version === 'v2' && allowed.length === 0 ? [CLOSE_ALL.value] : [];
  return [
    ...['a', ...closed].map((value) => ({ file: 'devices.deny', value, path: ['devices'] })),
    ...allowed,
  ];
}

/** Returns the limits that the files of a cgroup set, the reverse of `limitSettings`. */
export function limitsIn(files: CgroupFiles, version: 'v1' | 'v2'): ReadonlyMap<LimitName, FoundLimit> {
  const found = new Map<LimitName, FoundLimit>();
  for (const [name, { readV1, readV2 }] of Object.entries(limitFiles)) {
    const limit = version === 'v1' ? readV1(files) : readV2(files);
    if (limit !== undefined) found.set(name as LimitName, limit);
  }
  return found;
}

/** Returns a size such as "32M" in bytes; K, M and G are powers of 1024, as in the kernel's memparse(). */
function bytesOf(size: string): number {
  const [, digits = '0', unit = ''] = /^([0-9]+)([KMG]?)$/.exec(size) ?? [];
  return Number(digits) * 1024 ** ' KMG'.indexOf(unit === '' ? ' ' : unit);
}

/** Returns a size as the kernel reads it, in bytes; undefined for `max`, `-1` and everything else. */
export function bytesIn(size: string): number | undefined {
  const text = size.toUpperCase();
  return /^[0-9]+[KMG]?$/.test(text) ? bytesOf(text) : undefined;
}

/** Returns the shortest text for a size: 32M instead of 33554432. */
function sizeOf(size: string): string | undefined {
  const bytes = bytesIn(size);
  if (bytes === undefined || bytes < 1 || !Number.isSafeInteger(bytes)) return undefined;
  const power = [3, 2, 1].find((exponent) => bytes % 1024 ** exponent === 0) ?? 0;
  return `${bytes / 1024 ** power}${' KMG'.charAt(power).trim()}`;
}

/** A definition can also say that there is none. */
function swapOf(size: string): string | undefined {
  return bytesIn(size) === 0 ? '0' : sizeOf(size);
}

function countOf(text: string): number | undefined {
  return /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

function percentOf(quota: string, period: string): string | undefined {
  const percent = (Number(quota) * 100) / Number(period);
  return Number.isInteger(percent) && percent >= 1 ? `${percent}%` : undefined;
}

function oneFile(
  files: CgroupFiles,
  file: string,
  read: (value: string) => string | number | undefined,
): FoundLimit | undefined {
  const value = files.get(file);
  const limit = value === undefined ? undefined : read(value);
  return limit === undefined ? undefined : { limit, files: [file] };
}

/** Converts cpu.shares (2 to 262144) to cpu.weight (1 to 10000) as runc and systemd do. */
export function cpuWeight(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

/** The reverse: of all shares with this weight, returns the roundest number, such as 1024 for 39. */
export function cpuShares(weight: number): number {
  const first = 2 + Math.ceil(((weight - 1) * 262_142) / 9999);
  const next = weight === 10_000 ? 262_145 : 2 + Math.ceil((weight * 262_142) / 9999);
  for (let step = 262_144; step > 1; step /= 2) {
    const round = Math.ceil(first / step) * step;
    if (round < next) return round;
  }
  return first;
}

function quotaMicroseconds(percent: string): number {
  return Math.round((Number.parseInt(percent, 10) / 100) * CPU_PERIOD);
}
