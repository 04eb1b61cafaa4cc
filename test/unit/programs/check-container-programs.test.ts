import { describe, expect, test } from 'vitest';
import { DEVICE, errorsOf, findingsOf, library, program } from './rig.ts';

const bound = (bind: string, command = '/usr/bin/app'): string =>
  `{ name: c1, command: [${command}], bind: [${bind}] }`;

describe('a program in a container that binds what it needs', () => {
  test('lacks its dynamic linker', async () => {
    expect(await errorsOf(bound('/usr/bin/app'), { '/usr/bin/app': program('libc.so.6') })).toEqual([
      'c1 starts /usr/bin/app, whose dynamic linker /lib/ld.so.1 is not in c1\n  help: add /lib to its bind',
    ]);
  });

  test('has it and lacks a library', async () => {
    const files = { '/usr/bin/app': program('libc.so.6') };
    expect(await errorsOf(bound('/usr/bin/app, /lib/ld.so.1'), files)).toEqual([
      'c1 starts /usr/bin/app, which needs the library libc.so.6: it is in none of /lib and /usr/lib\n  help: add /lib/libc.so.6 to its bind',
    ]);
  });

  test('has all of it, the dynamic linker by a link', async () => {
    const files = { '/usr/bin/app': program('libc.so.6') };
    expect(await errorsOf(bound('/usr/bin/app, /lib'), files)).toEqual([]);
    expect(await errorsOf(bound('/usr/bin/app, /lib/ld.so.1, /lib/libc.so.6'), files)).toEqual([]);
  });

  test('lacks what a library of it needs, wherever that is searched', async () => {
    const files = {
      '/usr/bin/app': { ...program('liba.so'), runPath: '/opt/a' },
      '/opt/a/liba.so': library('liba.so', { needed: ['libb.so'] }),
      '/opt/a/libb.so': library('libb.so'),
    };
    // DT_RUNPATH of the program is not for what its libraries need.
    expect(await errorsOf(bound('/usr/bin/app, /lib, /opt/a'), files)).toEqual([
      'c1 starts /usr/bin/app, which needs the library libb.so: it is in none of /lib and /usr/lib\n  help: put /usr/lib/libb.so into an overlay of the board and add it to its bind',
    ]);
    const inherited = { ...files, '/usr/bin/app': { ...program('liba.so'), rpath: '/opt/a' } };
    expect(await errorsOf(bound('/usr/bin/app, /lib, /opt/a'), inherited)).toEqual([]);
  });

  test('is not one that the container only has', async () => {
    const files = { '/usr/bin/app': { kind: 'static' as const }, '/usr/bin/tool': program('libnone.so') };
    expect(await errorsOf(bound('/usr/bin/app, /usr/bin/tool'), files)).toEqual([]);
  });

  test('static-pie, a library without a loader and a text without #! need nothing', async () => {
    for (const app of [{ kind: 'shared' as const }, 'echo hello\n', ''])
      expect(await errorsOf(bound('/usr/bin/app'), { '/usr/bin/app': app })).toEqual([]);
  });

  test('finds a dynamic linker that is not executable', async () => {
    const files = {
      '/usr/bin/app': program(),
      '/lib/ld-2.36.so': { ...library('ld.so.1'), mode: 0o644 },
    };
    expect(await errorsOf(bound('/usr/bin/app, /lib'), files)).toEqual([
      'c1 starts /usr/bin/app, which needs /lib/ld.so.1, and that is not executable: its mode is 0644\n  help: give /lib/ld.so.1 mode 0755',
    ]);
  });
});

