import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { isAlive, waitUntil } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, imageFile, leftovers, message, processesOf, projectMaker, stampedSteps } from './rig.ts';

const IMAGES = ['rootfs.tar.gz', 'rootfs.cpio.gz', 'vmlinux'];

const create = projectMaker();
let project: TempProject;
/** The images of a build that was not interrupted. */
let undisturbed: Buffer[];

const imagesOf = (board: string): Buffer[] =>
  IMAGES.map((name) => readFileSync(imageFile(project, name, board)));

/** A kernel that compiles until it is interrupted, or one that does not. */
function writeBoard(name: string, symbols: Record<string, string>): void {
  project.writeBoard(name, { rootfs: { hostname: 'same' }, kernel: { config: symbols } });
}

beforeAll(async () => {
  project = await create();
  writeBoard('undisturbed', {});
  await buildWell(project, [], { board: 'undisturbed' });
  undisturbed = imagesOf('undisturbed');
});

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s while a compiler runs', (signal) => {
  const board = signal.toLowerCase();

  test('ends everything', async () => {
    writeBoard(board, { CONFIG_FAKE_SLOW: 'y' });
    const cli = project.spawn(['build', '--board', board]);
    const sleeper = await project.waitForSleeper();
    expect(isAlive(sleeper)).toBe(true);
    cli.kill(signal);
    const result = await cli.done;
    expect(result).toMatchObject({ exitCode: 130, stdout: '' });
    await expect(message(project, result)).toMatchFileSnapshot('printed/interrupted.txt');
    expect(isAlive(sleeper)).toBe(false);
    await waitUntil(() => processesOf(project).length === 0, 'the end of every process', 60_000);
    expect(leftovers(project, board)).toEqual([]);
    expect(stampedSteps(project, board)).not.toContain('build-kernel');
    const manifest = JSON.parse(project.read(`out/${board}/manifest.json`)) as { outcome: string };
    expect(manifest.outcome).toBe('interrupted');
  });
});

test('the next build goes on from there, to the same bytes', async () => {
  const kept = stampedSteps(project, 'sigint');
  expect(kept).toContain('configure-busybox');
  writeBoard('sigint', {});
  const { ran } = await buildWell(project, [], { board: 'sigint' });
  expect(ran.filter((step) => kept.includes(step))).toEqual(['configure-kernel']);
  expect(imagesOf('sigint')).toEqual(undisturbed);
});

/** How long a build took to end after one Ctrl-C that its compiler ignores: two seconds or more. */
let graceMs = 0;

test('a compiler that ignores SIGTERM is ended all the same', async () => {
  writeBoard('stubborn', { CONFIG_FAKE_SLOW: 'y', CONFIG_FAKE_STUBBORN: 'y' });
  const cli = project.spawn(['build', '--board', 'stubborn']);
  const sleeper = await project.waitForSleeper();
  const sent = performance.now();
  cli.kill('SIGINT');
  const result = await cli.done;
  graceMs = performance.now() - sent;
  expect(result.exitCode).toBe(130);
  expect(isAlive(sleeper)).toBe(false);
  await waitUntil(() => processesOf(project).length === 0, 'the end of every process', 60_000);
});

test('a second Ctrl-C does not wait for it', async () => {
  writeBoard('twice', { CONFIG_FAKE_SLOW: 'y', CONFIG_FAKE_STUBBORN: 'y' });
  const cli = project.spawn(['build', '--board', 'twice']);
  const sleeper = await project.waitForSleeper();
  cli.kill('SIGINT');
  await cli.waitFor(/^interrupted: /m);
  const sent = performance.now();
  cli.kill('SIGINT');
  const result = await cli.done;
  expect(result.exitCode).toBe(130);
  expect(performance.now() - sent).toBeLessThan(graceMs);
  await waitUntil(
    () => !isAlive(sleeper) && processesOf(project).length === 0,
    'the end of every process',
    60_000,
  );
  // Its lock is not in the way.
  writeBoard('twice', {});
  await buildWell(project, [], { board: 'twice' });
  expect(imagesOf('twice')).toEqual(undisturbed);
});

test('with --log-format json the interruption is reported in JSON too', async () => {
  writeBoard('json', { CONFIG_FAKE_SLOW: 'y' });
  const cli = project.spawn(['build', '--board', 'json', '--log-format', 'json']);
  await project.waitForSleeper();
  cli.kill('SIGINT');
  const { stderr, exitCode } = await cli.done;
  expect(exitCode).toBe(130);
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toMatchObject({ type: 'error', code: 'INTERRUPTED' });
});
