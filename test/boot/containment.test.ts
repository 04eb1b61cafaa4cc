import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from '../rigs/real-board.ts';

const folder = shippedPath('out', 'test', 'containment');
/** In the out directory of malta-mipsel, so that only the root filesystem is made again. */
const boardOf = (name: string) => new RealBoard(join(folder, `${name}.yaml`), 'malta-mipsel');

/** Everything that keeps its root in is left out in so many words. */
const UNCONFINED = 'capabilities: { drop: [] }, devices: all, seccomp: none, no-new-privs: false';
const OPEN = `privileged: true, ${UNCONFINED}`;
const BINDS = 'bind: [/usr/bin/euid, /usr/bin/detach, { from: /usr/share/udhcpc, to: /mnt }]';
const ROGUE = `{ name: rogue, kind: system, ${OPEN}, rootfs: { from: busybox }, ${BINDS}, limits: { memory: 32M, pids: 64 }, autostart: true }`;
const LOCKED = `{ name: locked, kind: system, privileged: false, ${UNCONFINED}, rootfs: { from: busybox }, ${BINDS}, autostart: true }`;

const TYPING = `{ name: typist, ${OPEN}, rootfs: { from: bind }, command: [/usr/bin/typist], bind: [/usr/bin/typist], console: none }`;

const PROGRAMS = {
  // Types a line into its standard input, as a user at that terminal would.
  typist: `
#include <sys/ioctl.h>
int main(void) {
  for (const char *c = "touch /tmp/typed\\n"; *c != 0; c++)
    if (ioctl(0, TIOCSTI, c) != 0) return 1;
  return 0;
}
`,
  // Unmounts its root, goes back to the first mount of its namespace, and looks for a file that only the device has.
  detach: `
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>
int main(void) {
  int own = open("/proc/self/ns/mnt", O_RDONLY);
  if (own < 0 || umount2("/", MNT_DETACH) != 0 || setns(own, CLONE_NEWNS) != 0) return puts("failed") < 0;
  return puts(access("/etc/init.d/random-seed", F_OK) == 0 ? "device" : "nothing") < 0;
}
`,
  // BusyBox drops what setuid gives it; this does not.
  euid: `
#include <stdio.h>
#include <unistd.h>
int main(void) { return printf("euid %d\\n", (int)geteuid()) < 0; }
`,
};

function compilePrograms(): void {
  const bin = join(folder, 'programs', 'usr', 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, text] of Object.entries(PROGRAMS)) {
    const file = join(folder, `${name}.c`);
    writeFileSync(file, text);
    execFileSync('mipsel-linux-gnu-gcc', ['-static', '-Os', '-march=mips32r2', '-o', join(bin, name), file]);
  }
}

function writeBoard(name: string, overlays: string, ...containers: readonly string[]): void {
  writeFileSync(
    join(folder, `${name}.yaml`),
    [
      'schema: 1',
      'name: malta-mipsel',
      `extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]`,
      `containers: [${containers.join(', ')}]`,
      `rootfs: { overlays: ${overlays} }`,
      // The root on a disk is one that is written.
      'images: [cpio.gz, ext4]',
      '',
    ].join('\n'),
  );
}

const inside = (script: string, name = 'rogue'): string => `lxc-attach -n ${name} -- sh -c '${script}'`;
const DETACH = 'lxc-attach -n rogue -- /usr/bin/detach';

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(folder, 'stays'));
  writeFileSync(join(folder, 'stays', 'init'), '#!/bin/sh\nexec /sbin/init\n');
  chmodSync(join(folder, 'stays', 'init'), 0o755);
  compilePrograms();
  writeBoard('as-shipped', '[./programs]', ROGUE, TYPING);
  writeBoard('mixed', '[./programs]', ROGUE, LOCKED);
  writeBoard('own-init', '[./programs, ./stays]', ROGUE);
  const { exitCode, stderr } = await boardOf('as-shipped').build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
});

