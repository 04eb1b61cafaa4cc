import { readSections, sectionHead } from './guest-sections.ts';

/** A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  /** The mounted directory of the file system; `/` for all of it. */
  readonly root: string;
  readonly at: string;
  /** The options of this mount, such as `ro`. */
  readonly options: readonly string[];
  readonly type: string;
  readonly source: string;
  /** The options of the file system, such as the controllers of a hierarchy. */
  readonly superOptions: readonly string[];
}

/** The cgroup state of a guest. */
export interface GuestCgroups {
  readonly mounts: readonly Mount[];
  /** The controllers of each v1 hierarchy, as /proc/self/cgroup lists them: `cpu,cpuacct`. */
  readonly hierarchies: readonly string[];
  /** The enabled controllers, as /proc/cgroups lists them. */
  readonly offered: readonly string[];
  /** The files of cgroups by path, without the last line end. */
  readonly files: ReadonlyMap<string, string>;
}

/** The section with the lines of boot scripts that mount cgroup v1, as `grep -n` prints them. */
export const BOOT_SCRIPT_MOUNTS = 'boot scripts';

/** The script that prints the input of `readGuestCgroups`, for any POSIX shell with cat. */
export const guestCgroupsScript = [
  `show() { [ -r "$1" ] && ${sectionHead('"$1"')} && cat "$1"; }`,
  'show /proc/self/mountinfo; show /proc/self/cgroup; show /proc/cgroups; show /proc/cmdline',
  // Show the source of cgroup v1 mounts.
  `${sectionHead(BOOT_SCRIPT_MOUNTS)}; grep -n "mount.* -t *cgroup " /etc/inittab /etc/rc* /etc/init.d/* 2>/dev/null`,
  // Mount points with spaces appear as \\040 and are skipped.
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

/** Parses mountinfo; skips invalid lines. */
export function parseMountinfo(text: string): Mount[] {
  return linesOf(text).flatMap((line) => {
    const fields = line.split(' ');
    // Any number of optional fields such as shared:1 come before the separator.
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

/** The kernel writes spaces, tabs, line feeds and backslashes in paths as octal numbers. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

function linesOf(text: string | undefined): string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}
