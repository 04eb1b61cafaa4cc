import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, listTar, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;
let env: Record<string, string>;

beforeAll(async () => {
  project = await create();
  // Only that it is there matters: it is the kernel's makefile that calls it, and the fake one does not.
  project.write('fake-bin/depmod', '#!/bin/sh\n');
  chmodSync(join(project.dir, 'fake-bin/depmod'), 0o755);
  env = { PATH: `${join(project.dir, 'fake-bin')}:${project.env['PATH'] ?? ''}` };
});

async function buildWithModules(modules: string): Promise<{ config: string; tar: Record<string, string> }> {
  // Only the defconfig requests CONFIG_FAKE_MODULE and CONFIG_BLK_DEV_LOOP.
  project.writeBoard(modules, { kernel: { modules }, images: ['tar.gz'] });
  await buildWell(project, [], { board: modules, env });
  return { config: project.read(`out/${modules}/config/kernel.config`), tar: listTar(project, modules) };
}

const underModules = (tar: Record<string, string>): string[] =>
  Object.keys(tar).filter((path) => path.startsWith('/lib/modules'));

test('keep: the modules go into the root filesystem, without links to this host', async () => {
  const { config, tar } = await buildWithModules('keep');
  expect(config).toContain('CONFIG_FAKE_MODULE=m\n');
  expect(underModules(tar)).toEqual([
    '/lib/modules',
    '/lib/modules/6.1.999',
    '/lib/modules/6.1.999/kernel',
    '/lib/modules/6.1.999/kernel/drivers',
    '/lib/modules/6.1.999/kernel/drivers/fake',
    '/lib/modules/6.1.999/kernel/drivers/fake/blk_dev_loop.ko',
    '/lib/modules/6.1.999/kernel/drivers/fake/dummy.ko',
    '/lib/modules/6.1.999/kernel/drivers/fake/fake_module.ko',
    '/lib/modules/6.1.999/modules.builtin',
    '/lib/modules/6.1.999/modules.dep',
    '/lib/modules/6.1.999/modules.order',
  ]);
});

test('keep: the rootfs follows the kernel', async () => {
  project.writeBoard('keep', {
    kernel: { modules: 'keep', config: { CONFIG_DUMMY: 'n' } },
    images: ['tar.gz'],
  });
  const { ran } = await buildWell(project, [], { board: 'keep', env });
  expect(ran).toEqual([
    'assemble-rootfs',
    'build-kernel',
    'configure-kernel',
    'emit-containers',
    'lay-out-rootfs',
    'pack-tar.gz',
  ]);
  expect(underModules(listTar(project, 'keep')).filter((path) => path.endsWith('dummy.ko'))).toEqual([]);
});

test('builtin: they become part of the kernel', async () => {
  const { config, tar } = await buildWithModules('builtin');
  expect(config).toMatch(/^CONFIG_FAKE_MODULE=y$/m);
  expect(config).toMatch(/^CONFIG_BLK_DEV_LOOP=y$/m);
  expect(config).not.toContain('=m\n');
  expect(underModules(tar)).toEqual([]);
});

test('drop: they are left out', async () => {
  const { config, tar } = await buildWithModules('drop');
  expect(config).not.toMatch(/^CONFIG_(?:FAKE_MODULE|BLK_DEV_LOOP)=/m);
  expect(config).not.toContain('=m\n');
  // A fragment asks for this one.
  expect(config).toMatch(/^CONFIG_VETH=y$/m);
  expect(underModules(tar)).toEqual([]);
});
