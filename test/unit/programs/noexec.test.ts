import { describe, expect, test } from 'vitest';
import { errorsOf, findingsOf, library, program } from './rig.ts';

const files = {
  '/opt/app/bin/app': program('libc.so.6', 'libx.so'),
  '/opt/app/bin/run.sh': '#!/bin/sh\n/opt/app/bin/app\n',
  '/usr/bin/wrap.sh': '#!/bin/sh\n/opt/app/bin/run.sh\n',
  '/usr/lib/libx.so': library('libx.so'),
};

/** Errors about a container that binds /bin, /lib and /usr besides. */
const started = (command: string, bind: string, more = ''): Promise<string[]> =>
  errorsOf(`{ name: c1, command: [${command}], bind: [/bin, /lib, /usr, ${bind}] ${more} }`, files);

const refused = (chain: string, mount: string): string =>
  `c1 starts ${chain}, which is in ${mount}, mounted with noexec: the kernel refuses to execute it\n  help: remove noexec from the options of the mount on ${mount}`;

describe('a bind with noexec', () => {
  test('over the directory of the program, or over the program', async () => {
    expect(await started('/opt/app/bin/app', '{ from: /opt/app, options: [ro, noexec] }')).toEqual([
      refused('/opt/app/bin/app', '/opt/app'),
    ]);
    expect(await started('/opt/app/bin/app', '{ from: /opt/app/bin/app, options: [noexec, ro] }')).toEqual([
      refused('/opt/app/bin/app', '/opt/app/bin/app'),
    ]);
    const from = '{ from: /opt/app, to: /srv, options: [ro, nosuid, noexec] }';
    expect(await started('/srv/bin/app', from)).toEqual([refused('/srv/bin/app', '/srv')]);
  });

  test('is not in force without ro, which alone makes LXC mount it again', async () => {
    for (const options of ['noexec', 'noexec, ro, rw', 'ro, noexec, exec'])
      expect(await started('/opt/app/bin/app', `{ from: /opt/app, options: [${options}] }`)).toEqual([]);
  });

  test('where nothing is started, or below which the program is bound again', async () => {
    const bind = '/opt/app, { from: /usr/lib, to: /srv/data, options: [ro, noexec] }';
    expect(await started('/opt/app/bin/app', bind)).toEqual([]);
    const again = '{ from: /opt/app, options: [ro, noexec] }, /opt/app/bin/app';
    expect(await started('/opt/app/bin/app', again)).toEqual([]);
  });

  test('in a raw line, or in an included file', async () => {
    const line = 'lxc.mount.entry = /opt/app opt/app none bind,ro,noexec,create=dir 0 0';
    const yaml = (more: string): string =>
      `{ name: c1, command: [/opt/app/bin/app], bind: [/bin, /lib, /usr], ${more} }`;
    expect(await errorsOf(yaml(`raw: ["${line}"]`), files)).toEqual([
      refused('/opt/app/bin/app', '/opt/app'),
    ]);
    const included = { ...files, '/etc/lxc/app.conf': `${line}\n` };
    expect(await errorsOf(yaml('include: [/etc/lxc/app.conf]'), included)).toEqual([
      refused('/opt/app/bin/app', '/opt/app'),
    ]);
  });
});

describe('a script in a mount with noexec', () => {
  const bind = '{ from: /opt/app, options: [ro, noexec] }';

  test('cannot be started itself, nor by another script', async () => {
    expect(await started('/opt/app/bin/run.sh', bind)).toEqual([refused('/opt/app/bin/run.sh', '/opt/app')]);
    expect(await started('/usr/bin/wrap.sh', bind)).toEqual([
      refused('/usr/bin/wrap.sh, which starts /opt/app/bin/run.sh', '/opt/app'),
    ]);
  });

  test('can be given to a shell, which only reads it', async () => {
    expect(await started('/bin/sh, /opt/app/bin/run.sh', bind)).toEqual([]);
  });

  test('needs an interpreter that may be executed', async () => {
    const shell = '/opt/app, { from: /bin/busybox, to: /opt/sh, options: [ro, noexec] }';
    const script = { ...files, '/opt/app/bin/odd.sh': '#!/opt/sh\n' };
    const yaml = `{ name: c1, command: [/opt/app/bin/odd.sh], bind: [/bin, ${shell}] }`;
    expect(await errorsOf(yaml, script)).toEqual([
      refused('/opt/app/bin/odd.sh, which starts /opt/sh', '/opt/sh'),
    ]);
  });
});

test('a library in a mount with noexec cannot be mapped, nor can the dynamic linker be', async () => {
  const yaml = (lib: string, usr: string): string =>
    `{ name: c1, command: [/opt/app/bin/app], bind: [/opt/app, { from: /lib, options: [${lib}] }, { from: /usr, options: [${usr}] }] }`;
  const needs = (file: string, mount: string): string =>
    `c1 starts /opt/app/bin/app, which needs ${file}, and ${mount} is mounted with noexec: the kernel refuses to map it as code\n  help: remove noexec from the options of the mount on ${mount}`;
  expect(await errorsOf(yaml('ro', 'ro, noexec'), files)).toEqual([needs('/usr/lib/libx.so', '/usr')]);
  expect(await errorsOf(yaml('ro, noexec', 'ro'), files)).toEqual([needs('/lib/ld-2.36.so', '/lib')]);
  expect(await errorsOf(yaml('ro', 'ro'), files)).toEqual([]);
});

test('a script that a loop would find in a mount with noexec is not executable for the shell', async () => {
  const inits = {
    '/opt/c1/bin/busybox': { kind: 'static' as const },
    '/opt/c1/sbin/init': { link: '/bin/busybox' },
    '/opt/c1/bin/sh': { link: 'busybox' },
    '/opt/c1/etc/init.d/rcS': '#!/bin/sh\nfor s in /etc/more/S*; do\n  [ -x $s ] && $s\ndone\n',
    '/srv/more/S10': '#!/bin/none\n',
  };
  const yaml = (options: string): string =>
    `{ name: c1, kind: system, rootfs: { path: /opt/c1, from: { tar: ./c1.tar } }, bind: [{ from: /srv/more, to: /etc/more, options: [${options}] }] }`;
  expect(await errorsOf(yaml('ro'), inits)).toHaveLength(1);
  expect(await errorsOf(yaml('ro, noexec'), inits)).toEqual([]);
});

test('a hook that mounts makes it a warning', async () => {
  const hooks = ', hooks: { mount: /usr/bin/mnt.sh }';
  const yaml = `{ name: c1, command: [/opt/app/bin/app], bind: [/lib, /usr, { from: /opt/app, options: [ro, noexec] }] ${hooks} }`;
  const mount = {
    ...files,
    '/usr/bin/mnt.sh': '#!/bin/sh\nmount -o remount,bind,exec "$LXC_ROOTFS_MOUNT/opt/app"\n',
  };
  const { errors, warnings } = await findingsOf(yaml, mount);
  expect([errors, warnings]).toEqual([[], [refused('/opt/app/bin/app', '/opt/app')]]);
});
