import {
  appendFileSync,
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeTree } from '../rigs/describe-tree.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, imageFile, projectMaker, type WatchedRun } from './rig.ts';

/** Steps whose results another board, or the same one built again, takes from the store. */
const SHARED = [
  'build-busybox',
  'build-kernel',
  'build-libcap',
  'build-lxc',
  'check-versions',
  'configure-busybox',
  'configure-kernel',
];

const create = projectMaker();
let project: TempProject;

const withOutcome = ({ outcomes }: WatchedRun, outcome: string): string[] =>
  Object.keys(outcomes)
    .filter((step) => outcomes[step] === outcome)
    .sort();

const imagesOf = (board: string): string[] =>
  ['rootfs.tar.gz', 'rootfs.cpio.gz', 'vmlinux'].map((name) =>
    readFileSync(imageFile(project, name, board)).toString('latin1'),
  );

/** The files of the store that results are made of. */
function blobs(): string[] {
  const dir = join(project.storeDir, 'results', 'cas');
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((file) => statSync(file).isFile());
}

/** The status of each step in the plan. */
async function planOf(board: string, env: Record<string, string> = {}): Promise<Record<string, string>> {
  const { stdout, stderr } = await project.run(['plan', '--board', board, '--json'], { env });
  expect(stderr).toBe('');
  const { steps } = JSON.parse(stdout) as { steps: { id: string; status: string }[] };
  return Object.fromEntries(steps.map(({ id, status }) => [id, status]));
}

beforeAll(async () => {
  project = await create();
  project.writeBoard('other', { containers: [] });
  const first = await buildWell(project);
  expect(withOutcome(first, 'restored')).toEqual([]);
});

test('a board with the same kernel, BusyBox and LXC takes them from the store', async () => {
  const other = await buildWell(project, [], { board: 'other' });
  // The symbols that the kernel must have depend on the containers, and are checked again.
  expect(withOutcome(other, 'restored')).toEqual(
    SHARED.filter((id) => !['check-versions', 'configure-kernel'].includes(id)),
  );
  const manifest = JSON.parse(project.read('out/other/manifest.json')) as {
    steps: { id: string; outcome: string }[];
  };
  expect(manifest.steps.find(({ id }) => id === 'build-kernel')?.outcome).toBe('restored');
  expect(readFileSync(imageFile(project, 'vmlinux', 'other'))).toEqual(
    readFileSync(imageFile(project, 'vmlinux')),
  );
  const again = await buildWell(project, [], { board: 'other' });
  expect(again.ran).toEqual([]);
});

test('a board that is built again has the same images, and compiles nothing', async () => {
  const before = imagesOf('fake');
  expect((await project.run(['clean', '--board', 'fake'])).exitCode).toBe(0);
  const run = await buildWell(project);
  expect(withOutcome(run, 'restored')).toEqual([...SHARED, 'pack-cpio.gz', 'pack-tar.gz'].sort());
  expect(imagesOf('fake')).toEqual(before);
  expect(project.read('out/fake/logs/build-kernel.log')).toMatch(/^restored from the store/);
});

test('going back to what was built before compiles nothing', async () => {
  project.writeBoard('other', { containers: [], kernel: { config: { CONFIG_DUMMY: 'y' } } });
  const changed = await buildWell(project, [], { board: 'other' });
  expect(withOutcome(changed, 'built')).toContain('build-kernel');
  project.writeBoard('other', { containers: [] });
  const before = describeTree(project.dir);
  const predicted = await planOf('other');
  expect(describeTree(project.dir)).toEqual(before);
  expect(predicted).toMatchObject({
    'configure-kernel': 'restore',
    'build-kernel': 'restore',
    'build-lxc': 'fresh',
    'lay-out-rootfs': 'fresh',
  });
  expect(await planOf('other', { LXC_KIT_STORE_LIMIT: '0' })).toMatchObject({ 'configure-kernel': 'build' });
  const explained = await project.run(['explain', 'build-kernel', '--board', 'other']);
  expect(explained.stdout).toMatch(
    /^now: to be restored from the store: file config\/kernel\.config changed$/m,
  );
  const back = await buildWell(project, [], { board: 'other' });
  // Each step that the plan could judge has the outcome that it predicted.
  for (const [status, outcome] of [
    ['restore', 'restored'],
    ['fresh', 'fresh'],
  ] as const) {
    const ids = Object.keys(predicted).filter((id) => predicted[id] === status);
    expect(ids.filter((id) => back.outcomes[id] !== outcome)).toEqual([]);
  }
  expect(withOutcome(back, 'restored')).toContain('build-kernel');
  expect(withOutcome(back, 'built')).not.toContain('build-kernel');
});

test('keeps writes into an out directory out of the store', async () => {
  const image = imageFile(project, 'vmlinux');
  const good = readFileSync(image);
  chmodSync(image, 0o644);
  appendFileSync(image, 'more');
  const repaired = await buildWell(project);
  expect(withOutcome(repaired, 'restored')).toContain('build-kernel');
  expect(readFileSync(image)).toEqual(good);
});

test('a flipped bit in the store is noticed, and that piece built again', async () => {
  const before = imagesOf('fake');
  for (const file of blobs()) {
    const bytes = readFileSync(file);
    bytes.writeUInt8((bytes[0] ?? 0) ^ 1, 0);
    chmodSync(file, 0o644);
    writeFileSync(file, bytes);
  }
  await project.run(['clean', '--board', 'fake']);
  const run = await buildWell(project);
  expect(withOutcome(run, 'restored')).not.toContain('build-kernel');
  expect(withOutcome(run, 'built')).toEqual(expect.arrayContaining(['build-kernel', 'build-lxc']));
  expect(imagesOf('fake')).toEqual(before);
});

test('an entry that says something else than its name is not believed', async () => {
  const dir = join(project.storeDir, 'results', 'ac');
  const entries = readdirSync(dir).map((name) => join(dir, name));
  const [one = ''] = entries;
  const otherEntry = readFileSync(one, 'utf8');
  for (const [index, file] of entries.entries()) writeFileSync(file, index % 2 === 0 ? otherEntry : '{');
  await project.run(['clean', '--board', 'fake']);
  const run = await buildWell(project);
  expect(withOutcome(run, 'restored').length).toBeLessThan(2);
});

test('with a limit of 0 nothing is taken and nothing kept', async () => {
  await project.run(['clean', '--board', 'fake']);
  const before = blobs().length;
  const run = await buildWell(project, [], { env: { LXC_KIT_STORE_LIMIT: '0' } });
  expect(withOutcome(run, 'restored')).toEqual([]);
  expect(blobs()).toHaveLength(before);
});

test('a store that takes no results does not stop a build', async () => {
  rmSync(join(project.storeDir, 'results'), { recursive: true, force: true });
  writeFileSync(join(project.storeDir, 'results'), 'a file in the way');
  await project.run(['clean', '--board', 'fake']);
  const run = await buildWell(project);
  expect(withOutcome(run, 'built')).toContain('build-kernel');
  expect(run.stderr).toMatch(/the result of build-kernel is not kept in the store/);
  rmSync(join(project.storeDir, 'results'));
});
