import { posix } from 'node:path';
import { readPart } from '../host/file-part.ts';
import type { RootView } from './root-view.ts';

/** An init that reads /etc/inittab, and the actions of it that run at the start whatever the run level. */
interface KnownInit {
  /** File name of the program, links followed. */
  readonly name: string;
  readonly actions: readonly string[];
  /** What it starts where there is no /etc/inittab. */
  readonly without: readonly string[];
}

const inits: readonly KnownInit[] = [
  {
    // init/init.c of BusyBox, which takes no notice of run levels.
    name: 'busybox',
    actions: ['sysinit', 'wait', 'once', 'respawn', 'askfirst'],
    without: ['/etc/init.d/rcS'],
  },
  // inittab(5) of sysvinit.
  { name: 'init', actions: ['sysinit', 'boot', 'bootwait'], without: [] },
];

const INITTAB = '/etc/inittab';

const MAX_INITTAB_BYTES = 1024 * 1024;

/** The programs that an init starts by /etc/inittab; none for what is no init. */
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