describe.each(['initramfs', 'disk'])('with its root on %s', (root) => {
  test('nothing is below the root of a container', async () => {
    const { stdout } = await boardOf('as-shipped').boot([DETACH], '--root', root);
    expect(stdout).toBe('nothing\n');
  });

  test('a container does not raise its limits by mounting cgroup2 again', async () => {
    const { stdout } = await boardOf('as-shipped').boot(
      [
        inside(
          'mount -t cgroup2 x /tmp; for f in memory pids; do echo max 2>/dev/null > /tmp/$f.max; done 2>/dev/null; ls -d /tmp/cgroup.procs',
        ),
        'cd /sys/fs/cgroup/lxc.payload.rogue; cat memory.max pids.max',
        // The device may.
        'echo max > /sys/fs/cgroup/lxc.payload.rogue/pids.max; cat /sys/fs/cgroup/lxc.payload.rogue/pids.max',
      ],
      '--root',
      root,
    );
    expect(stdout).toBe('/tmp/cgroup.procs\n33554432\n64\nmax\n');
  });

  test('users of the device reach neither what a container wrote nor its log', async () => {
    const { stdout } = await boardOf('as-shipped').boot(
      [
        inside('cp /usr/bin/euid /setuid; chmod 4755 /setuid; mknod -m 666 /memory c 1 1; ls -l /setuid'),
        // Root reaches both.
        '/opt/lxc/rogue/setuid; ls /var/log/lxc/rogue.log',
        `su -s /bin/sh nobody -c '/opt/lxc/rogue/setuid; ls /var/log/lxc/' 2>&1`,
      ],
      '--root',
      root,
    );
    const [made, ...rest] = stdout.trimEnd().split('\n');
    expect(made).toMatch(/^-rwsr-xr-x .*\/setuid$/);
    expect(rest.slice(0, 2)).toEqual(['euid 0', '/var/log/lxc/rogue.log']);
    expect(rest.slice(2)).toEqual([
      expect.stringMatching(/setuid: Permission denied$/),
      expect.stringMatching(/\/var\/log\/lxc\/'?: Permission denied$/),
    ]);
  });
});

test('a container in the foreground does not type into the terminal of its operator', async () => {
  const session = (program: string): string =>
    `rm -f /tmp/typed; (sleep 2; echo "${program} -n typist -F"; sleep 8; echo exit) | script -q -c "sh -i" /dev/null >/dev/null 2>&1; ` +
    '[ -e /tmp/typed ] && echo typed || echo nothing';
  const { stdout } = await boardOf('as-shipped').boot([session('lxc-start'), session('/usr/bin/lxc-start')]);
  // Without the terminal of its own, it does.
  expect(stdout).toBe('nothing\ntyped\n');
});

test('output and exit codes of a container in the foreground come through', async () => {
  const start = 'lxc-start -n rogue2 -F -f /opt/lxc/typist.conf -- ';
  const { stdout } = await boardOf('as-shipped').boot([
    `script -q -c "${start.replace('rogue2', 'typist')}/usr/bin/typist; echo exit code \\$?" /dev/null`,
    'lxc-start -n no-such -F >/dev/null 2>&1; echo exit code $?',
  ]);
  expect(stdout.replaceAll('\r', '')).toMatch(/exit code 0\nexit code 1\n$/);
});

test('the root in memory has half of the memory, and takes it only once', async () => {
  const { stdout } = await boardOf('as-shipped').boot(
    ['df -k / | tail -1', 'grep -e MemTotal -e Shmem: /proc/meminfo', 'ls -A / | tr "\\n" " "'],
    ...['--root', 'initramfs'],
  );
  const [disk = '', ...rest] = stdout.split('\n');
  const [, size = 0, used = 0] = disk.split(/\s+/).map(Number);
  const [total = 0, shared = 0] = rest.slice(0, 2).map((line) => Number(/(\d+) kB/.exec(line)?.[1]));
  expect(size).toBeGreaterThan(total * 0.49);
  expect(size).toBeLessThan(total * 0.51);
  expect(used).toBeGreaterThan(5000);
  expect(shared).toBeLessThan(used * 1.1);
  expect(rest[2]).toMatch(/\bbin dev etc .*\binit lib .*\busr var\b/);
  expect(rest[2]).not.toContain('.root');
});

describe('a privileged container beside an unprivileged one', () => {
  const board = boardOf('mixed');
  beforeAll(async () => {
    expect((await board.build()).exitCode).toBe(0);
  });

  test('leaves users of the device no setuid program and no device node, though they reach its directory', async () => {
    const asNobody = (command: string): string => `su -s /bin/sh nobody -c '${command}' 2>&1`;
    const { stdout } = await board.boot(
      [
        inside('cp /usr/bin/euid /euid; chmod 4755 /euid; mknod -m 666 /memory c 1 1; /euid'),
        asNobody('/opt/lxc/rogue/euid'),
        asNobody('head -c 1 /opt/lxc/rogue/memory >/dev/null || echo no device'),
        // Anywhere else it would.
        `cp -p /opt/lxc/rogue/euid /usr/bin/euid4; ${asNobody('/usr/bin/euid4')}`,
      ],
      ...['--root', 'initramfs'],
    );
    expect(stdout.split('\n').filter((line) => /^(?:euid|no device)/.test(line))).toEqual([
      'euid 0',
      'euid 65534',
      'no device',
      'euid 0',
    ]);
  });

  test('writes where the device binds it a directory read-only; the ids of the other one keep it out', async () => {
    const attempt =
      'mount -o remount,bind,rw /mnt; touch /mnt/written 2>/dev/null && echo written || echo kept out';
    const { stdout } = await board.boot(
      [inside(attempt, 'locked'), inside(attempt), 'ls /usr/share/udhcpc/written'],
      ...['--root', 'initramfs'],
    );
    expect(stdout).toBe('kept out\nwritten\n/usr/share/udhcpc/written\n');
  });
});

test('an /init of an overlay counts: its device stays in the initramfs, says so, and shows why', async () => {
  const board = boardOf('own-init');
  expect((await board.build()).exitCode).toBe(0);
  const { stdout } = await board.boot([DETACH], '--root', 'initramfs');
  expect(stdout).toBe('device\n');
  expect(board.read('logs/console.log')).toContain('rcS: the root is still the initramfs');
});
