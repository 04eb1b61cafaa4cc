import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { programWith } from '../rigs/make-elf.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, projectMaker, readFromTar, stampedSteps } from './rig.ts';

/*
 * Boards whose device would not do what they say: each is refused before it is on the device, with the place and the
 * cause, and its twin that does is built.
 */

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

const web = { name: 'web', command: ['/bin/sh'], bind: ['/bin/sh', '/bin/busybox'] };

async function refused(board: object, code: number): Promise<string> {
  project.writeBoard('preflight', { images: ['tar.gz'], ...board });
  const failed = await project.run(['build', '--board', 'preflight']);
  expect(failed.exitCode, failed.stderr).toBe(code);
  return failed.stderr;
}

async function built(board: object): Promise<void> {
  project.writeBoard('preflight', { images: ['tar.gz'], ...board });
  await buildWell(project, [], { board: 'preflight' });
}

test('a device node that this kernel does not make', async () => {
  const bind = [...web.bind, { from: '/dev/fuse', options: ['rw', 'create=file'] }];
  const text = await refused({ containers: [{ ...web, bind }] }, 4);
  expect(text).toContain('CONFIG_FUSE_FS  not asked for, final: not set (needed by binding /dev/fuse (web))');
  expect(text).toMatch(/boards\/preflight\.yaml:\d+:\d+ {2}.*\/dev\/fuse/);
  expect(stampedSteps(project, 'preflight').filter((step) => step.startsWith('build-'))).toEqual([]);
  await built({ containers: [{ ...web, bind }], kernel: { config: { CONFIG_FUSE_FS: 'y' } } });
});

test('a limit in an included file that this kernel does not have', async () => {
  project.write('boards/inc/etc/lxc/limits.conf', '# Limits.\nlxc.cgroup2.cpuset.cpus = 0\n');
  const board = {
    containers: [{ ...web, include: ['/etc/lxc/limits.conf'] }],
    rootfs: { overlays: ['./inc'] },
  };
  const text = await refused(board, 4);
  expect(text).toContain(
    'CONFIG_CPUSETS  not asked for, final: not set (needed by lxc.cgroup2.cpuset.cpus (web))',
  );
  expect(text).toContain('boards/inc/etc/lxc/limits.conf:2:1  lxc.cgroup2.cpuset.cpus = 0');
  await built({ ...board, kernel: { config: { CONFIG_SMP: 'y', CONFIG_CPUSETS: 'y' } } });
});

test('a source below /run that nothing makes, also by a raw line', async () => {
  const sock = { from: '/run/app/sock', to: '/sock', options: ['rw', 'create=file'] };
  const raw = ['lxc.mount.entry = /run/app/sock sock none bind,create=file 0 0'];
  const text = await refused(
    {
      containers: [
        { ...web, bind: [...web.bind, sock] },
        { ...web, name: 'two', raw },
      ],
    },
    2,
  );
  const says = 'binds /run/app/sock, which does not exist after boot: nothing in the image makes it';
  expect(text).toMatch(new RegExp(`boards/preflight\\.yaml:\\d+:\\d+ web ${says}`));
  expect(text).toMatch(new RegExp(`boards/preflight\\.yaml:\\d+:\\d+ two ${says}`));
  await built({ containers: [{ ...web, bind: [...web.bind, { ...sock, optional: true }] }] });
  await built({
    containers: [
      { ...web, bind: [...web.bind, sock], hooks: { 'pre-start': '/bin/mkdir -p /run/app' } },
      { ...web, name: 'two', raw },
    ],
  });
});

test('refuses a bind of an overlay file below /run, which is hidden after boot', async () => {
  project.write('boards/hidden/run/app/conf', 'x');
  const bind = [...web.bind, '/run/app/conf'];
  const board = { rootfs: { overlays: ['./hidden'] }, containers: [{ ...web, bind }] };
  expect(await refused(board, 2)).toContain('web binds /run/app/conf, which does not exist after boot');
});

test('a bridge that no script makes', async () => {
  const containers = [{ ...web, network: [{ type: 'veth', link: 'br9' }] }];
  const external = { bridges: [{ name: 'br9', external: true }], containers };
  expect(await refused(external, 2)).toMatch(
    /boards\/preflight\.yaml:\d+:\d+ the bridge br9 is external, but nothing in the image makes it/,
  );
  expect(await refused({ containers }, 2)).toContain(
    'web is connected to the bridge br9, which nothing makes',
  );
  const raw = ['lxc.net.0.type = veth', 'lxc.net.0.link = br9'];
  expect(await refused({ containers: [{ ...web, raw }] }, 2)).toContain('web is connected to the bridge br9');
  project.write('boards/net/etc/network/interfaces', 'auto br9\niface br9 inet manual\n');
  await built({ ...external, rootfs: { overlays: ['./net'] } });
  await built({ containers: [{ ...web, raw }], rootfs: { overlays: ['./net'] } });
});