describe('mounts hide and show files', () => {
  const files = { '/usr/bin/app': program('libc.so.6', 'libx.so'), '/usr/lib/libx.so': library('libx.so') };
  const mounted = (mounts: string, more = ''): string =>
    `{ name: c1, command: [/usr/bin/app], bind: [/usr, /lib], mounts: [${mounts}] ${more} }`;

  test('a tmpfs hides what is bound above it', async () => {
    expect(await errorsOf(mounted('{ type: tmpfs, to: /usr/lib }'), files)).toEqual([
      expect.stringContaining('needs the library libx.so: it is in none of /lib and /usr/lib'),
    ]);
    expect(await errorsOf(mounted('{ type: tmpfs, to: /usr/share }'), files)).toEqual([]);
  });

  test('a file bound into the tmpfs is seen', async () => {
    const bind = ', raw: ["lxc.mount.entry = /usr/lib/libx.so usr/lib/libx.so none bind,ro,create=file 0 0"]';
    expect(await errorsOf(mounted('{ type: tmpfs, to: /usr/lib }', bind), files)).toEqual([]);
  });

  test('makes no claim about a file system of its own', async () => {
    expect(await errorsOf(mounted('{ type: ext4, from: /dev/sda1, to: /usr/lib }'), files)).toEqual([]);
  });

  test('a bind to another place is seen there', async () => {
    const yaml = (to: string): string =>
      `{ name: c1, command: [/app], bind: [{ from: /usr/bin/app, to: /app }, { from: /srv/rt, to: ${to} }] }`;
    const srv = {
      ...files,
      '/srv/rt/ld.so.1': library('ld.so.1'),
      '/srv/rt/libc.so.6': library('libc.so.6'),
      '/srv/rt/libx.so': library('libx.so'),
    };
    expect(await errorsOf(yaml('/lib'), srv)).toEqual([]);
    expect(await errorsOf(yaml('/opt'), srv)).toHaveLength(1);
  });

  test('links are followed inside, not on the device', async () => {
    const links = {
      ...files,
      '/usr/lib/libx.so': { link: '/opt/x/libx.so.1' },
      '/opt/x/libx.so.1': library('libx.so'),
    };
    expect(await errorsOf(bound('/usr, /lib'), links)).toHaveLength(1);
    expect(await errorsOf(bound('/usr, /lib, /opt/x'), links)).toEqual([]);
  });

  test('mounts that cannot be known are not guessed about', async () => {
    for (const raw of [
      'lxc.mount.fstab = /etc/c1.fstab',
      'lxc.rootfs.path = /srv/other',
      'lxc.include = /etc/more.conf',
    ])
      expect(
        await errorsOf(`{ name: c1, command: [/usr/bin/app], bind: [/usr/bin/app], raw: ["${raw}"] }`, files),
      ).toEqual([]);
  });

  test('an included configuration mounts too', async () => {
    const yaml = '{ name: c1, command: [/usr/bin/app], bind: [/usr], include: [/etc/lxc/libs.conf] }';
    const include = (line: string): Promise<string[]> =>
      errorsOf(yaml, { ...files, '/etc/lxc/libs.conf': `# libraries\n${line}\n` });
    expect(await include('lxc.mount.entry = /lib lib none bind,ro 0 0')).toEqual([]);
    expect(await include('lxc.mount.auto = proc')).toHaveLength(1);
  });

  test('makes no claim about files that a partition of the device hides', async () => {
    const yaml = bound('/data/app, /lib', '/data/app/run');
    const data = { '/data/app/run': program('libgone.so') };
    expect(await errorsOf(yaml, data)).toHaveLength(1);
    expect(await errorsOf(yaml, { ...data, '/etc/fstab': '/dev/sda2 /data ext4 ro 0 0\n' })).toEqual([]);
  });

  test('a hook that brings files makes it a warning', async () => {
    const yaml = `{ name: c1, command: [/usr/bin/app], bind: [/usr/bin/app], hooks: { mount: /opt/hook.sh } }`;
    const bring = '#!/bin/sh\nmount -o bind /lib "$LXC_ROOTFS_MOUNT/lib"\n';
    const { errors, warnings } = await findingsOf(yaml, { ...files, '/opt/hook.sh': bring });
    expect([errors.length, warnings.length]).toEqual([0, 1]);
    expect(await errorsOf(yaml, { ...files, '/opt/hook.sh': '#!/bin/sh\nlogger up\n' })).toHaveLength(1);
  });
});

