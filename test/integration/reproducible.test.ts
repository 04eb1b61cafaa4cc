import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, imageFile, projectMaker } from './rig.ts';
import { withoutPrivileges } from './small-disk.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';

const FILES = ['rootfs.tar.gz', 'rootfs.cpio.gz', 'rootfs.squashfs', 'rootfs.ext4', 'vmlinux'];

const create = projectMaker();
let first: TempProject;
let images: readonly Buffer[];

async function createProject(): Promise<TempProject> {
  const project = await create();
  project.write('boards/overlay/etc/motd', 'hello\n');
  project.write('boards/overlay/usr/bin/tool', '#!/bin/sh\n');
  // The modes of an overlay are the person's, and count.
  for (const [path, mode] of Object.entries({
    'etc/motd': 0o644,
    'usr/bin/tool': 0o755,
    etc: 0o755,
    usr: 0o755,
  }))
    chmodSync(join(project.dir, 'boards/overlay', path), mode);
  project.writeBoard('same', {
    rootfs: {
      overlays: ['./overlay'],
      files: [{ path: '/dev/brcm0', type: 'char', dev: '30:0', mode: '0660', gid: 44 }],
    },
    containers: [
      { name: 'bound', command: ['/bin/sh'], bind: ['/bin/sh', '/bin/busybox'] },
      { name: 'own', kind: 'system', rootfs: { from: 'busybox' }, command: ['/sbin/init'] },
    ],
    images: ['tar.gz', 'cpio.gz', 'squashfs', 'ext4'],
  });
  return project;
}

const imagesOf = (project: TempProject, out: string): Buffer[] =>
  FILES.map((name) => readFileSync(imageFile(project, name, out)));

/** The names of the images that are not as those of the first build. */
function different(project: TempProject, out = 'same'): string[] {
  const found = imagesOf(project, out);
  return FILES.filter((_, index) => found[index]?.equals(images[index]!) !== true);
}

beforeAll(async () => {
  first = await createProject();
  await buildWell(first, ['--jobs', '1'], { board: 'same' });
  images = imagesOf(first, 'same');
});

test('another place, time zone, language, home, umask and number of jobs make the same images', async () => {
  const project = await createProject();
  // Another day.
  utimesSync(join(project.dir, 'boards/overlay/etc/motd'), 1_000_000_000, 1_000_000_000);
  mkdirSync(join(project.dir, 'another-home'));
  const umask = process.umask(0o077);
  try {
    await buildWell(project, ['--jobs', '7', '--out', 'a/much/deeper/place/than/out'], {
      board: 'same',
      env: {
        TZ: 'Pacific/Chatham',
        LANG: 'de_DE.UTF-8',
        LC_ALL: 'tr_TR.UTF-8',
        HOME: join(project.dir, 'another-home'),
        USER: 'somebody',
        CFLAGS: '-O3',
        KBUILD_BUILD_HOST: 'elsewhere',
        MAKEFLAGS: '-k',
        SQUASHFS_OPTIONS: '-comp lzo',
        GREP_OPTIONS: '--color=always',
      },
    });
  } finally {
    process.umask(umask);
  }
  const found = FILES.map((name) =>
    readFileSync(join(project.dir, 'a/much/deeper/place/than/out/images', name)),
  );
  expect(FILES.filter((_, index) => !found[index]!.equals(images[index]!))).toEqual([]);
});

test('building again from nothing makes the same images', async () => {
  await first.run(['clean', '--board', 'same', '--store']);
  await buildWell(first, [], { board: 'same' });
  expect(different(first)).toEqual([]);
});

test('builds the same images without root', async () => {
  const project = await createProject();
  const cli = [process.execPath, CLI_FILE, 'build', '--board', 'same'];
  const [program = '', ...args] = [...withoutPrivileges, ...cli];
  const result = spawnSync(program, args, { cwd: project.dir, env: project.env, encoding: 'utf8' });
  expect(result.status, result.stderr).toBe(0);
  expect(different(project)).toEqual([]);
});

test('SOURCE_DATE_EPOCH is the time of everything in them', async () => {
  const env = { SOURCE_DATE_EPOCH: '1000000000' };
  await buildWell(first, [], { board: 'same', env });
  expect(different(first).sort()).toEqual([...FILES].sort());
  const { stdout } = spawnSync('tar', ['--full-time', '-tvzf', imageFile(first, 'rootfs.tar.gz', 'same')], {
    encoding: 'utf8',
    env: { PATH: first.env['PATH'], TZ: 'UTC' },
  });
  const times = stdout
    .trimEnd()
    .split('\n')
    .map((line) => /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.exec(line)?.[0]);
  expect([...new Set(times)]).toEqual(['2001-09-09 01:46:40']);
  await buildWell(first, [], { board: 'same' });
  expect(different(first)).toEqual([]);
});
