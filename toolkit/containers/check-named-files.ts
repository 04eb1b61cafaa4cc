import type { HostRootfs } from './host-rootfs.ts';
import { isRunTimePath, similarPath } from './wanted-mounts.ts';

/** Keys that name a table of mounts, in the words of each era. */
export const FSTAB_KEYS: readonly string[] = ['lxc.mount', 'lxc.mount.fstab'];

/** A line that may name a file, and what takes the problem with it. */
export interface NamingLine {
  readonly key: string;
  readonly value: string;
  readonly report: (message: string, help?: string) => void;
}

/**
 * Checks that the files are there without which LXC starts nothing: included configurations (set_config_includefiles() in
 * confile.c) and the table of mounts that is named last (setup_mount() in conf.c). `who` is the container.
 */
export function checkNamedFiles(who: string, lines: readonly NamingLine[], host: HostRootfs): void {
  const table = lines.findLast(({ key }) => FSTAB_KEYS.includes(key));
  const named = [
    ...lines
      .filter(({ key }) => key === 'lxc.include')
      .map((line) => ({ line, says: `${who} includes ${line.value}` })),
    ...(table === undefined ? [] : [{ line: table, says: `${who} mounts by the table ${table.value}` }]),
  ];
  for (const { line, says } of named) {
    const { value, report } = line;
    // A relative path is taken from where LXC is started.
    if (!value.startsWith('/') || isRunTimePath(value) || host.lookup(value) !== undefined) continue;
    report(`${says}, which is not in the root filesystem`, similarPath(host, value));
  }
}
