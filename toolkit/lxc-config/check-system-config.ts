import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import type { ConfigFile } from './check-config-file.ts';
import { findKeyOfAnyRelease } from '../lxc-keys/key-table.ts';
import { ProblemList } from '../lxc-keys/problem-list.ts';
import { placeOf } from '../lxc-keys/read-config.ts';

/** The file with LXC's system-wide settings, which containers do not read. */
export const SYSTEM_CONFIG = '/etc/lxc/lxc.conf';

/** The system-wide keys and the releases that have them (options[] in initutils.c, lxc_global_config_value()). */
const systemKeys: readonly ({ readonly key: string } & VersionRange)[] = [
  { key: 'lxc.lxcpath' },
  { key: 'lxc.default_config' },
  { key: 'lxc.cgroup.pattern' },
  { key: 'lxc.cgroup.use' },
  { key: 'lxc.bdev.lvm.vg' },
  { key: 'lxc.bdev.lvm.thin_pool' },
  { key: 'lxc.bdev.zfs.root' },
  { key: 'lxc.bdev.rbd.rbdpool', since: '2.0.0' },
];

/**
 * Checks the system-wide lxc.conf: LXC reads the keys it knows and silently skips other lines. A line that makes LXC
 * look for the board's containers in another folder is an error.
 */
export function checkSystemConfig(
  { shownFile, text }: ConfigFile,
  {
    lxcVersion,
    lxcPath,
    containers,
  }: {
    readonly lxcVersion: string;
    readonly lxcPath: string;
    readonly containers: number;
  },
): ProblemList {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const problems = new ProblemList(([index]) =>
    typeof index === 'number'
      ? placeOf({ file: shownFile, number: index + 1, text: lines[index] ?? '' })
      : undefined,
  );
  const known = systemKeys.filter((range) => inVersionRange(lxcVersion, range)).map(({ key }) => key);
  for (const [index, line] of lines.entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, key = line.trim(), value] = /^\s*([^\s=]+)\s*(?:=\s*(.*?)\s*)?$/.exec(line) ?? [];
    if (value === undefined || !known.includes(key)) problems.warning([index], ...skipped(key, value, known));
    else if (key === 'lxc.lxcpath' && containers > 0 && value.replace(/\/+$/, '') !== lxcPath) {
      problems.error(
        [index],
        `with this line LXC looks for containers in ${value}, but those of the board are in ${lxcPath}: lxc-ls and lxc-autostart do not find them`,
        'remove the line',
      );
    }
  }
  return problems;
}

function skipped(
  key: string,
  value: string | undefined,
  known: readonly string[],
): [message: string, help: string] {
  if (value === undefined) return [`LXC silently skips this line: it has no "="`, 'write KEY = VALUE'];
  if (findKeyOfAnyRelease(key) !== undefined)
    return [
      `LXC silently skips ${key} here: it is a key of containers, and this file has the system-wide keys`,
      'move it to the configuration of a container, or to a file that it includes',
    ];
  const near = didYouMean(key, known);
  return [
    `LXC silently skips ${key}: it has no such system-wide key`,
    near === undefined ? `it has ${known.join(', ')}` : `did you mean ${near}?`,
  ];
}
