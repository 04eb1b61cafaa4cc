import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedPath } from '../../toolkit/base/package-root.ts';

/**
 * A board on the emulator of malta-mipsel with a container that runs, and three that do not, each for a reason of its own.
 * The commands are single words: LXC up to 1.1.5 takes no more.
 */
export interface EndingContainers {
  /** Name of the folder in out/test that the profile lies in. */
  readonly folder: string;
  readonly board: string;
  readonly cgroup: 'v1' | 'v2';
}

/** Writes the profile and returns its path. */
export function writeEndingContainers(wanted: EndingContainers): string {
  const folder = shippedPath('out', 'test', wanted.folder);
  const profile = join(folder, 'malta.yaml');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    profile,
    `schema: 1
name: ${wanted.board}
extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]
cgroup: ${wanted.cgroup}
images: [cpio.gz]
containers:
  - ${shippedPath('boards', 'containers', 'system1.yaml')}
  - name: finished
    rootfs: { from: bind }
    command: [/bin/hostname]
    bind: [/bin/hostname, /bin/busybox]
    console: none
    autostart: { order: 2 }
  - name: ends-at-once
    rootfs: { from: bind }
    command: [/bin/df]
    bind: [/bin/df, /bin/busybox]
    console: none
    autostart: { order: 3 }
  - name: cannot-start
    rootfs: { from: bind }
    command: [/bin/ls]
    bind: [/bin/ls, /bin/busybox, { from: /proc/not-there, to: /run, options: [create=dir] }]
    autostart: { order: 4 }
`,
  );
  return profile;
}

/** The sentences that `boot` prints about them with any release of LXC, besides exit code 5. */
export const endingSentences = [
  'error: 3 of 4 containers are not as defined [BOOT_FAILED]',
  '  finished is STOPPED: its first process ended with exit code 0\n    finished: finished\n',
  '  ends-at-once is STOPPED: its first process ended with exit code 1\n    ends-at-once: ',
  '    ends-at-once: df: /proc/mounts: No such file or directory\n',
  '  cannot-start is STOPPED: LXC could not start it\n',
];
