import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { CliResult } from '../rigs/cli-process.ts';
import { describeTree } from '../rigs/describe-tree.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { message, projectMaker } from './rig.ts';
import { runScript, runWithReadOnly, withoutPrivileges } from './small-disk.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.write('in-the-way', 'a file\n');
});

const build = (...args: string[]): Promise<CliResult> => project.run(['build', '--board', 'fake', ...args]);

test.each([
  ['a place where even root cannot write', 'proc', '/proc/lxc-kit'],
  ['a file', 'file', 'in-the-way'],
  ['a folder below a file', 'below-file', 'in-the-way/out'],
])('--out is %s', async (_what, name, out) => {
  const before = describeTree(project.dir);
  const failed = await build('--out', out);
  expect(failed.exitCode).toBe(2);
  expect(failed.stdout).toBe('');
  await expect(message(project, failed)).toMatchFileSnapshot(`printed/out-${name}.txt`);
  expect(describeTree(project.dir)).toEqual(before);
});

test('--out is on a read-only file system', () => {
  const { exitCodes, stderr } = runWithReadOnly(
    project,
    `
    kit build --board fake --out "$READ_ONLY/out"
    kit clean --board fake --out "$READ_ONLY/out"
    kit plan --board fake --out "$READ_ONLY/out" > /dev/null
    `,
  );
  expect(exitCodes).toEqual([2, 0, 0]);
  expect(stderr).toMatch(
    /^error: cannot write to \S*\/out: it is on a read-only file system \[OUT_UNWRITABLE\]\n {2}help: give another directory with --out\n$/,
  );
});

test('an out directory that became unwritable', () => {
  const { exitCodes, stderr } = runScript(
    project,
    [
      'kit build --board fake --out fixed --until configure-kernel 2> /dev/null',
      'chmod 555 fixed fixed/.lxc-kit',
      'kit build --board fake --out fixed',
      'kit clean --board fake --out fixed',
      'chmod 755 fixed fixed/.lxc-kit',
    ],
    withoutPrivileges,
  );
  expect(exitCodes).toEqual([0, 2, 2]);
  const line = 'error: cannot write to fixed: you have no permission [OUT_UNWRITABLE]\n';
  const help = '  help: give another directory with --out\n';
  expect(stderr).toBe(`${line}${help}${line}${help}`);
});

test.each([
  ['a file', 'store-file', 'in-the-way'],
  ['a place where even root cannot write', 'store-proc', '/proc/lxc-kit'],
])('the store is %s', async (_what, name, store) => {
  const failed = await project.run(['build', '--board', 'fake'], { env: { LXC_KIT_STORE: store } });
  await expect(message(project, failed)).toMatchFileSnapshot(`printed/${name}.txt`);
  expect(failed.stderr).not.toContain('this is a bug');
  expect(failed.exitCode).toBeGreaterThan(1);
});

test.each([
  ['blank', 'out dir'],
  ['colon', 'out:dir'],
])('the path of --out has a %s, which make does not take', async (name, out) => {
  const failed = await build('--out', out);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot(`printed/out-${name}.txt`);
  expect(existsSync(join(project.dir, out))).toBe(false);
});

test('so does the path of the store', async () => {
  const env = { LXC_KIT_STORE: join(project.dir, 'my store') };
  const failed = await project.run(['build', '--board', 'fake'], { env });
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/store-blank.txt');
});

test('--out may be a link to a folder elsewhere', async () => {
  mkdirSync(join(project.dir, 'elsewhere'));
  symlinkSync('elsewhere', join(project.dir, 'linked'));
  const built = await build('--out', 'linked', '--until', 'configure-kernel');
  expect(built.exitCode, built.stderr).toBe(0);
  expect(Object.keys(describeTree(join(project.dir, 'elsewhere')))).toContain('config/kernel.config');
});