test('a namespace of a container that the device does not have', async () => {
  const raw = ['lxc.namespace.share.net = router'];
  expect(await refused({ containers: [{ ...web, raw }] }, 2)).toContain(
    'web shares a namespace of router, but the device has no such container',
  );
  const slip = { ...web, name: 'two', raw: ['lxc.namespace.share.net = wbe'] };
  expect(await refused({ containers: [web, slip] }, 2)).toContain('help: did you mean web?');
  project.write('boards/router/var/lib/lxc/router/config', 'lxc.net.0.type = empty\n');
  await built({ containers: [{ ...web, raw }], rootfs: { overlays: ['./router'] } });
});

test('LXC configurations that an overlay brings', async () => {
  const write = (path: string, text: string): void => {
    project.write(`boards/lxc/${path}`, text);
  };
  write('etc/lxc/limits.conf', 'lxc.include = /etc/lxc/more.conf\n');
  write('etc/lxc/more.conf', '# v1\nlxc.cgroup.memory.limit_in_bytes = 16M\n');
  write('var/lib/lxc/old/config', 'lxc.utsname = old\nlxc.cgroup.pids.max = 5\n');
  write('etc/lxc/lxc.conf', 'lxc.tty.max = 4\nlxc.lxcpath = /data\n');
  write('etc/lxc/unused.conf', 'lxc.kmsg = 0\n');
  const board = {
    containers: [{ ...web, include: ['/etc/lxc/limits.conf'] }],
    rootfs: { overlays: ['./lxc'] },
  };
  const text = await refused(board, 2);
  expect(text).toContain(
    'boards/lxc/etc/lxc/more.conf:2:1 web: lxc.cgroup.memory.limit_in_bytes is a setting of cgroup v1',
  );
  expect(text).toContain(
    'boards/lxc/var/lib/lxc/old/config:1:1 old: LXC 5.0.2 does not have the key lxc.utsname',
  );
  expect(text).toContain(
    'boards/lxc/etc/lxc/lxc.conf:2:1 with this line LXC looks for containers in /data, but those',
  );
  expect(text).toContain('3 problems found');

  write('etc/lxc/more.conf', 'lxc.cgroup2.memory.max = 16M\n');
  write('var/lib/lxc/old/config', 'lxc.uts.name = old\nlxc.cgroup.pids.max = 5\n');
  write('etc/lxc/lxc.conf', 'lxc.tty.max = 4\n');
  write('etc/lxc/default.conf', 'lxc.net.0.type = none\n');
  project.writeBoard('preflight', { images: ['tar.gz'], ...board });
  const { events } = await buildWell(project, [], { board: 'preflight' });
  const warnings = events.filter(({ type }) => type === 'warning').map(({ message }) => String(message));
  expect(warnings).toEqual(
    expect.arrayContaining([
      expect.stringContaining('old/config:2:1 old: lxc.cgroup.pids.max is a setting of cgroup v1'),
      expect.stringContaining('lxc.conf:1:1 LXC silently skips lxc.tty.max here'),
      expect.stringContaining(
        'unused.conf:1:1 /etc/lxc/unused.conf: LXC 5.0.2 does not have the key lxc.kmsg',
      ),
    ]),
  );
  expect(readFromTar(project, '/etc/lxc/default.conf', 'preflight').toString()).toBe(
    'lxc.net.0.type = none\n',
  );
});

test('a program with more variables than its container may use memory', async () => {
  const dir = join(project.dir, 'boards/hog/usr/bin');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'hog'), programWith(24 * 1024 * 1024), { mode: 0o755 });
  const hog = (memory: string, more = {}) => ({
    rootfs: { overlays: ['./hog'] },
    containers: [
      { name: 'web', command: ['/usr/bin/hog'], bind: ['/usr/bin/hog'], limits: { memory }, ...more },
    ],
  });
  expect(await refused(hog('8M'), 2)).toMatch(
    /boards\/preflight\.yaml:\d+:\d+ web may use 8 MiB of memory, but the variables of its program \/usr\/bin\/hog alone need 24 MiB/,
  );
  const raw = { limits: {}, raw: ['lxc.cgroup2.memory.max = 8M'] };
  expect(await refused(hog('8M', raw), 2)).toContain('web may use 8 MiB of memory');
  await built(hog('40M'));
});
