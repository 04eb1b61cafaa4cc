import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { startWebDav, type WebDavServer } from '../rigs/webdav-server.ts';
import { buildWell, projectMaker, type WatchedRun } from './rig.ts';

const create = projectMaker();
const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-webdav-'));
let project: TempProject;
let server: WebDavServer;
let stores = 0;

/** Variables for a store that is empty, with the remote cache behind it. */
const emptyStore = (): Record<string, string> => ({
  LXC_KIT_STORE: join(project.dir, `store-${++stores}`),
  LXC_KIT_REMOTE_CACHE: server.url,
  LXC_KIT_REMOTE_CACHE_MODE: 'read-write',
});

const kernels = ({ outcomes }: WatchedRun): Record<string, string | undefined> => ({
  own: outcomes['build-kernel'],
  emulator: outcomes['build-emulator-kernel'],
});

const bytes = (path: string): Buffer => readFileSync(join(project.dir, 'out', path));

async function planOf(
  board: string,
  env: Record<string, string>,
): Promise<Record<string, string | undefined>> {
  const { stdout } = await project.run(['plan', '--board', board, '--json'], { env });
  const { steps } = JSON.parse(stdout) as { steps: { id: string; status: string }[] };
  const of = (id: string): string | undefined => steps.find((step) => step.id === id)?.status;
  return { own: of('build-kernel'), emulator: of('build-emulator-kernel') };
}

/** Out directories go, so that only the store and the remote cache have anything. */
async function forget(...boards: readonly string[]): Promise<void> {
  for (const board of boards) expect((await project.run(['clean', '--board', board])).exitCode).toBe(0);
}

beforeAll(async () => {
  project = await create();
  server = await startWebDav(dir);
  // The emulator of `boxed` boots what `fake` has as its own kernel.
  const emulator = { kernel: { defconfig: 'fake_defconfig' } };
  project.writeBoard('boxed', { kernel: { config: { CONFIG_DUMMY: 'y' } }, emulator });
  project.writeBoard('twice', { emulator });
});

afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true });
});

test("a board's own kernel is taken as another's emulator kernel", async () => {
  const env = emptyStore();
  expect(kernels(await buildWell(project, [], { env }))).toEqual({ own: 'built', emulator: undefined });
  // So that the plan knows the configurations.
  await buildWell(project, ['--until', 'configure-emulator-kernel'], { board: 'boxed', env });
  await buildWell(project, ['--until', 'configure-kernel'], { board: 'boxed', env });
  const planned = await planOf('boxed', env);
  expect(planned).toEqual({ own: 'build', emulator: 'restore' });
  const boxed = await buildWell(project, [], { board: 'boxed', env });
  expect(kernels(boxed)).toEqual({ own: 'built', emulator: 'restored' });
  expect(bytes('boxed/emulator/vmlinux')).toEqual(bytes('fake/images/vmlinux'));
  expect(bytes('boxed/images/vmlinux')).not.toEqual(bytes('fake/images/vmlinux'));
  expect(kernels(await buildWell(project, [], { board: 'boxed', env }))).toEqual({
    own: 'fresh',
    emulator: 'fresh',
  });
  const explain = async (step: string, board: string): Promise<string> =>
    (await project.run(['explain', step, '--board', board], { env })).stdout;
  const [, hash] = /^fingerprint: (\S+)$/m.exec(await explain('build-kernel', 'fake')) ?? [];
  const explained = await explain('build-emulator-kernel', 'boxed');
  expect(explained).toContain(`\nshared as: build-kernel, ${hash}\n`);
  expect(explained).toContain('now: fresh\n');
});

test("an emulator kernel is taken as another board's own, also from the remote cache", async () => {
  await forget('fake', 'boxed');
  rmSync(dir, { recursive: true });
  await server.stop();
  server = await startWebDav(dir);
  const first = await buildWell(project, [], { board: 'boxed', env: emptyStore() });
  expect(kernels(first)).toEqual({ own: 'built', emulator: 'built' });
  const fake = await buildWell(project, [], { env: emptyStore() });
  expect(kernels(fake)).toEqual({ own: 'restored', emulator: undefined });
  expect(project.read('out/fake/logs/build-kernel.log')).toContain(`restored from ${server.url}/`);
  expect(bytes('fake/images/vmlinux')).toEqual(bytes('boxed/emulator/vmlinux'));
  expect(existsSync(join(project.dir, 'out/fake/emulator'))).toBe(false);
});

test('a board whose two kernels are the same compiles one', async () => {
  const env = { LXC_KIT_STORE: join(project.dir, 'store-of-twice') };
  await buildWell(project, ['--until', 'configure-emulator-kernel'], { board: 'twice', env });
  await buildWell(project, ['--until', 'configure-kernel'], { board: 'twice', env });
  expect(await planOf('twice', env)).toEqual({ own: 'build', emulator: 'restore' });
  const run = await buildWell(project, [], { board: 'twice', env });
  expect(Object.values(kernels(run)).sort()).toEqual(['built', 'restored']);
  expect(bytes('twice/emulator/vmlinux')).toEqual(bytes('twice/images/vmlinux'));
  // Nothing is kept for others then, and each is made.
  await forget('twice');
  const alone = await buildWell(project, [], { board: 'twice', env: { ...env, LXC_KIT_STORE_LIMIT: '0' } });
  expect(kernels(alone)).toEqual({ own: 'built', emulator: 'built' });
});
