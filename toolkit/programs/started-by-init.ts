import { posix } from 'node:path';
import { readPart } from '../host/file-part.ts';
import type { RootView } from './root-view.ts';

/** An init that reads /etc/inittab, and its actions that run at boot in any run level. */
interface KnownInit {
  /** The file name of the program, links followed. */
  readonly name: string;
  readonly actions: readonly string[];
  /** The programs it starts without an /etc/inittab. */
  readonly without: readonly string[];
}

const inits: readonly KnownInit[] = [
  {
    // init/init.c of BusyBox, which ignores run levels.
    name: 'busybox',
    actions: ['sysinit', 'wait', 'once', 'respawn', 'askfirst'],
    without: ['/etc/init.d/rcS'],
  },
  // inittab(5) of sysvinit.
  { name: 'init', actions: ['sysinit', 'boot', 'bootwait'], without: [] },
];

const INITTAB = '/etc/inittab';

const MAX_INITTAB_BYTES = 1024 * 1024;

/** Returns the programs that an init starts from /etc/inittab; none for other programs. */
export function startedByInit(startedAs: string, path: string, view: RootView): string[] {
  if (!['init', 'linuxrc'].includes(posix.basename(startedAs))) return [];
  const init = inits.find(({ name }) => name === posix.basename(path));
  if (init === undefined) return [];
  const place = view.find(INITTAB);
  if (place.kind === 'missing') return [...init.without];
  if (place.kind !== 'file' || place.entry.sizeBytes > MAX_INITTAB_BYTES) return [];
  return readPart(place.entry)
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [, action = '', command = ''] = /^[^#:]*:[^:]*:([^:]*):(.*)$/.exec(line.trim()) ?? [];
      const [program] = /^-?(\/[\w./+@-]+)(?=\s|$)/.exec(command.trim()) ?? [];
      return program !== undefined && init.actions.includes(action) ? [program.replace(/^-/, '')] : [];
    });
}
