import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, printed, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.write('boards/vendor.config', 'CONFIG_TUN=y\n');
  project.writeBoard('planned', { kernel: { fragments: ['./vendor.config'] }, images: ['tar.gz'] });
});

async function run(...args: string[]): Promise<string> {
  const result = await project.run(args);
  expect(result.exitCode, result.stderr).toBe(0);
  expect(result.stderr).toBe('');
  return printed(project, result.stdout);
}

const plan = (...args: string[]): Promise<string> => run('plan', '--board', 'planned', ...args);
const explain = (step: string): Promise<string> => run('explain', step, '--board', 'planned');

test('before the first build everything is to be built', async () => {
  await expect(await plan()).toMatchFileSnapshot('printed/plan-before.txt');
  await expect(await explain('build-kernel')).toMatchFileSnapshot('printed/explain-before.txt');
  expect(existsSync(join(project.dir, 'out'))).toBe(false);
});

test('after it everything is fresh', async () => {
  await buildWell(project, [], { board: 'planned' });
  await expect(await plan()).toMatchFileSnapshot('printed/plan-fresh.txt');
});

test('says which input changed, and what comes after it', async () => {
  appendFileSync(join(project.dir, 'boards/vendor.config'), 'CONFIG_IPVLAN=y\n');
  await expect(await plan()).toMatchFileSnapshot('printed/plan-fragment.txt');
  const json = JSON.parse(await plan('--json')) as { board: string; steps: unknown[]; sources: unknown[] };
  expect(json.board).toBe('planned');
  expect(json.steps).toContainEqual({
    id: 'configure-kernel',
    status: 'build',
    reasons: ['file boards/vendor.config changed'],
  });
  expect(json.steps).toContainEqual({ id: 'check-toolchain', status: 'fresh', reasons: [] });
  expect(json.sources).toContainEqual({
    component: 'kernel',
    taken: 'kernel 6.1.999 from <dir>/sources/kernel',
    candidates: ['<dir>/sources/kernel'],
  });
});

test('says which setting changed, with both values', async () => {
  project.writeBoard('planned', {
    kernel: { fragments: ['./vendor.config'], modules: 'builtin' },
    images: ['tar.gz'],
  });
  expect(await plan()).toContain('setting modules changed from "drop" to "builtin"');
});

test('explains why the kernel was built, and what its fingerprint is made of', async () => {
  const hidden = (text: string): string => text.replace(/\b[0-9a-f]{64}\b/g, '<sha256>');
  expect(hidden(await explain('build-kernel'))).toContain(
    'last ran: because it has not run in this directory yet',
  );
  const { ran } = await buildWell(project, [], { board: 'planned' });
  expect(ran).toContain('build-kernel');
  await expect(hidden(await explain('build-kernel'))).toMatchFileSnapshot('printed/explain-kernel.txt');
});

test('says that an output is not as it was left', async () => {
  writeFileSync(join(project.outDir('planned'), 'images', 'vmlinux'), 'other bytes');
  expect(await explain('build-kernel')).toContain(
    'now: to be restored from the store: <dir>/out/planned/images/vmlinux was changed or removed since the step ran',
  );
});

test('without the store it is to be built', async () => {
  rmSync(join(project.storeDir, 'results'), { recursive: true });
  expect(await explain('build-kernel')).toContain(
    'now: to be built: <dir>/out/planned/images/vmlinux was changed or removed since the step ran',
  );
});