describe('a root filesystem of its own', () => {
  const tar = '{ name: c1, rootfs: { from: { tar: ./app.tar } }, command: [/usr/bin/app], bind: [/lib] }';
  const root = '/opt/lxc/c1';

  test('has a library without the version that the program needs', async () => {
    const files = (...versions: string[]): Parameters<typeof errorsOf>[1] => ({
      [`${root}/usr/bin/app`]: {
        ...program('libdemo.so.1', 'libc.so.6'),
        runPath: '$ORIGIN/../lib/demo:/usr/lib/demo',
        needsVersions: { 'libdemo.so.1': ['DEMO_2', 'DEMO_9?'], 'libc.so.6': ['GLIBC_2.34'] },
      },
      [`${root}/usr/lib/demo/libdemo.so.1`]: library('libdemo.so.1', { definesVersions: versions }),
    });
    expect(await errorsOf(tar, files('DEMO_1'))).toEqual([
      'c1 starts /usr/bin/app, which needs version DEMO_2 of libdemo.so.1, and /usr/lib/demo/libdemo.so.1 has only DEMO_1\n  help: replace it with a libdemo.so.1 that has DEMO_2, or build the program against this one',
    ]);
    expect(await errorsOf(tar, files('DEMO_1', 'DEMO_2'))).toEqual([]);
    // Without any versions glibc only warns.
    const plain = { ...files(), [`${root}/usr/lib/demo/libdemo.so.1`]: library('libdemo.so.1') };
    expect(await errorsOf(tar, plain)).toEqual([]);
  });

  test('lacks a library: it goes into the tar', async () => {
    const files = { [`${root}/usr/bin/app`]: program('libzzz.so.1') };
    expect(await errorsOf(tar, files)).toEqual([
      'c1 starts /usr/bin/app, which needs the library libzzz.so.1: it is in none of /lib and /usr/lib\n  help: put /usr/lib/libzzz.so.1 into app.tar',
    ]);
  });

  test('floating point of program and library', async () => {
    const float = (number: number): { abiFlags: { level: number; revision: number; float: number } } => ({
      abiFlags: { level: 32, revision: 2, float: number },
    });
    const files = (lib: number): Parameters<typeof errorsOf>[1] => ({
      [`${root}/usr/bin/app`]: { ...program('libdsp.so'), ...float(1) },
      [`${root}/usr/lib/libdsp.so`]: library('libdsp.so', float(lib)),
    });
    expect(await errorsOf(tar, files(3))).toEqual([
      'c1 starts /usr/bin/app, whose floating-point ABI is double, and its library /usr/lib/libdsp.so has soft\n  help: build both with the same compiler flags',
    ]);
    expect(await errorsOf(tar, files(5))).toEqual([]);
  });

  test('the path of $ORIGIN needs /proc where it is of the program', async () => {
    const files = {
      [`${root}/srv/bin/app`]: { ...program('liba.so'), runPath: '$ORIGIN/../lib' },
      [`${root}/srv/lib/liba.so`]: library('liba.so', { needed: ['libb.so'], runPath: '${ORIGIN}/more' }),
      [`${root}/srv/lib/more/libb.so`]: library('libb.so'),
    };
    const yaml = (more: string): string =>
      `{ name: c1, rootfs: { from: { tar: ./app.tar } }, command: [/srv/bin/app], bind: [/lib] ${more} }`;
    expect(await errorsOf(yaml(', auto: [proc:mixed]'), files)).toEqual([]);
    expect(await errorsOf(yaml(''), files)).toEqual([
      'c1 starts /srv/bin/app, which looks for liba.so in $ORIGIN/../lib, and without /proc the dynamic linker does not know $ORIGIN\n  help: add "auto: [proc:mixed]", or build it with the absolute path of the directory',
    ]);
  });
});

