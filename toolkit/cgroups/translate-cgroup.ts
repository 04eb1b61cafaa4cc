import { cgroupFiles, type CgroupFile, type CgroupVersion, type FileValue } from './cgroup-files.ts';
import type { CgroupFiles } from './cgroup-settings.ts';

/** Says why the kernel would refuse a value, as "must be …"; undefined when nothing is known to be wrong. */
export function checkCgroupValue(file: string, value: string, version: CgroupVersion): string | undefined {
  const takes = findFile(file, version)?.row.takes;
  if (takes === undefined || value === '') return undefined;
  const inRange =
    takes.range === undefined || (Number(value) >= takes.range[0] && Number(value) <= takes.range[1]);
  return takes.pattern.test(value) && inRange ? undefined : `must be ${takes.what}, but is ${value}`;
}

export interface TranslatedSetting {
  /** Undefined when the other version has no equivalent. */
  readonly settings: readonly FileValue[] | undefined;
  readonly instead?: string;
}

/** Translates a setting to the files of the other cgroup version. `files` are all settings of its own version. */
export function translateSetting(
  [file, value]: FileValue,
  from: CgroupVersion,
  files: CgroupFiles,
): TranslatedSetting {
  const found = findFile(file, from);
  const instead = found?.row.instead === undefined ? {} : { instead: found.row.instead };
  if (found?.row.translate === undefined) return { settings: undefined, ...instead };
  if (value === '') {
    const names = otherFiles(found.row, found.part).map((name): FileValue => [name, '']);
    return { settings: names };
  }
  const settings = found.row.translate(value, files, found.part);
  return settings === undefined ? { settings, ...instead } : { settings };
}

/** Returns the equivalent file of the other cgroup version: `memory.max` for `memory.limit_in_bytes`. */
export function otherCgroupFile(file: string): string | undefined {
  for (const version of ['v1', 'v2'] as const) {
    const found = findFile(file, version);
    const [other] = found === undefined ? [] : otherFiles(found.row, found.part);
    if (other !== undefined) return other;
  }
  return undefined;
}

/** A value of each kind, to find out which files a translation writes. */
const SAMPLES = ['-1', 'max', '10', 'a', '8:0 10', '8:0 rbps=10', 'FROZEN', '1'];

function otherFiles(row: CgroupFile, part: string): string[] {
  const sample = SAMPLES.find((value) => row.takes?.pattern.test(value) ?? true) ?? '';
  return (row.translate?.(sample, new Map(), part) ?? []).map(([name]) => name);
}

function findFile(
  name: string,
  version: CgroupVersion,
): { readonly row: CgroupFile; readonly part: string } | undefined {
  for (const row of cgroupFiles) {
    if (row.version !== version) continue;
    if (row.file === name) return { row, part: '' };
    const [start = '', end] = row.file.split('*');
    if (end === undefined || !name.startsWith(start) || !name.endsWith(end)) continue;
    return { row, part: name.slice(start.length, name.length - end.length) };
  }
  return undefined;
}
