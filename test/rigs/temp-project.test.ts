import { existsSync, lstatSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { TempProject, type TempProjectOptions } from './temp-project.ts';

const projects: TempProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});
async function create(options: TempProjectOptions = {}): Promise<TempProject> {
  const project = await TempProject.create(options);
  projects.push(project);
  return project;
}

test('has a board, fake tools and read-only source trees', async () => {
  const project = await create();
  expect(project.read('boards/fake.yaml')).toContain('../sources/kernel');
  expect(existsSync(join(project.dir, 'tools', 'bin', 'mipsel-linux-gnu-gcc'))).toBe(true);
  for (const component of ['kernel', 'busybox', 'libcap', 'lxc'] as const) {
    expect(lstatSync(project.sourceDir(component)).mode & 0o222, component).toBe(0);
  }
  // A link out of the tree would lead nowhere in a copy.
  const shared = join(project.sourceDir('busybox'), 'scripts', 'kconfig', 'conf.awk');
  expect(lstatSync(shared).isFile()).toBe(true);
  expect(lstatSync(shared).mode & 0o222).toBe(0);
});

test('sees what was written into the source trees, but not what changeSource did', async () => {
  const project = await create();
  expect(project.changedSources()).toEqual([]);
  await project.changeSource('lxc', (dir) => {
    writeFileSync(join(dir, 'FAKE_FAIL'), '');
  });
  expect(project.changedSources()).toEqual([]);
  const file = join(project.sourceDir('kernel'), 'Makefile');
  const write = (): void => {
    writeFileSync(file, 'changed');
  };
  // Permissions stop everybody but root.
  if (process.getuid?.() === 0) write();
  else expect(write).toThrow('EACCES');
  expect(project.changedSources()).toEqual(process.getuid?.() === 0 ? ['kernel/Makefile'] : []);
});

test('can hide programs of the host', async () => {
  const find = (project: TempProject, name: string): boolean =>
    (project.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
  const project = await create({ withoutHostTools: ['make'] });
  expect(find(project, 'sh')).toBe(true);
  expect(find(project, 'make')).toBe(false);
  expect(find(await create(), 'make')).toBe(true);
});

test('removes everything, read-only trees too', async () => {
  const project = await TempProject.create();
  await project.remove();
  expect(existsSync(project.dir)).toBe(false);
});
