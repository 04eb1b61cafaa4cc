import { readSections, sectionHead } from './guest-sections.ts';

/** A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  /** The directory of the file system that is mounted; `/` for the whole of it. */
  readonly root: string;
  readonly at: string;
  /** Of this mount, such as `ro`. */
  readonly options: readonly string[];
  readonly type: string;
  readonly source: string;
  /** Of the file system, such as the controllers of a hierarchy. */
  readonly superOptions: readonly string[];
}

/** What a guest says of its cgroups. */
export interface GuestCgroups {
  readonly mounts: readonly Mount[];
  /** The controllers of each v1 hierarchy, as /proc/self/cgroup lists them: `cpu,cpuacct`. */
  readonly hierarchies: readonly string[];
  /** The controllers that are switched on, as /proc/cgroups lists them. */
  readonly offered: readonly string[];
  /** Files of cgroups, by path, without the last line's end. */
  readonly files: ReadonlyMap<string, string>;
}

/** The section with the lines of the boot scripts that mount cgroup v1, as `grep -n` prints them. */
export const BOOT_SCRIPT_MOUNTS = 'boot scripts';

/** Prints everything that `readGuestCgroups` reads; for any POSIX shell with cat. */
export const guestCgroupsScript = [
  `show() { [ -r "$1" ] && ${sectionHead('"$1"')} && cat "$1"; }`,
  'show /proc/self/mountinfo; show /proc/self/cgroup; show /proc/cgroups; show /proc/cmdline',
  // Where mounts of cgroup v1 come from.
  `${sectionHead(BOOT_SCRIPT_MOUNTS)}; grep -n "mount.* -t *cgroup " /etc/inittab /etc/rc* /etc/init.d/* 2>/dev/null`,
  // Mount points with blanks stand there as \\040 and are not looked into.
  'while read -r id parent dev root at rest; do case " $rest" in *" - cgroup "*|*" - cgroup2 "*)',
  'for file in cgroup.controllers cgroup.subtree_control cgroup.clone_children memory.use_hierarchy; do',
  'show "$at/$file"; done;; esac; done < /proc/self/mountinfo; true',
].join('\n');

export function readGuestCgroups(output: string): GuestCgroups {
  const files = readSections(output);
  return {
    mounts: parseMountinfo(files.get('/proc/self/mountinfo') ?? ''),
    hierarchies: linesOf(files.get('/proc/self/cgroup')).flatMap((line) => {
      const [id, controllers = ''] = line.split(':');
      return id === '0' || controllers === '' || controllers.startsWith('name=') ? [] : [controllers];
    }),
    offered: linesOf(files.get('/proc/cgroups')).flatMap((line) => {
      const [name = '', , , enabled] = line.split(/\s+/);
      return name.startsWith('#') || enabled !== '1' ? [] : [name];
    }),
    files,
  };
}

/** Reads mountinfo; lines that are none are left out. */
export function parseMountinfo(text: string): Mount[] {
  return linesOf(text).flatMap((line) => {
    const fields = line.split(' ');
    // Optional fields such as shared:1 come before the separator, any number of them.
    const separator = fields.indexOf('-', 6);
    const [root, at, options] = fields.slice(3, 6);
    const [type, source, superOptions] = fields.slice(separator + 1);
    if (separator < 0 || root === undefined || at === undefined || options === undefined) return [];
    if (type === undefined || source === undefined) return [];
    return [
      {
        root: unescape(root),
        at: unescape(at),
        options: options.split(','),
        type,
        source: unescape(source),
        superOptions: (superOptions ?? '').split(','),
      },
    ];
  });
}

/** The kernel writes blanks, tabs, line feeds and backslashes in paths as octal numbers. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

function linesOf(text: string | undefined): string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}
