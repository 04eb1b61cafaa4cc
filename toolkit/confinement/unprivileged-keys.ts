import { describeRange, inVersionRange, type VersionRange } from '../base/compare-versions.ts';
import type { ContainerDefinition } from '../board/container-schema.ts';
import { findKeyOfAnyRelease } from '../lxc-keys/key-table.ts';
import { parseConfigLine } from '../lxc-keys/parse-config-line.ts';
import { parseMountEntry } from '../lxc-keys/parse-mount-entry.ts';
import type { ProblemList, PropertyPath } from '../lxc-keys/problem-list.ts';
import { hasOwnNetwork } from './own-network.ts';

/**
 * The file systems that the kernel mounts in a user namespace (FS_USERNS_MOUNT in fs/ and kernel/), and the first
 * release that does.
 */
const fileSystems: Readonly<Record<string, VersionRange>> = {
  proc: { since: '3.8' },
  sysfs: { since: '3.8' },
  tmpfs: { since: '3.8' },
  ramfs: { since: '3.8' },
  devpts: { since: '3.8' },
  mqueue: { since: '3.8' },
  cgroup: { since: '4.6' },
  cgroup2: { since: '4.6' },
  fuse: { since: '4.18' },
  overlay: { since: '5.11' },
  binfmt_misc: { since: '6.7' },
};

/** The kernel settings that root of a user namespace may write, and since when. */
const settings: readonly ({ readonly name: RegExp; readonly what: string } & VersionRange)[] = [
  { name: /^net[./]/, what: 'the network', since: '3.8' },
  { name: /^user[./]/, what: 'user namespaces', since: '4.9' },
  // Commit 1f5c135ee509: before, they belong to the root of the device.
  {
    name: /^(?:kernel[./](?:shm|msg|sem)|fs[./]mqueue[./])/,
    what: 'System V IPC and message queues',
    since: '5.19',
  },
];

const BY_NAME = 'or write "privileged: true" if its root may be the root of the device';

/**
 * Reports the keys of a container that cannot work in its user namespace: LXC would refuse to start it, or silently not
 * do what they say.
 */
export function checkUnprivileged(
  container: ContainerDefinition,
  kernelVersion: string,
  problems: ProblemList,
): void {
  if (container.idmap.length === 0) return;
  const { name, mounts, sysctl, raw } = container;
  const mount = (type: string, options: readonly string[], path: PropertyPath): void => {
    if (options.some((option) => /^(?:r?bind|remount|optional)$/.test(option))) return;
    const range = fileSystems[type.replace(/^fuse\..*/, 'fuse')];
    if (range === undefined || !inVersionRange(kernelVersion, range)) {
      const later = range === undefined ? '' : `; Linux ${describeRange(range)} do`;
      problems.error(
        path,
        `${name} will not start: Linux ${kernelVersion} mounts no ${type} in a user namespace${later}`,
        `mount it on the device and bind that directory, ${BY_NAME}`,
      );
    } else if (type === 'sysfs' && !hasOwnNetwork(container)) {
      problems.error(
        path,
        `${name} will not start: it has no network namespace of its own, and the kernel mounts sysfs only for the owner of one`,
        `bind the device's: bind: [{ from: /sys, options: [rbind, ro, nosuid, nodev, noexec] }], ${BY_NAME}`,
      );
    }
  };
  for (const [i, { type, options }] of mounts.entries()) mount(type, options, ['mounts', i, 'type']);
  for (const key of Object.keys(sysctl)) {
    const row = settings.find((one) => one.name.test(key));
    if (row !== undefined && inVersionRange(kernelVersion, row)) continue;
    const later =
      row === undefined ? '' : `; its namespace may set those of ${row.what} in Linux ${describeRange(row)}`;
    problems.error(
      ['sysctl', key],
      `${name} will not start: ${key} is a setting of the whole device, which its root may not write${later}`,
      `set it on the device, in a script of an overlay, ${BY_NAME}`,
    );
  }
  for (const [i, text] of raw.entries()) {
    const line = parseConfigLine(text);
    if (line.kind !== 'setting') continue;
    if (findKeyOfAnyRelease(line.key)?.type === 'idmap' && line.value === '')
      problems.error(
        ['raw', i],
        `${name}: this line takes its user namespace away`,
        'remove it, or write "privileged: true"',
      );
    const entry = line.key === 'lxc.mount.entry' ? parseMountEntry(line.value) : undefined;
    if (entry !== undefined && !entry.isBind) mount(entry.fsType, entry.options, ['raw', i]);
  }
}
