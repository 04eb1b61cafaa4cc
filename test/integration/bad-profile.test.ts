import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { message, projectMaker } from './rig.ts';

// How each mistake is worded is tested in test/unit/board; here, that it stops every command in time.

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

afterAll(() => {
  // Nothing of all this made an out directory.
  expect(existsSync(join(project.dir, 'out'))).toBe(false);
  expect(existsSync(project.storeDir)).toBe(false);
});

const container = (changes: object): object => ({
  name: 'web',
  command: ['/bin/sh'],
  bind: ['/bin/sh', '/bin/busybox'],
  ...changes,
});

/** Profiles by their mistake. */
const profiles: Readonly<Record<string, Record<string, unknown>>> = {
  'a typo in a key': { kernel: { imgae: 'vmlinux' } },
  'a wrong type': { kernel: { fragments: ['lxc', 7] } },
  'a fragment that does not exist': { kernel: { fragments: ['lxc', 'lcx', './none.config'] } },
  'an overlay that does not exist': { rootfs: { overlays: ['./overlay'] } },
  'two containers of one name': { containers: [container({}), container({ rootfs: { path: '/srv/web' } })] },
  'a container name that leads out': { containers: [container({ name: '../x' })] },
  'a container name with a blank': { containers: [container({ name: 'a b' })] },
  'an image format that does not exist': { images: ['jffs2'] },
  'many mistakes at once': {
    cgroup: 'v3',
    kernel: { require: ['veth'] },
    images: [],
    emulator: { memory: '1T' },
  },
};

test.each(Object.keys(profiles))('%s', async (what) => {
  project.writeBoard('bad', profiles[what] ?? {});
  const result = await project.run(['build', '--board', 'bad']);
  expect(result.exitCode).toBe(2);
  expect(result.stdout).toBe('');
  await expect(message(project, result)).toMatchFileSnapshot(
    `printed/profile/${what.replaceAll(' ', '-')}.txt`,
  );
});

test('a missing key', async () => {
  project.write('boards/bad.yaml', 'schema: 1\nname: bad\nkernel: {}\n');
  const result = await project.run(['build', '--board', 'bad']);
  expect(result.exitCode).toBe(2);
  await expect(message(project, result)).toMatchFileSnapshot('printed/profile/a-missing-key.txt');
});

test('a cycle in extends', async () => {
  project.write('boards/bad.yaml', 'schema: 1\nname: bad\nextends: [parts/a.yaml]\n');
  project.write('boards/parts/a.yaml', 'schema: 1\nextends: [b.yaml]\n');
  project.write('boards/parts/b.yaml', 'schema: 1\nextends: [a.yaml]\n');
  const result = await project.run(['build', '--board', 'bad']);
  expect(result.exitCode).toBe(2);
  await expect(message(project, result)).toMatchFileSnapshot('printed/profile/a-cycle-in-extends.txt');
});

test('an extends that leads out of the folder of the boards', async () => {
  project.write('boards/bad.yaml', 'schema: 1\nname: bad\nextends: [../secret.yaml]\n');
  project.write('secret.yaml', 'schema: 1\nname: a secret\n');
  const result = await project.run(['build', '--board', 'bad']);
  expect(result.exitCode).toBe(2);
  const text = message(project, result);
  expect(text).not.toContain('a secret');
  await expect(text).toMatchFileSnapshot('printed/profile/extends-leads-out.txt');
});

test('refuses a profile that is not YAML', async () => {
  project.write('boards/bad.yaml', 'schema: 1\nname: bad\nkernel: {defconfig: x\nimages: [tar.gz]\n');
  const result = await project.run(['build', '--board', 'bad']);
  expect(result.exitCode).toBe(2);
  await expect(message(project, result)).toMatchFileSnapshot('printed/profile/no-yaml.txt');
});

test.each([
  ['unknown', 'nonsense'],
  ['misspelt', 'fak'],
  ['file-not-there', 'boards/fake2.yaml'],
  ['shipped-misspelt', 'stb-mipsle'],
])('a board that is not there: %s', async (name, board) => {
  const result = await project.run(['build', '--board', board]);
  expect(result.exitCode).toBe(2);
  expect(result.stdout).toBe('');
  await expect(message(project, result)).toMatchFileSnapshot(`printed/profile/board-${name}.txt`);
});

test.each(['plan', 'fetch', 'boot', 'doctor', 'clean', 'explain build-kernel'])(
  '%s refuses a bad profile as build does',
  async (command) => {
    project.writeBoard('bad', profiles['a typo in a key'] ?? {});
    const result = await project.run([...command.split(' '), '--board', 'bad']);
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toBe('');
    await expect(message(project, result)).toMatchFileSnapshot('printed/profile/a-typo-in-a-key.txt');
  },
);
