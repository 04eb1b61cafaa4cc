import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { tarOf } from '../unit/sources/archives.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, listTar, message, projectMaker, readFromTar } from './rig.ts';

const create = projectMaker();
let project: TempProject;
let tar: Record<string, string>;

const idmap = [
  { kind: 'uid', container: 0, host: 100000, count: 65536 },
  { kind: 'gid', container: 0, host: 200000, count: 65536 },
];

const other = [
  { kind: 'uid', container: 0, host: 300000, count: 65536 },
  { kind: 'gid', container: 0, host: 400000, count: 65536 },
];

const board = {
  containers: [
    { name: 'bound', command: ['/bin/sh'], bind: ['/bin/sh', '/bin/busybox'] },
    { name: 'own', kind: 'system', rootfs: { path: '/srv/own', from: 'busybox' }, command: ['/sbin/init'] },
    { name: 'tarred', rootfs: { from: { tar: './app.tar.gz' } }, command: ['/app'], idmap },
    { name: 'copied', rootfs: { from: { directory: './app' } }, command: ['/app'], idmap: other },
  ],
  images: ['tar.gz'],
};

beforeAll(async () => {
  project = await create();
  // A static program for the board, as the fake compiler makes it.
  project.write('boards/app.c', 'int main(void) { return 0; }\n');
  project.write('boards/app/etc/config', 'hello\n');
  const compiler = join(project.dir, 'tools/bin/mipsel-linux-gnu-gcc');
  const app = join(project.dir, 'boards/app/app');
  execFileSync(compiler, ['-static', '-o', app, join(project.dir, 'boards/app.c')]);
  chmodSync(app, 0o4755);
  chmodSync(join(project.dir, 'boards/app/etc'), 0o755);
  chmodSync(join(project.dir, 'boards/app/etc/config'), 0o640);
  symlinkSync('/etc/config', join(project.dir, 'boards/app/link'));
  execFileSync('tar', [
    ...['--owner=33', '--group=44', '--numeric-owner', '-czf', join(project.dir, 'boards/app.tar.gz')],
    ...['-C', join(project.dir, 'boards/app'), '.'],
  ]);
  project.writeBoard('housed', board);
  await buildWell(project, [], { board: 'housed' });
  tar = listTar(project, 'housed');
});

test('from a tar file, with its owners as the id map shifts them', () => {
  expect(tar).toMatchObject({
    '/opt/lxc/tarred/etc': 'drwxr-xr-x 100033/200044',
    '/opt/lxc/tarred/etc/config': '-rw-r----- 100033/200044 6',
    '/opt/lxc/tarred/link': 'lrwxrwxrwx 100033/200044 -> /etc/config',
  });
  expect(tar['/opt/lxc/tarred/app']).toMatch(/^-rwsr-xr-x 100033\/200044 \d+$/);
});

test("from a directory, whose files are the container's root's, whoever owns them on this host", () => {
  expect(tar).toMatchObject({
    '/opt/lxc/copied/etc/config': '-rw-r----- 300000/400000 6',
    '/opt/lxc/copied/link': 'lrwxrwxrwx 300000/400000 -> /etc/config',
  });
});

test('bound: folders for what is bound, and nothing else', () => {
  const inside = Object.keys(tar).filter((path) => path.startsWith('/opt/lxc/bound/'));
  expect(inside).toEqual(expect.arrayContaining(['/opt/lxc/bound/bin/sh', '/opt/lxc/bound/bin/busybox']));
  expect(inside.filter((path) => /^-\S+ \S+ (?!0)/.test(tar[path] ?? ''))).toEqual([]);
});

test('busybox: a BusyBox and an /etc of its own', () => {
  expect(tar['/srv/own/bin/busybox']?.slice(0, 10)).toBe('-rwxr-xr-x');
  expect(tar).toMatchObject({ '/srv/own/sbin/init': expect.stringContaining(' -> ') as string });
  expect(Object.keys(tar)).toEqual(expect.arrayContaining(['/srv/own/etc/inittab', '/srv/own/etc/passwd']));
});

test.each([
  ['bound', '/opt/lxc/bound.conf'],
  ['own', '/srv/own.conf'],
  ['tarred', '/opt/lxc/tarred.conf'],
])('LXC finds the configuration of %s under its name', (name, path) => {
  expect(tar[path]).toMatch(/^-rw-r--r-- 0\/0 /);
  expect(tar[`/var/lib/lxc/${name}/config`]).toBe(`lrwxrwxrwx 0/0 -> ${path}`);
  expect(readFromTar(project, path, 'housed').toString()).toContain(`lxc.uts.name = ${name}\n`);
});

test('a change in the root filesystem of a container repeats only the steps that pack it', async () => {
  chmodSync(join(project.dir, 'boards/app/etc/config'), 0o600);
  const { ran } = await buildWell(project, [], { board: 'housed' });
  expect(ran).toEqual(['assemble-rootfs', 'emit-containers', 'pack-tar.gz']);
  expect(listTar(project, 'housed')['/opt/lxc/copied/etc/config']).toBe('-rw------- 300000/400000 6');
});

test('a container that is gone from the profile is gone from the image and from containers/', async () => {
  project.writeBoard('housed', { ...board, containers: board.containers.slice(0, 1) });
  await buildWell(project, [], { board: 'housed' });
  const names = Object.keys(listTar(project, 'housed'));
  expect(names.filter((name) => /tarred|copied|\/srv\/own/.test(name))).toEqual([]);
  expect(project.listOut('housed').filter((path) => path.startsWith('containers/'))).toEqual([
    'containers/bound.conf',
  ]);
});

test('an archive that leads out of the container is refused', async () => {
  project.write(
    'boards/evil.tar',
    tarOf([{ path: '../../etc/passwd', body: 'root::0:0\n' }]).toString('latin1'),
  );
  project.writeBoard('housed', {
    ...board,
    containers: [{ name: 'evil', rootfs: { from: { tar: './evil.tar' } }, command: ['/app'] }],
  });
  const failed = await project.run(['build', '--board', 'housed']);
  expect(failed.exitCode).toBe(4);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/container/archive-leads-out.txt');
  await buildWell(project, [], { board: 'fake' });
});

test('an archive of images is no root filesystem, and each one is named', async () => {
  const paths = (...all: string[]) => all.map((path) => ({ path, body: '{}' }));
  const tar = (name: string, entries: Parameters<typeof tarOf>[0]): void =>
    project.write(`boards/${name}.tar`, tarOf(entries).toString('latin1'));
  tar('oci', paths('oci-layout', 'index.json', `blobs/sha256/${'ab'.repeat(32)}`));
  tar('saved', paths('manifest.json', 'repositories', `${'cd'.repeat(32)}/layer.tar`));
  project.write('boards/incus/metadata.yaml', '{}');
  project.write('boards/incus/rootfs/bin/sh', '');
  const container = (name: string, from: object) => ({ name, kind: 'system', rootfs: { from } });
  project.writeBoard('housed', {
    ...board,
    containers: [
      container('a', { tar: './oci.tar' }),
      container('b', { tar: './saved.tar' }),
      container('c', { directory: './incus' }),
    ],
  });
  const failed = await project.run(['build', '--board', 'housed']);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/container/image-archives.txt');
});
