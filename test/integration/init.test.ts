import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../toolkit/base/package-root.ts';
import { TempProject } from '../rigs/temp-project.ts';

let project: TempProject;

beforeEach(async () => {
  project = await TempProject.create();
});
afterEach(() => project.remove());

describe('init', () => {
  test('makes a project whose board can be planned, with the package in node_modules', async () => {
    const { exitCode, stdout, stderr } = await project.run(['init', 'My Box!']);
    expect({ exitCode, lines: stdout.split('\n') }).toEqual({
      exitCode: 0,
      lines: [
        'My Box!/boards/my-box.yaml',
        'My Box!/boards/containers/hello.yaml',
        'My Box!/package.json',
        'My Box!/.gitignore',
        'My Box!/README.md',
        '',
      ],
    });
    expect(stderr).toContain('npx lxc-kit build --board my-box --install-host-tools');
    mkdirSync(join(project.dir, 'My Box!', 'node_modules'));
    symlinkSync(packageRoot, join(project.dir, 'My Box!', 'node_modules', 'lxc-kit'));
    const plan = await project.run(['plan', '--board', 'My Box!/boards/my-box.yaml', '--json']);
    expect(plan.exitCode, plan.stderr).toBe(0);
    expect(JSON.parse(plan.stdout)).toMatchObject({ board: 'my-box' });
    expect(project.read('My Box!/README.md').trim().split('\n')).toHaveLength(3);
    expect(JSON.parse(project.read('My Box!/package.json'))).toMatchObject({ name: 'my-box' });
  });

  test('takes a directory whose name YAML would read as a number', async () => {
    await project.run(['init', '2024']);
    const plan = await project.run(['plan', '--board', '2024/boards/2024.yaml']);
    expect(plan.exitCode, plan.stderr).toBe(0);
  });

  test('keeps package.json, .gitignore and README.md of an existing project', async () => {
    project.write('mine/package.json', '{ "name": "mine" }\n');
    const { exitCode, stderr } = await project.run(['init', 'mine']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('kept: mine/package.json\n');
    expect(project.read('mine/package.json')).toBe('{ "name": "mine" }\n');
  });

  test('writes nothing where a board or a container is in the way', async () => {
    project.write('mine/boards/containers/hello.yaml', 'name: hello\n');
    const { exitCode, stdout, stderr } = await project.run(['init', 'mine', '--ci', 'gitlab']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('mine/boards/containers/hello.yaml exists');
    expect(readdirSync(join(project.dir, 'mine'))).toEqual(['boards']);
  });

  test.each([
    ['github', '.github/workflows/image.yml'],
    ['gitlab', '.gitlab-ci.yml'],
  ])('--ci %s adds a pipeline that builds, boots and keeps the store', async (service, file) => {
    expect(await project.run(['init', 'fw', '--ci', service])).toMatchObject({ exitCode: 0 });
    const text = project.read(`fw/${file}`);
    expect(() => parse(text) as unknown).not.toThrow();
    for (const part of [
      'lxc-kit build --board fw',
      'lxc-kit boot --board fw --run',
      'LXC_KIT_STORE',
      'cache',
    ])
      expect(text).toContain(part);
    // GitHub's own expressions stay, and nothing of the template does.
    expect(text.replaceAll(/\$\{\{ hashFiles\(.*?\) \}\}/g, '')).not.toMatch(/\{\{|\\/);
  });

  test('refuses another service', async () => {
    expect(await project.run(['init', 'fw', '--ci', 'travis'])).toMatchObject({ exitCode: 2 });
  });
});
