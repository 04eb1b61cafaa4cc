import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { imageFile, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.writeBoard('second', { containers: [] });
  project.writeBoard('broken', { kernel: { require: ['CONFIG_NOBODY_HAS_IT'] } });
});

test('several boards are built in turn, and what they share once', async () => {
  const { exitCode, stdout, stderr } = await project.run(['build', '--board', 'fake', '--board', 'second']);
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').filter((line) => line.startsWith('out/fake/'))).not.toEqual([]);
  expect(stdout.split('\n').filter((line) => line.startsWith('out/second/'))).not.toEqual([]);
  expect(stderr).toMatch(/^board fake \(1 of 2\)$/m);
  expect(stderr).toMatch(/^fake {4}[\d.]+ s: \d+ built$/m);
  expect(stderr).toMatch(/^second {2}[\d.]+ s: \d+ built, [56] restored$/m);
  expect(readFileSync(imageFile(project, 'vmlinux', 'second'))).toEqual(
    readFileSync(imageFile(project, 'vmlinux')),
  );
});

test('one that fails does not keep the next from being built', async () => {
  const { exitCode, stderr } = await project.run([
    ...['build', '--board', 'broken', '--board', 'second', '--out', 'elsewhere'],
  ]);
  expect(exitCode).toBe(4);
  expect(stderr).toContain('1 of 2 boards could not be built');
  expect(stderr).toMatch(/^broken {2}failed: 1 required symbol is not in the final kernel configuration$/m);
  expect(existsSync(join(project.dir, 'elsewhere/second/manifest.json'))).toBe(true);
});

test('a profile that cannot be read stops it before anything is built', async () => {
  project.write('boards/torn.yaml', 'schema: 1\nname: torn\nnonsense: 1\n');
  const { exitCode, stdout } = await project.run(['build', '--board', 'second', '--board', 'torn']);
  expect([exitCode, stdout]).toEqual([2, '']);
});

test('no board at all is wrong usage', async () => {
  const { exitCode, stderr } = await project.run(['build']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('no board was given');
});

test('a board that is named twice is built once, two of one name are refused', async () => {
  const twice = await project.run(['build', '--board', 'fake', '--board', 'boards/fake.yaml']);
  expect(twice.exitCode).toBe(0);
  expect(twice.stderr).not.toContain('board fake (');
  project.write('twin.yaml', 'schema: 1\nname: fake\nextends: [boards/fake.yaml]\n');
  const clash = await project.run(['build', '--board', 'fake', '--board', 'twin.yaml']);
  expect(clash.exitCode).toBe(2);
  expect(clash.stderr).toContain('two boards would be built in out/fake: both are called fake');
});
