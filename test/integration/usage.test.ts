import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageVersion } from '../../toolkit/base/package-root.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { message, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

/** The commands in the "Commands:" part of a help text. */
function commandsIn(help: string): string[] {
  const [, list = ''] = /^Commands:\n((?: {2}.*\n?)*)/m.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z]\S*)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help');
}

async function helpOf(command: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await project.run([...command, '--help']);
  expect({ exitCode, stderr }, command.join(' ')).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^Usage: ${['lxc-kit', ...command].join(' ')} `));
  return stdout;
}

test('--help of every command is a result: stdout, exit code 0', async () => {
  const seen: string[] = [];
  const visit = async (command: readonly string[]): Promise<void> => {
    seen.push(command.join(' '));
    for (const name of commandsIn(await helpOf(command))) await visit([...command, name]);
  };
  await visit([]);
  expect(seen).toEqual(
    expect.arrayContaining(['build', 'plan', 'boot', 'fetch', 'doctor', 'boards', 'explain', 'clean']),
  );
});

test('--version', async () => {
  expect(await project.run(['--version'])).toMatchObject({ exitCode: 0, stdout: `${packageVersion()}\n` });
});

test('without a command it shows its help', async () => {
  const result = await project.run([]);
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  expect(result.stderr).toMatch(/^Usage: lxc-kit \[options\] \[command\]$/m);
});

/** Wrong command lines; what is printed about each is in printed/usage/. */
const wrong: Readonly<Record<string, readonly string[]>> = {
  'unknown-command': ['biuld', '--board', 'fake'],
  'unknown-option': ['build', '--board', 'fake', '--outt', 'x'],
  'no-board': ['build'],
  'one-argument-too-many': ['build', 'fake', '--board', 'fake'],
  'jobs-zero': ['build', '--board', 'fake', '--jobs', '0'],
  'jobs-word': ['build', '--board', 'fake', '--jobs', 'many'],
  'log-format': ['build', '--board', 'fake', '--log-format', 'xml'],
  'source-unknown-component': ['build', '--board', 'fake', '--source', 'lcx=lxc.tar.gz'],
  'source-no-path': ['build', '--board', 'fake', '--source', 'lxc'],
  'until-misspelt': ['build', '--board', 'fake', '--until', 'build-kernal'],
  'until-unknown': ['build', '--board', 'fake', '--until', 'everything'],
  'explain-misspelt': ['explain', 'pack-tgz.gz', '--board', 'fake'],
  'explain-nothing': ['explain', '--board', 'fake'],
  'kconfig-no-board': ['kconfig', 'audit'],
  'kconfig-two-trees': ['kconfig', 'audit', '--board', 'fake', '--busybox', '--emulator'],
  'boot-root': ['boot', '--board', 'fake', '--root', 'nfs'],
  'boot-timeout': ['boot', '--board', 'fake', '--timeout', 'soon'],
  'boot-not-built': ['boot', '--board', 'fake', '--run', 'true'],
};

test.each(Object.keys(wrong))('wrong usage: %s', async (name) => {
  const result = await project.run(wrong[name] ?? []);
  await expect(message(project, result)).toMatchFileSnapshot(`printed/usage/${name}.txt`);
  expect(result.exitCode).toBe(2);
  expect(result.stdout).toBe('');
  expect(existsSync(join(project.dir, 'out'))).toBe(false);
});

test.each(['tomorrow', '-1', '1.5', '99999999999', ' '])('SOURCE_DATE_EPOCH=%j', async (epoch) => {
  const result = await project.run(['build', '--board', 'fake'], { env: { SOURCE_DATE_EPOCH: epoch } });
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain(
    `error: SOURCE_DATE_EPOCH is "${epoch}", which is not a number of seconds since 1970 [USAGE]\n`,
  );
});

test('--until stops after a step, and the next build goes on', async () => {
  const until = await project.run(['build', '--board', 'fake', '--until', 'configure-kernel']);
  expect(until.exitCode, until.stderr).toBe(0);
  expect(until.stdout).toBe('');
  expect(until.stderr).not.toContain('fetch-busybox');
  expect(project.listOut()).toContain('config/kernel.config');
});