describe('scripts', () => {
  test('an interpreter that is nowhere, or only on the device', async () => {
    expect(
      await errorsOf(bound('/usr/bin/app, /bin/sh, /bin/busybox'), { '/usr/bin/app': '#!/bin/bash\n' }),
    ).toEqual([
      'c1 starts /usr/bin/app, whose interpreter /bin/bash is not in c1\n  help: name an existing interpreter in its first line, such as #!/bin/sh',
    ]);
    const withAwk = { '/usr/bin/app': '#!/usr/bin/awk -f\n', '/usr/bin/awk': { kind: 'static' as const } };
    expect(await errorsOf(bound('/usr/bin/app'), withAwk)).toEqual([
      'c1 starts /usr/bin/app, whose interpreter /usr/bin/awk is not in c1\n  help: add /usr/bin/awk to its bind',
    ]);
  });

  test('a line with a carriage return has its own sentence', async () => {
    const bind = '/usr/bin/app, /bin/sh, /bin/busybox, /usr/bin/env';
    for (const line of ['#!/bin/sh', '#! /bin/sh -e', '#!/usr/bin/env sh'])
      expect(await errorsOf(bound(bind), { '/usr/bin/app': `${line}\r\necho\r\n` })).toEqual([
        `c1 starts /usr/bin/app, whose first line, ${line.replace('! ', '!')}, ends with a carriage return: the kernel looks for a program with that in its name\n  help: save /usr/bin/app with Unix line ends`,
      ]);
  });

  test('env looks for its program in PATH, and takes all as one name', async () => {
    const bind = '/usr/bin/app, /bin, /usr/bin/env';
    const app = (line: string): Promise<string[]> => errorsOf(bound(bind), { '/usr/bin/app': `${line}\n` });
    expect(await app('#!/usr/bin/env sh')).toEqual([]);
    expect(await app('#!/usr/bin/env -S sh -e')).toEqual([]);
    expect(await app('#!/usr/bin/env -i')).toEqual([]);
    expect(await app('#!/usr/bin/env python3')).toEqual([
      'c1 starts /usr/bin/app, whose interpreter python3, which env looks for, is in none of /usr/local/sbin, /usr/local/bin, /usr/sbin, /usr/bin, /sbin and /bin\n  help: name an existing interpreter in its first line, such as #!/bin/sh',
    ]);
    expect(await app('#!/usr/bin/env sh -e')).toEqual([
      'c1 starts /usr/bin/app, whose env looks for one program named "sh -e"\n  help: write the absolute path of the interpreter, or "env -S" if env supports that',
    ]);
    const path = `{ name: c1, command: [/usr/bin/app], bind: [${bind}], environment: { PATH: /opt/bin } }`;
    expect(await errorsOf(path, { '/usr/bin/app': '#!/usr/bin/env sh\n' })).toHaveLength(1);
  });

  test('the interpreter is followed like any program, and what the script starts in any case', async () => {
    const files = {
      '/usr/bin/app': '#!/usr/bin/lua\n',
      '/usr/bin/lua': program('liblua.so'),
      '/usr/bin/run':
        '#!/bin/sh\n/usr/bin/none\n[ -e /x ] && /usr/bin/lua\nif [ -e /y ]; then\n  /usr/bin/lua\nfi\nexec /usr/bin/lua /x.lua\n',
    };
    expect(await errorsOf(bound('/usr/bin/app, /usr/bin/lua, /lib'), files)).toEqual([
      expect.stringContaining(
        'c1 starts /usr/bin/app, which starts /usr/bin/lua, which needs the library liblua.so',
      ),
    ]);
    expect(await errorsOf(bound('/usr/bin, /bin, /lib', '/usr/bin/run'), files)).toEqual([
      expect.stringContaining(
        'c1 starts /usr/bin/run, which starts /usr/bin/lua, which needs the library liblua.so',
      ),
    ]);
  });

  test('hooks run on the device, the start hook in the container', async () => {
    const files = { '/opt/hook.sh': '#!/bin/bash\n', '/usr/bin/app': { kind: 'static' as const } };
    const hooks = '{ pre-start: [/opt/hook.sh one], start: /opt/hook.sh }';
    const yaml = `{ name: c1, command: [/usr/bin/app], bind: [/usr/bin/app, /opt], hooks: ${hooks} }`;
    const help = '\n  help: name an existing interpreter in its first line, such as #!/bin/sh';
    expect(await errorsOf(yaml, files)).toEqual([
      `the pre-start hook of c1 starts /opt/hook.sh, whose interpreter /bin/bash is not in the root filesystem${help}`,
      `the start hook of c1 starts /opt/hook.sh, whose interpreter /bin/bash is not in c1${help}`,
    ]);
    const raw = `{ name: c1, command: [/usr/bin/app], bind: [/usr/bin/app], raw: ["lxc.hook.post-stop = /opt/hook.sh"] }`;
    expect(await errorsOf(raw, files)).toEqual([
      `the post-stop hook of c1 starts /opt/hook.sh, whose interpreter /bin/bash is not in the root filesystem${help}`,
    ]);
  });
});

