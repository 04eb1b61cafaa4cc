import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';

/** A program of LXC that may hand the terminal it is called from to a process of a container. */
interface ForegroundProgram extends VersionRange {
  readonly name: string;
}

/*
 * From LXC 2.0 on, lxc-attach gives the process a pseudo terminal of its own (lxc_attach.c). The others hand over their
 * standard input and output where the container has no console (do_start() in start.c).
 */
const foregroundPrograms: readonly ForegroundProgram[] = [
  { name: 'lxc-start' },
  { name: 'lxc-execute' },
  { name: 'lxc-attach', until: '1.1.5' },
];

/** The script of the root filesystem that gives such a program a terminal of its own. */
export const OWN_TERMINAL = '/usr/libexec/lxc-kit/own-terminal';

/** The first folder of PATH: its links come before the programs. */
export const FIRST_IN_PATH = '/usr/sbin';

/** Returns the names of the programs of a release that are to run with a terminal of their own. */
export function programsInForeground(lxcVersion: string): string[] {
  return foregroundPrograms.filter((range) => inVersionRange(lxcVersion, range)).map(({ name }) => name);
}
