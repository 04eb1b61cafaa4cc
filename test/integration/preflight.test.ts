import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, projectMaker, stampedSteps } from './rig.ts';

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
  expect(text).toContain(
    'CONFIG_FUSE_FS  asked for nowhere, final: not set (needed by binding /dev/fuse (web))',
  );
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
    'CONFIG_CPUSETS  asked for nowhere, final: not set (needed by lxc.cgroup2.cpuset.cpus (web))',
  );
  expect(text).toContain('boards/inc/etc/lxc/limits.conf:2:1  lxc.cgroup2.cpuset.cpus = 0');
  await built({ ...board, kernel: { config: { CONFIG_SMP: 'y', CONFIG_CPUSETS: 'y' } } });
});