test('a program that a raw line names is there, and executable', async () => {
  const files = {
    '/usr/bin/app': { kind: 'static' as const },
    '/opt/plain.sh': { text: '#!/bin/sh\n', mode: 0o644 },
  };
  const raw = (line: string): Promise<string[]> =>
    errorsOf(`{ name: c1, command: [/usr/bin/app], bind: [/usr/bin/app], raw: ["${line}"] }`, files);
  expect(await raw('lxc.hook.mount = /opt/gone.sh x')).toEqual([
    'the mount hook of c1 starts /opt/gone.sh, which is not in the root filesystem\n  help: put /opt/gone.sh there',
  ]);
  expect(await raw('lxc.hook.mount = /opt/plain.sh')).toEqual([
    'the mount hook of c1 starts /opt/plain.sh, which is not executable: its mode is 0644\n  help: give it mode 0755',
  ]);
  expect(await raw('lxc.init.cmd = /usr/bin/none')).toEqual([
    'c1 starts /usr/bin/none, which is not in c1\n  help: put /usr/bin/none there',
  ]);
  for (const line of ['lxc.init.cmd = /usr/bin/app', 'lxc.hook.mount = /run/x.sh', 'lxc.hook.mount = echo x'])
    expect(await raw(line)).toEqual([]);
});

describe('a system container', () => {
  const yaml = '{ name: c1, kind: system, rootfs: { from: { directory: ./c1 } } }';
  const root = '/opt/lxc/c1';
  const inside = (files: Parameters<typeof errorsOf>[1]): Parameters<typeof errorsOf>[1] =>
    Object.fromEntries(
      Object.entries({
        '/bin/busybox': { kind: 'static' as const },
        '/bin/sh': { link: 'busybox' },
        '/sbin/init': { link: '/bin/busybox' },
        ...files,
      }).map(([path, made]) => [`${root}${path}`, made]),
    );
  const needy = { '/usr/sbin/logd': program('liblog.so'), '/lib/ld.so.1': library('ld.so.1') };
  const sentence = (...chain: string[]): unknown =>
    expect.stringContaining(`c1 starts ${chain.join(', which starts ')}, which needs the library liblog.so`);

  test('starts what its inittab says', async () => {
    const inittab = (...lines: string[]): Promise<string[]> =>
      errorsOf(yaml, inside({ ...needy, '/etc/inittab': `# comment\n${lines.join('\n')}\n` }));
    expect(await inittab('::respawn:/usr/sbin/logd -n')).toEqual([sentence('/sbin/init', '/usr/sbin/logd')]);
    expect(await inittab('tty1::askfirst:-/usr/sbin/logd')).toHaveLength(1);
    expect(
      await inittab('::shutdown:/usr/sbin/logd', '::respawn:/sbin/getty', '#::once:/usr/sbin/logd'),
    ).toEqual([]);
  });

  test('starts rcS, and the scripts that this goes through', async () => {
    const rcS =
      '#!/bin/sh\nmount -t tmpfs tmpfs /run\nfor script in /etc/init.d/S??*; do\n  $script start\ndone\n';
    const files = inside({
      ...needy,
      '/etc/init.d/rcS': rcS.replace('mount -t tmpfs tmpfs /run\n', ''),
      '/etc/init.d/S10log': '#!/bin/sh\n/usr/sbin/logd\n',
      '/etc/init.d/S20off': { text: '#!/bin/none\n', mode: 0o644 },
      '/etc/init.d/K10log': '#!/bin/none\n',
    });
    expect(await errorsOf(yaml, files)).toEqual([
      sentence('/sbin/init', '/etc/init.d/rcS', '/etc/init.d/S10log', '/usr/sbin/logd'),
    ]);
  });

  test('another init than BusyBox: only what runs on every run level', async () => {
    const files = inside({
      ...needy,
      '/sbin/init': { kind: 'static' },
      '/etc/inittab': 'si::sysinit:/usr/sbin/logd\nl3:3:wait:/bin/none\n1:2345:respawn:/usr/sbin/logd\n',
    });
    expect(await errorsOf(yaml, files)).toHaveLength(1);
    expect(
      await errorsOf(yaml, { ...files, [`${root}/etc/inittab`]: '1:23:respawn:/usr/sbin/logd\n' }),
    ).toEqual([]);
  });
});

test('does not blame containers for what the device misses', async () => {
  expect(await errorsOf('{ name: c1, command: [/bin/sh], bind: [/bin] }', DEVICE)).toEqual([]);
});
