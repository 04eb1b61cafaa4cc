import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, type TestContext } from 'vitest';
import { describeTree } from '../rigs/describe-tree.ts';
import { killedFakeBuild } from '../rigs/killed-fake-build.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, projectMaker } from './rig.ts';
import { runOnOwnDisk, type ScriptRun } from './small-disk.ts';

const create = projectMaker();
let project: TempProject;
let images: readonly string[];

beforeAll(async () => {
  project = await create();
  images = killedFakeBuild(project).files.filter((file) => file.startsWith('images/'));
  await buildWell(project, ['--out', 'out/undisturbed'], { board: 'killed' });
});

/** Skips the test, and says why, where nothing may be mounted. */
function onOwnDisk(context: TestContext, lines: readonly string[]): ScriptRun {
  const run = runOnOwnDisk(project, lines);
  if (run === undefined) {
    console.warn('SKIPPED: this test mounts a tmpfs: run it as root, or allow user namespaces');
    context.skip();
  }
  return run;
}

/** The images that are not those of an undisturbed build. */
const otherImages = (dir: string): string[] =>
  images.filter((file) => {
    const undisturbed = readFileSync(join(project.outDir('undisturbed'), file));
    return !readFileSync(join(project.dir, dir, file)).equals(undisturbed);
  });

test('a disk that is full at any step stops that step, and building goes on from there', async (context) => {
  const planned = await project.run(['plan', '--board', 'killed', '--out', 'out/none', '--json']);
  const steps = (JSON.parse(planned.stdout) as { steps: { id: string }[] }).steps.map(({ id }) => id);
  expect(steps.length).toBeGreaterThan(15);
  const build = 'kit build --board killed --out disk/out --until';
  // Steps are tried with all they need done. A few bytes are left free: none for a page of a file.
  const each = steps.map(
    (step) => `
      : > disk/filler; head -c 200000000 /dev/zero > disk/filler 2> /dev/null || true
      ${build} ${step} 2> failed-${step}.txt
      ls -A disk/out/.lxc-kit/stamps > stamps-${step}.txt 2> /dev/null || true
      find disk/out disk/store -name '*.tmp' -o -path '*/running/*' -o -path '*/tmp/?*' > left-${step}.txt
      rm disk/filler
      ${build} ${step} 2>> again.txt
    `,
  );
  const run = onOwnDisk(context, [
    'export LXC_KIT_STORE="$PWD/disk/store"; kit boards > /dev/null; mkdir -p disk/out disk/store',
    ...each,
    'kit build --board killed --out disk/out 2> ended.txt; rm -rf from-full; cp -a disk/out from-full',
  ]);
  const tries = run.exitCodes.slice(1, -1);
  const outcomes = Object.fromEntries(
    steps.map((step, index) => {
      const failed = project.read(`failed-${step}.txt`);
      const reported = /no space left on|disk is full|No space left on device/.test(failed);
      const bug = failed.includes('this is a bug');
      const stamped = project.read(`stamps-${step}.txt`).split('\n').includes(`${step}.json`);
      const left = project.read(`left-${step}.txt`).trim();
      return [step, { codes: tries.slice(index * 2, index * 2 + 2), reported, bug, stamped, left }];
    }),
  );
  const good = { codes: [4, 0], reported: true, bug: false, stamped: false, left: '' };
  expect(outcomes).toEqual(Object.fromEntries(steps.map((step) => [step, good])));
  expect(run.exitCodes.at(-1), project.read('ended.txt')).toBe(0);
  expect(otherImages('from-full')).toEqual([]);
});

test('a store on another file system than the out directory', (context) => {
  const build = 'kit build --board killed --out out/far';
  const run = onOwnDisk(context, [
    `export LXC_KIT_STORE="$PWD/disk/store"; ${build} 2> built.txt`,
    'cp -a out/far far-built; kit clean --board killed --out out/far',
    `${build} 2> restored.txt; cp -a out/far far-restored`,
  ]);
  expect(run.exitCodes, run.stderr).toEqual([0, 0, 0]);
  expect(project.read('restored.txt')).toMatch(/^build-kernel +restored /m);
  expect(otherImages('far-built')).toEqual([]);
  expect(otherImages('far-restored')).toEqual([]);
});

test('a store that is read-only gives what it has, and takes nothing', async (context) => {
  await project.run(['clean', '--board', 'killed']);
  project.writeBoard('rebuilt', { extends: ['killed.yaml'], busybox: { fragments: ['static'] } });
  project.write('new-busybox-1.37.0.tar', 'nobody reads it');
  const before = describeTree(project.storeDir);
  const run = onOwnDisk(context, [
    'mount --bind -o ro store store || { mount --bind store store; mount -o remount,bind,ro store; }',
    'kit build --board killed 2> from-store.txt; cp -a out/killed read-only-killed',
    // Other settings, of the trees that are there.
    'kit build --board rebuilt --until build-busybox 2> other.txt',
    'kit build --board fake --out out/new --source busybox=new-busybox-1.37.0.tar 2> new.txt',
  ]);
  expect(run.exitCodes, run.stderr).toEqual([0, 0, 2]);
  expect(project.read('from-store.txt')).toMatch(/^build-kernel +restored /m);
  expect(otherImages('read-only-killed')).toEqual([]);
  expect(project.read('other.txt')).toMatch(
    /the result of configure-busybox is not kept in the store: .*EROFS/,
  );
  expect(project.read('new.txt')).toMatch(
    /store\S* cannot be written: its file system is read-only \(EROFS\)/,
  );
  expect(describeTree(project.storeDir)).toEqual(before);
});

test('a result that has rotted in a read-only store is made again', async (context) => {
  await project.run(['clean', '--board', 'killed']);
  const cas = join(project.storeDir, 'results', 'cas');
  expect(existsSync(cas) && readdirSync(cas).length).toBeGreaterThan(0);
  const run = onOwnDisk(context, [
    // A copy, so that other tests have a whole store.
    'cp -a store disk/store; find disk/store/results/cas -type f -exec sh -c \'chmod u+w "$1"; printf x | dd of="$1" conv=notrunc status=none\' sh {} \\;',
    'mount -o remount,ro disk',
    'LXC_KIT_STORE="$PWD/disk/store" kit build --board killed 2> rotten.txt; cp -a out/killed rotten-killed',
  ]);
  expect(run.exitCodes, project.read('rotten.txt')).toEqual([0]);
  expect(project.read('rotten.txt')).toMatch(/^build-kernel +built /m);
  expect(otherImages('rotten-killed')).toEqual([]);
});
