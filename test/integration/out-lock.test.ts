import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { describeTree } from '../rigs/describe-tree.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, imageFile, leftovers, message, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.writeBoard('slow', { kernel: { config: { CONFIG_FAKE_SLOW: 'y' } } });
  project.writeBoard('first', { rootfs: { hostname: 'first' } });
  project.writeBoard('second', { rootfs: { hostname: 'second' }, busybox: { fragments: ['static'] } });
});

const running: ReturnType<TempProject['spawn']>[] = [];
afterEach(async () => {
  for (const cli of running.splice(0)) {
    cli.kill('SIGTERM');
    await cli.done;
  }
});

async function startSlowBuild(): Promise<ReturnType<TempProject['spawn']>> {
  const cli = project.spawn(['build', '--board', 'slow', '--until', 'build-kernel']);
  running.push(cli);
  await project.waitForSleeper();
  return cli;
}

test('a second command names the process at work, and changes nothing', async () => {
  const first = await startSlowBuild();
  const before = describeTree(project.outDir('slow'));
  for (const command of ['build', 'fetch', 'clean']) {
    const second = await project.run([command, '--board', 'slow']);
    expect(second.exitCode, command).toBe(2);
    expect(second.stdout).toBe('');
    expect(second.stderr).toContain(`(pid ${first.pid})`);
    await expect(message(project, second)).toMatchFileSnapshot('printed/out-busy.txt');
  }
  expect(describeTree(project.outDir('slow'))).toEqual(before);
});

test('plan and explain may look on', async () => {
  await startSlowBuild();
  for (const command of [['plan'], ['explain', 'configure-kernel']]) {
    const looking = await project.run([...command, '--board', 'slow']);
    expect(looking.exitCode, looking.stderr).toBe(0);
  }
});

test('another out directory is free', async () => {
  await startSlowBuild();
  await buildWell(project, ['--out', 'out/free', '--until', 'configure-kernel'], { board: 'slow' });
});

test('the lock of a process that is gone is taken over', async () => {
  const cli = await startSlowBuild();
  cli.kill('SIGKILL');
  await cli.done;
  const lock = join(project.outDir('slow'), '.lxc-kit', 'lock');
  expect(readlinkSync(lock)).toContain(String(cli.pid));
  await buildWell(project, ['--until', 'configure-kernel'], { board: 'slow' });
  // The note that the kernel was cut off stays until it is built again.
  expect(leftovers(project, 'slow')).toEqual(['<dir>/out/slow/.lxc-kit/running/build-kernel']);
});

test('so is one whose process number belongs to another process by now', async () => {
  const lock = join(project.outDir('slow'), '.lxc-kit', 'lock');
  symlinkSync(`${process.pid} 1`, lock);
  await buildWell(project, ['--until', 'configure-kernel'], { board: 'slow' });
  expect(() => unlinkSync(lock)).toThrow('ENOENT');
});

test('two boards at once share one store', async () => {
  const boards = ['first', 'second'];
  const together = await Promise.all(boards.map((board) => project.run(['build', '--board', board])));
  for (const result of together) expect(result.exitCode, result.stderr).toBe(0);
  const read = (board: string): Buffer => readFileSync(imageFile(project, 'rootfs.tar.gz', board));
  await buildWell(project, ['--out', 'out/alone'], { board: 'first' });
  expect(read('alone').equals(read('first'))).toBe(true);
  expect(read('second').equals(read('first'))).toBe(false);
});

test('two boards that unpack the same tarball at once', async () => {
  for (const component of ['kernel', 'busybox'] as const) {
    const archive = join(project.dir, `${component}-vendor-1.0.tar.xz`);
    execFileSync('tar', ['-cJf', archive, '-C', join(project.dir, 'sources'), component]);
  }
  const sources = [
    '--source',
    'kernel=kernel-vendor-1.0.tar.xz',
    '--source',
    'busybox=busybox-vendor-1.0.tar.xz',
  ];
  const results = await Promise.all(
    [1, 2, 3].map((number) =>
      project.run([
        'build',
        '--board',
        'first',
        '--out',
        `out/at-once-${number}`,
        ...sources,
        '--until',
        'build-kernel',
      ]),
    ),
  );
  for (const result of results) expect(result.exitCode, result.stderr).toBe(0);
  expect(leftovers(project, 'at-once-1')).toEqual([]);
});
