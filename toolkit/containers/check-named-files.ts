import type { HostRootfs } from './host-rootfs.ts';
import { isRunTimePath, similarPath } from './wanted-mounts.ts';

/** Keys that name a mount table, in all releases. */
export const FSTAB_KEYS: readonly string[] = ['lxc.mount', 'lxc.mount.fstab'];

/** A line that may name a file, and the function that reports a problem with it. */
export interface NamingLine {
  readonly key: string;
  readonly value: string;
  readonly report: (message: string, help?: string) => void;
}

/**
 * Checks that the files exist without which LXC starts no container: included configurations (set_config_includefiles()
 * in confile.c) and the last named mount table (setup_mount() in conf.c). `who` is the container.
 */
export function checkNamedFiles(who: string, lines: readonly NamingLine[], host: HostRootfs): void {
  const table = lines.findLast(({ key }) => FSTAB_KEYS.includes(key));
  const named = [
    ...lines
      .filter(({ key }) => key === 'lxc.include')
      .map((line) => ({ line, says: `${who} includes ${line.value}` })),
    ...(table === undefined ? [] : [{ line: table, says: `${who} uses the mount table ${table.value}` }]),
  ];
  for (const { line, says } of named) {
    const { value, report } = line;
    // A relative path depends on the directory in which LXC is started.
    if (!value.startsWith('/') || isRunTimePath(value) || host.lookup(value) !== undefined) continue;
    report(`${says}, which is not in the root filesystem`, similarPath(host, value));
  }
}
