import { bytesIn, cpuShares, cpuWeight, type CgroupFiles } from './cgroup-settings.ts';

/*
 * The files of both cgroup versions that containers set, and how to translate each to the other version
 * (Documentation/admin-guide/cgroup-v1/ and cgroup-v2.rst of Linux). To add a file, add a row.
 */

export type CgroupVersion = 'v1' | 'v2';

/** A file of a cgroup and the value written to it. */
export type FileValue = readonly [file: string, value: string];

export interface CgroupFile {
  readonly version: CgroupVersion;
  /** The file's name; `*` matches a part without dots, such as the 2MB of hugetlb.2MB.max. */
  readonly file: string;
  /** The values that the kernel accepts; any when undefined. */
  readonly takes?: ValueFormat;
  /**
   * Returns the same setting in the other version: an empty list if that version does it by default, undefined if this
   * value has no equivalent. `part` is the text that `*` matches.
   */
  readonly translate?: (value: string, files: CgroupFiles, part: string) => readonly FileValue[] | undefined;
  /** If there is no equivalent: a sentence about what to use instead. */
  readonly instead?: string;
}

interface ValueFormat {
  readonly pattern: RegExp;
  /** "must be …" */
  readonly what: string;
  readonly range?: readonly [number, number];
}

const COUNT: ValueFormat = { pattern: /^(?:[0-9]+|max)$/, what: 'a number or max' };
const SIZE: ValueFormat = { pattern: /^(?:[0-9]+[kmg]?|-1)$/i, what: 'a size such as 32M, or -1' };
const SIZE_OR_MAX: ValueFormat = { pattern: /^(?:[0-9]+[kmg]?|max)$/i, what: 'a size such as 32M, or max' };
const LIST: ValueFormat = {
  pattern: /^[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*$/,
  what: 'a list such as 0 or 0-1,3',
};
const number = (first: number, last: number): ValueFormat => ({
  pattern: /^[0-9]+$/,
  what: `a number from ${first} to ${last}`,
  range: [first, last],
});
const MICROSECONDS: ValueFormat = { pattern: /^(?:[0-9]+|-1)$/, what: 'a number of microseconds, or -1' };
const QUOTA: ValueFormat = {
  pattern: /^(?:[0-9]+|max)(?: +[0-9]+)?$/,
  what: 'quota and period in microseconds, such as "50000 100000"',
};
const DEVICE_VALUE: ValueFormat = {
  pattern: /^[0-9]+:[0-9]+ +[0-9]+$/,
  what: 'a device and a number, such as "8:0 1048576"',
};
const DEVICE_RULE: ValueFormat = {
  pattern: /^(?:a|[abc] (?:[0-9]+|\*):(?:[0-9]+|\*) [rwm]{1,3})$/,
  what: 'a device rule with one space between its parts, such as "c 1:3 rwm"',
};
/** Since LXC 2.1 a rule may name a device by its path; LXC looks up its numbers (convert_devpath() in cgfsng.c). */
const ALLOWED_DEVICE: ValueFormat = {
  ...DEVICE_RULE,
  pattern: new RegExp(`${DEVICE_RULE.pattern.source}|^/\\S+ +[rwm]{1,3}$`),
};
const IO_WEIGHT: ValueFormat = {
  pattern: /^(?:(?:default |[0-9]+:[0-9]+ )?[0-9]+)$/,
  what: 'a weight from 1 to 10000, alone or after a device',
};
const IO_MAX: ValueFormat = {
  pattern: /^[0-9]+:[0-9]+(?: +[rw](?:bps|iops)=(?:[0-9]+|max))+$/,
  what: 'a device and limits such as "8:0 rbps=1048576"',
};

/** Returns rows for a file that both versions have and read the same way. */
function same(file: string, takes?: ValueFormat): CgroupFile[] {
  const row = { file, ...(takes === undefined ? {} : { takes }) };
  return (['v1', 'v2'] as const).map((version) => ({
    ...row,
    version,
    translate: (value, _files, part) => [[file.replace('*', part), value]],
  }));
}

/** Returns rows for two equivalent files whose values differ. */
function pair(
  v1: string,
  v2: string,
  [takesV1, toV2]: readonly [ValueFormat, (value: string) => string],
  [takesV2, toV1]: readonly [ValueFormat, (value: string) => string],
): CgroupFile[] {
  return [
    {
      version: 'v1',
      file: v1,
      takes: takesV1,
      translate: (value, _, part) => [[v2.replace('*', part), toV2(value)]],
    },
    {
      version: 'v2',
      file: v2,
      takes: takesV2,
      translate: (value, _, part) => [[v1.replace('*', part), toV1(value)]],
    },
  ];
}

function none(
  version: CgroupVersion,
  instead: string | undefined,
  ...files: readonly string[]
): CgroupFile[] {
  return files.map((file) => ({ version, file, ...(instead === undefined ? {} : { instead }) }));
}

/** Returns rows for files that the other version does not need. */
function needless(version: CgroupVersion, ...files: readonly string[]): CgroupFile[] {
  return files.map((file) => ({ version, file, translate: () => [] }));
}

const maxOf = (value: string): string => (value === '-1' ? 'max' : value);
const minusOneOf = (value: string): string => (value === 'max' ? '-1' : value);

/** blkio.weight (10 to 1000) on the scale of io.weight (1 to 10000), as runc translates it. */
const ioWeight = (weight: string): string => String(1 + Math.floor(((Number(weight) - 10) * 9999) / 990));
const blkioWeight = (weight: string): string => String(10 + Math.ceil(((Number(weight) - 1) * 990) / 9999));

const THROTTLES = { read_bps: 'rbps', write_bps: 'wbps', read_iops: 'riops', write_iops: 'wiops' };

export const cgroupFiles: readonly CgroupFile[] = [
  ...same('devices.allow', ALLOWED_DEVICE),
  ...same('devices.deny', DEVICE_RULE),
  ...same('pids.max', COUNT),
  ...same('cpuset.cpus', LIST),
  ...same('cpuset.mems', LIST),
  ...same('rdma.max'),
  ...same('misc.max'),

  ...pair('memory.limit_in_bytes', 'memory.max', [SIZE, maxOf], [SIZE_OR_MAX, minusOneOf]),
  // A protection in v2, a target under memory pressure in v1: runc and the OCI specification treat them as equivalent.
  ...pair(
    'memory.soft_limit_in_bytes',
    'memory.low',
    [SIZE, (value) => (value === '-1' ? '0' : value)],
    [SIZE_OR_MAX, minusOneOf],
  ),
  {
    version: 'v1',
    file: 'memory.memsw.limit_in_bytes',
    takes: SIZE,
    // v1 counts memory and swap together, v2 counts swap alone.
    translate: (both, files) => {
      if (both === '-1') return [['memory.swap.max', 'max']];
      const [total, memory] = [bytesIn(both), bytesIn(files.get('memory.limit_in_bytes') ?? '')];
      if (total === undefined || memory === undefined || total < memory) return undefined;
      return [['memory.swap.max', String(total - memory)]];
    },
    instead: 'it counts memory and swap together, so it needs a memory.limit_in_bytes that is not larger',
  },
  {
    version: 'v2',
    file: 'memory.swap.max',
    takes: SIZE_OR_MAX,
    translate: (swap, files) => {
      if (swap === 'max') return [['memory.memsw.limit_in_bytes', '-1']];
      const [bytes, memory] = [bytesIn(swap), bytesIn(files.get('memory.max') ?? '')];
      if (bytes === undefined || memory === undefined) return undefined;
      return [['memory.memsw.limit_in_bytes', String(bytes + memory)]];
    },
    instead: 'cgroup v1 counts memory and swap together, so it needs a memory.max',
  },
  ...needless('v1', 'memory.use_hierarchy', 'cgroup.clone_children', 'notify_on_release'),
  ...none(
    'v1',
    'memory.max includes kernel memory',
    'memory.kmem.limit_in_bytes',
    'memory.kmem.tcp.limit_in_bytes',
  ),
  ...none('v1', undefined, 'memory.swappiness', 'memory.oom_control', 'memory.move_charge_at_immigrate'),
  ...none('v2', undefined, 'memory.high', 'memory.min', 'memory.oom.group', 'memory.swap.high'),

  ...pair(
    'cpu.shares',
    'cpu.weight',
    [number(2, 262_144), (shares) => String(cpuWeight(Number(shares)))],
    [number(1, 10_000), (weight) => String(cpuShares(Number(weight)))],
  ),
  {
    version: 'v1',
    file: 'cpu.cfs_quota_us',
    takes: MICROSECONDS,
    translate: (quota, files) => [
      ['cpu.max', `${maxOf(quota)} ${files.get('cpu.cfs_period_us') ?? '100000'}`],
    ],
  },
  {
    version: 'v1',
    file: 'cpu.cfs_period_us',
    takes: MICROSECONDS,
    // Written together with the quota.
    translate: (period, files) => (files.has('cpu.cfs_quota_us') ? [] : [['cpu.max', `max ${period}`]]),
  },
  {
    version: 'v2',
    file: 'cpu.max',
    takes: QUOTA,
    translate: (value) => {
      const [quota = 'max', period = '100000'] = value.split(/ +/);
      return [
        ['cpu.cfs_period_us', period],
        ['cpu.cfs_quota_us', minusOneOf(quota)],
      ];
    },
  },
  ...none('v1', undefined, 'cpu.rt_runtime_us', 'cpu.rt_period_us'),
  ...none('v2', undefined, 'cpu.idle', 'cpu.weight.nice', 'cpu.uclamp.min', 'cpu.uclamp.max'),
  ...none('v1', undefined, 'cpuset.cpu_exclusive', 'cpuset.mem_exclusive', 'cpuset.memory_migrate'),
  ...none('v2', undefined, 'cpuset.cpus.partition'),

  ...pair(
    'blkio.bfq.weight',
    'io.bfq.weight',
    [number(1, 1000), (value) => value],
    [number(1, 1000), (value) => value],
  ),
  {
    version: 'v1',
    file: 'blkio.weight',
    takes: number(10, 1000),
    translate: (weight) => [['io.weight', ioWeight(weight)]],
  },
  {
    version: 'v1',
    file: 'blkio.weight_device',
    takes: DEVICE_VALUE,
    translate: (value) => {
      const [device = '', weight = ''] = value.split(/ +/);
      return [['io.weight', `${device} ${ioWeight(weight)}`]];
    },
  },
  {
    version: 'v2',
    file: 'io.weight',
    takes: IO_WEIGHT,
    translate: (value) => {
      const weight = blkioWeight(value.split(' ').at(-1) ?? '');
      const [, device] = /^([0-9]+:[0-9]+) /.exec(value) ?? [];
      return [
        device === undefined ? ['blkio.weight', weight] : ['blkio.weight_device', `${device} ${weight}`],
      ];
    },
  },
  ...Object.entries(THROTTLES).map(([old, name]): CgroupFile => ({
    version: 'v1',
    file: `blkio.throttle.${old}_device`,
    takes: DEVICE_VALUE,
    translate: (value) => {
      const [device = '', limit = ''] = value.split(/ +/);
      return [['io.max', `${device} ${name}=${limit === '0' ? 'max' : limit}`]];
    },
  })),
  {
    version: 'v2',
    file: 'io.max',
    takes: IO_MAX,
    translate: (value) => {
      const [device = '', ...limits] = value.split(/ +/);
      return limits.map((text): FileValue => {
        const [name, limit = ''] = text.split('=');
        const old = Object.entries(THROTTLES).find(([, modern]) => modern === name)?.[0] ?? '';
        return [`blkio.throttle.${old}_device`, `${device} ${limit === 'max' ? '0' : limit}`];
      });
    },
  },
  ...none('v2', undefined, 'io.latency', 'io.prio.class'),

  ...pair('hugetlb.*.limit_in_bytes', 'hugetlb.*.max', [SIZE, maxOf], [SIZE_OR_MAX, minusOneOf]),
  ...pair(
    'freezer.state',
    'cgroup.freeze',
    [
      { pattern: /^(?:FROZEN|THAWED)$/, what: 'FROZEN or THAWED' },
      (state) => (state === 'FROZEN' ? '1' : '0'),
    ],
    [{ pattern: /^[01]$/, what: '0 or 1' }, (state) => (state === '1' ? 'FROZEN' : 'THAWED')],
  ),
  ...none(
    'v1',
    'cgroup v2 has no such controller: match the cgroup in nftables or iptables instead',
    'net_cls.classid',
    'net_prio.ifpriomap',
  ),
  ...none('v2', undefined, 'cgroup.max.depth', 'cgroup.max.descendants', 'cgroup.type'),
];
