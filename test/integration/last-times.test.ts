import { rmSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, projectMaker, type WatchedRun } from './rig.ts';

const FILE = 'store/timings/fake.json';

const create = projectMaker();
let project: TempProject;

interface Timings {
  readonly schema: 1;
  readonly steps: Readonly<Record<string, { readonly seconds: number; readonly lines?: number }>>;
}

const timings = (): Timings => JSON.parse(project.read(FILE)) as Timings;

/** Writes down that each step took so many seconds. */
function pretend(seconds: number): void {
  const { schema, steps } = timings();
  const changed = Object.fromEntries(Object.keys(steps).map((id) => [id, { ...steps[id], seconds }]));
  project.write(FILE, JSON.stringify({ schema, steps: changed }));
}

const startOf = ({ events }: WatchedRun, id: string) =>
  events.find(({ type, step }) => type === 'step-started' && step === id);

/** Builds everything again, although all of it lies in the store. */
async function buildAgain(): Promise<WatchedRun> {
  await project.run(['clean', '--board', 'fake']);
  return buildWell(project, [], { env: { LXC_KIT_STORE_LIMIT: '0' } });
}

beforeAll(async () => {
  project = await create();
  const first = await buildWell(project);
  expect(startOf(first, 'build-kernel')).not.toHaveProperty('lastSeconds');
});

test('keeps the time of each step in the store, and its lines unless its tool counts for itself', () => {
  const { steps } = timings();
  expect(Object.keys(steps)).toEqual(expect.arrayContaining(['fetch-kernel', 'build-kernel', 'pack-tar.gz']));
  expect(steps['build-kernel']?.lines).toBeGreaterThan(0);
  expect(steps['build-lxc']).not.toHaveProperty('lines');
});

test('the next build says it, in an out directory that is new as well', async () => {
  pretend(100);
  const run = await buildAgain();
  expect(startOf(run, 'build-kernel')).toMatchObject({ lastSeconds: 100 });
  expect(timings().steps['build-kernel']?.seconds).not.toBe(100);
});

test('leaves the times out of the manifest', () => {
  const manifest = project.read('out/fake/manifest.json');
  expect(manifest).not.toMatch(/lastSeconds|timings/);
});

test('a step that is restored does not overwrite it', async () => {
  await buildWell(project);
  pretend(77);
  await project.run(['clean', '--board', 'fake']);
  const { outcomes } = await buildWell(project);
  expect(outcomes['build-kernel']).toBe('restored');
  expect(timings().steps['build-kernel']?.seconds).toBe(77);
  expect(timings().steps['fetch-kernel']?.seconds).not.toBe(77);
});

test.each(['{"schema":1,"st', '[]'])(
  'with a file that holds %j there is no last time, and a build',
  async (content) => {
    project.write(FILE, content);
    const run = await buildAgain();
    expect(startOf(run, 'build-kernel')).not.toHaveProperty('lastSeconds');
    expect(timings().steps).toHaveProperty('build-kernel');
  },
);

test('it goes with the store', async () => {
  await project.run(['clean', '--board', 'fake', '--store']);
  expect(() => timings()).toThrow(/ENOENT/);
  rmSync(project.storeDir, { recursive: true, force: true });
});
