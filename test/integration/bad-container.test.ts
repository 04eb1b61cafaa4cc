import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, leftovers, message, projectMaker, stampedSteps } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

const web = { name: 'web', command: ['/bin/sh'], bind: ['/bin/sh', '/bin/busybox'] };

/** Containers by their mistake. */
const mistakes: Readonly<Record<string, object[]>> = {
  'binds what is not in the rootfs': [
    { ...web, bind: ['/bin/sh', '/bin/busybox', '/usr/bin/python3', '/bin/ech'] },
  ],
  'runs a program it does not see': [{ ...web, command: ['/bin/hostname'] }],
  'has a raw line with an unknown key': [{ ...web, raw: ['lxc.no.such.key = 1'] }],
  'has a raw line that the board has no kernel for': [
    { ...web, raw: ['lxc.cgroup.memory.limit_in_bytes = 1M'] },
  ],
  'runs a system without an init': [
    { ...web, kind: 'system', rootfs: { from: 'bind' }, command: ['/sbin/init'] },
  ],
};

test.each(Object.keys(mistakes))('a container that %s', async (what) => {
  project.writeBoard('contained', { images: ['tar.gz'], containers: mistakes[what] });
  const failed = await project.run(['build', '--board', 'contained']);
  expect(failed.exitCode).toBe(2);
  expect(failed.stdout).toBe('');
  await expect(message(project, failed)).toMatchFileSnapshot(
    `printed/container/${what.replaceAll(' ', '-')}.txt`,
  );
  expect(stampedSteps(project, 'contained')).not.toContain('emit-containers');
  expect(existsSync(join(project.outDir('contained'), 'images', 'rootfs.tar.gz'))).toBe(false);
  expect(leftovers(project, 'contained')).toEqual([]);
});

test('raw lines that the release does not accept are refused before anything is fetched', async () => {
  const raw = [
    'lxc.utsname = web',
    'lxc.no.such.key = 1',
    'lxc.tty.max = many',
    'lxc.cap.drop = sys_admin # bar',
    'lxc.cgroup.memory.limit_in_bytes = 1M',
  ];
  project.writeBoard('untold', {
    containers: [
      { ...web, raw },
      { ...web, name: 'two', raw: ['lxc.pts = 1'] },
    ],
  });
  for (const command of ['plan', 'build']) {
    const failed = await project.run([command, '--board', 'untold']);
    expect(failed.exitCode).toBe(2);
    expect(stampedSteps(project, 'untold')).toEqual([]);
    await expect(message(project, failed)).toMatchFileSnapshot('printed/container/untold.txt');
  }
});

test('one run reports the mistakes of all containers', async () => {
  project.writeBoard('contained', {
    images: ['tar.gz'],
    containers: [
      { ...web, name: 'one', bind: ['/bin/sh', '/none/1'] },
      { ...web, name: 'two', bind: ['/bin/sh', '/none/2'] },
    ],
  });
  const failed = await project.run(['build', '--board', 'contained']);
  expect(failed.exitCode).toBe(2);
  expect(failed.stderr).toContain('/none/1');
  expect(failed.stderr).toContain('/none/2');
});

test('once they are fixed, only the later steps run', async () => {
  project.writeBoard('contained', { images: ['tar.gz'], containers: [web] });
  const { ran } = await buildWell(project, [], { board: 'contained' });
  // The kernel is looked at again, because it is asked for by containers of other names.
  expect(ran).toEqual([
    'assemble-rootfs',
    'check-versions',
    'configure-kernel',
    'emit-containers',
    'pack-tar.gz',
  ]);
});

test('a file of another container may be given, and its mistakes are shown in it', async () => {
  project.write('boards/web.yaml', 'name: web\ncommand: [/bin/sh]\nbind:\n  - /bin/sh\n  - /bin/nothing\n');
  project.writeBoard('contained', { images: ['tar.gz'], containers: ['web.yaml'] });
  const failed = await project.run(['build', '--board', 'contained']);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/container/in-a-file.txt');
});
