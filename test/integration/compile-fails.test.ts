import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { CliResult } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { build, buildWell, leftovers, message, projectMaker, stampedSteps } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

beforeEach(() => {
  project.writeBoard('broken', { images: ['tar.gz'] });
});

const run = (...args: string[]): Promise<CliResult> =>
  project.run(['build', '--board', 'broken', '--jobs', '2', ...args]);

/** A board whose kernel does what one of the switches of the fake tree says. */
function breakKernel(symbol: string): void {
  project.writeBoard('broken', { images: ['tar.gz'], kernel: { config: { [symbol]: 'y' } } });
}

test('a kernel that does not compile stops the build and shows the end of its log', async () => {
  breakKernel('CONFIG_FAKE_FAIL');
  const failed = await run();
  expect(failed.exitCode).toBe(4);
  expect(failed.stdout).toBe('');
  await expect(message(project, failed)).toMatchFileSnapshot('printed/kernel-fails.txt');
  expect(project.read('out/broken/logs/build-kernel.log')).toContain('drivers/fake/fake.c:42:9: error:');
  expect(leftovers(project, 'broken')).toEqual([]);
  const manifest = JSON.parse(project.read('out/broken/manifest.json')) as {
    outcome: string;
    steps: { id: string }[];
  };
  expect(manifest.outcome).toBe('failed');
  expect(manifest.steps).toContainEqual(
    expect.objectContaining({ id: 'build-kernel', outcome: 'failed' }) as unknown,
  );
  expect(manifest.steps).toContainEqual(
    expect.objectContaining({ id: 'assemble-rootfs', outcome: 'cancelled' }) as unknown,
  );
});

test('earlier steps are kept, and it is enough to fix the cause', async () => {
  breakKernel('CONFIG_FAKE_FAIL');
  await run();
  const kept = stampedSteps(project, 'broken');
  expect(kept).toEqual(
    expect.arrayContaining(['check-toolchain', 'fetch-kernel', 'configure-busybox', 'configure-kernel']),
  );
  expect(kept).not.toContain('build-kernel');
  project.writeBoard('broken', { images: ['tar.gz'] });
  const { ran, outcomes } = await buildWell(project, [], { board: 'broken' });
  expect(outcomes['build-kernel']).toBe('built');
  expect(ran.filter((step) => kept.includes(step))).toEqual(['configure-kernel']);
});

test('building again without a change fails again, and does only what failed', async () => {
  breakKernel('CONFIG_FAKE_FAIL');
  await run();
  const again = await build(project, [], { board: 'broken' });
  expect(again.exitCode).toBe(4);
  expect(again.outcomes).toMatchObject({ 'configure-kernel': 'fresh', 'build-kernel': 'failed' });
  expect(Object.values(again.outcomes)).not.toContain('built');
});

test('a kernel build that was killed is a failed step', async () => {
  breakKernel('CONFIG_FAKE_DIE');
  const failed = await run();
  expect(failed.exitCode).toBe(4);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/kernel-killed.txt');
  expect(stampedSteps(project, 'broken')).not.toContain('build-kernel');
});

test('a kernel build that asks a question gets no answer and fails', async () => {
  breakKernel('CONFIG_FAKE_ASK');
  const failed = await run();
  expect(failed.exitCode).toBe(4);
  expect(failed.stderr).toContain('  A new symbol (NEW_SYMBOL) [N/y/?] (NEW) \n');
  expect(failed.stderr).toContain('  Error in reading or end of file.\n');
});

test('a kernel build that leaves no image is a failed step', async () => {
  project.writeBoard('imageless', { kernel: { config: { CONFIG_FAKE_NO_IMAGE: 'y' } } });
  const failed = await project.run(['build', '--board', 'imageless', '--until', 'build-kernel']);
  expect(failed.exitCode).toBe(4);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/kernel-no-image.txt');
  expect(stampedSteps(project, 'imageless')).not.toContain('build-kernel');
});

