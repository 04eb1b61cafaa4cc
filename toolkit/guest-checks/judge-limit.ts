import { CGROUP_ROOT } from '../cgroups/cgroup-contract.ts';
import { bytesIn } from '../cgroups/cgroup-settings.ts';
import type { Mount } from '../cgroups/read-guest-cgroups.ts';
import type { ContainerFacts } from './container-facts.ts';

/** The kernel counts memory in pages of up to 64 KiB and rounds down. */
const LARGEST_PAGE = 65_536;

/** A limit and its files. */
export interface WantedLimit {
  readonly file: string;
  readonly value: string;
  /** The line of the configuration. */
  readonly line: string;
}

/** Returns the group of a process and the groups above it except the root, the nearest first. */
export function cgroupDirectories(
  controller: string,
  cgroups: ContainerFacts['cgroups'],
  version: 'v1' | 'v2',
  mounts: readonly Mount[],
): string[] {
  return cgroups.flatMap(({ controllers, path }) => {
    if (version === 'v2' ? controllers.length > 0 : !controllers.includes(controller)) return [];
    const root =
      version === 'v2'
        ? CGROUP_ROOT
        : mounts.find(({ type, superOptions }) => type === 'cgroup' && superOptions.includes(controller))?.at;
    if (root === undefined) return [];
    const names = path.split('/').filter((name) => name !== '');
    return names.map((_name, i) => [root, ...names.slice(0, names.length - i)].join('/'));
  });
}

/** Says why no file of a limit has its value; undefined when one has, or when values of this file cannot be compared. */
export function judgeLimit(
  limit: WantedLimit,
  files: readonly string[],
  found: ReadonlyMap<string, string>,
): string | undefined {
  const compare = comparable(limit.file);
  if (compare === undefined) return undefined;
  const values = files.flatMap((file) => (found.has(file) ? [found.get(file) ?? ''] : []));
  if (values.some((value) => compare(limit.value, value))) return undefined;
  return `${limit.line} is not in force: ${values.length === 0 ? `its group has no ${limit.file}` : `${limit.file} is ${values[0] ?? ''}`}`;
}

type Compare = (wanted: string, found: string) => boolean;

/** How to compare the written value with the kernel's, by file; other files are not checked. */
const COMPARE: readonly (readonly [RegExp, Compare])[] = [
  [
    /^memory\.(?:max|high|min|low|swap\.max|swap\.high)$|^memory\.(?:memsw\.)?(?:soft_)?limit_in_bytes$|^hugetlb\..*(?:max|limit_in_bytes)$/,
    sameSize,
  ],
  [
    /^pids\.max$|^cpu\.(?:shares|weight|cfs_quota_us|cfs_period_us)$|^cpu\.idle$|^memory\.(?:swappiness|oom\.group)$/,
    sameWords,
  ],
  [
    /^cpu\.max$/,
    (wanted, found) => sameWords(wanted.trim().includes(' ') ? wanted : `${wanted} 100000`, found),
  ],
  [/^cpuset\.(?:cpus|mems)$/, (wanted, found) => numbersIn(wanted).join() === numbersIn(found).join()],
];

function comparable(file: string): Compare | undefined {
  return COMPARE.find(([pattern]) => pattern.test(file))?.[1];
}

function sameWords(wanted: string, found: string): boolean {
  return wanted.trim().split(/\s+/).join(' ') === found.trim().split(/\s+/).join(' ');
}

function sameSize(wanted: string, found: string): boolean {
  const [bytes, there] = [bytesIn(wanted), bytesIn(found)];
  // "max", and -1 on v1, mean no limit.
  if (bytes === undefined)
    return wanted === 'max' || wanted === '-1'
      ? there === undefined || there > 2 ** 60 || found === 'max'
      : true;
  return there !== undefined && there <= bytes && there > bytes - LARGEST_PAGE;
}

function numbersIn(list: string): number[] {
  return list
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: Math.max(0, Math.min(last - first, 8192)) + 1 }, (_one, i) => first + i);
    })
    .sort((a, b) => a - b);
}