test('a kernel build that prints 20 MB, warnings among it, goes on', async () => {
  project.writeBoard('broken', {
    images: ['tar.gz'],
    kernel: { config: { CONFIG_FAKE_NOISE: 'y', CONFIG_FAKE_WARN: 'y' } },
  });
  const result = await run('--until', 'build-kernel');
  expect(result.exitCode, result.stderr).toBe(0);
  expect(result.stderr.length).toBeLessThan(10_000);
  const log = project.read('out/broken/logs/build-kernel.log');
  expect(log.length).toBeGreaterThan(20_000_000);
  expect(log).toContain('-Wunused-function');
  expect(log).toContain('  LD      vmlinux\n');
});

test('BusyBox that does not compile', async () => {
  project.write('boards/broken.config', 'CONFIG_FAKE_FAIL=y\n');
  project.writeBoard('broken', {
    images: ['tar.gz'],
    busybox: { fragments: ['static', 'lxc', './broken.config'] },
  });
  const failed = await run('--until', 'build-busybox');
  expect(failed.exitCode).toBe(4);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/busybox-fails.txt');
});

test('BusyBox that is not static', async () => {
  project.writeBoard('broken', { images: ['tar.gz'], busybox: { fragments: ['lxc'] } });
  const failed = await run('--until', 'build-busybox');
  expect(failed.exitCode).toBe(4);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/busybox-not-static.txt');
  expect(stampedSteps(project, 'broken')).not.toContain('build-busybox');
});

test('LXC that does not compile', async () => {
  await project.changeSource('lxc', (dir) => writeFileSync(join(dir, 'FAKE_FAIL'), ''));
  const failed = await run('--until', 'build-lxc');
  expect(failed.exitCode).toBe(4);
  // ninja numbers its lines as it goes along.
  expect(message(project, failed)).toMatch(
    /^error: build-lxc stopped: ninja ended with exit code 1 \[STEP_FAILED\]\n/m,
  );
  expect(message(project, failed)).toContain("implicit declaration of function 'no_such_function'");
  expect(message(project, failed)).toMatch(/^ {2}log: .*out\/broken\/logs\/build-lxc\.log$/m);
  await project.changeSource('lxc', (dir) => rmSync(join(dir, 'FAKE_FAIL')));
  const fixed = await run('--until', 'build-lxc');
  expect(fixed.exitCode, fixed.stderr).toBe(0);
});

test.each([
  ['lxc', 'libcap', 'build-lxc'],
  ['kernel', 'lxc', 'configure-kernel'],
  ['busybox', 'libcap', 'configure-busybox'],
  ['libcap', 'busybox', 'build-libcap'],
])('a source for %s that is not %s, but %s', async (component, other, step) => {
  const source = `${component}=sources/${other}`;
  const failed = await run('--until', step, '--source', source);
  expect(failed.exitCode).toBe(4);
  await expect(message(project, failed)).toMatchFileSnapshot(`printed/not-${component}.txt`);
  const fixed = await run('--until', step);
  expect(fixed.exitCode, fixed.stderr).toBe(0);
});

test('folders of the out directory that were removed come back', async () => {
  await buildWell(project, [], { board: 'broken' });
  for (const folder of ['logs', 'work', 'images', 'config'])
    rmSync(join(project.outDir('broken'), folder), { recursive: true });
  const { outcomes } = await buildWell(project, [], { board: 'broken' });
  expect(outcomes).toMatchObject({
    'build-kernel': 'restored',
    'build-lxc': 'restored',
    'fetch-kernel': 'fresh',
    'check-toolchain': 'fresh',
  });
  expect(project.listOut('broken')).toEqual(
    expect.arrayContaining(['images/rootfs.tar.gz', 'images/vmlinux', 'logs/build-kernel.log']),
  );
});

test('a file where the folder of the logs should be', async () => {
  await buildWell(project, [], { board: 'broken' });
  rmSync(join(project.outDir('broken'), 'logs'), { recursive: true });
  project.write('out/broken/logs', 'in the way');
  breakKernel('CONFIG_FAKE_WARN');
  const failed = await run();
  await expect(message(project, failed)).toMatchFileSnapshot('printed/log-in-the-way.txt');
  expect(failed.exitCode).toBe(4);
  rmSync(join(project.outDir('broken'), 'logs'));
  await buildWell(project, [], { board: 'broken' });
});
