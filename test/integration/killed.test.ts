import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, imageFile, leftovers, processesOf, projectMaker } from './rig.ts';

const IMAGES = ['rootfs.tar.gz', 'rootfs.squashfs', 'rootfs.ext4', 'vmlinux'];

const KILLS = 8;

/** Change it to try other moments; a failure tells it. */
const SEED = 20260102;

const create = projectMaker();
let project: TempProject;
let undisturbed: Buffer[];
let buildMs: number;

const imagesOf = (out: string): Buffer[] => IMAGES.map((name) => readFileSync(imageFile(project, name, out)));

beforeAll(async () => {
  project = await create();
  project.writeBoard('killed', { images: ['tar.gz', 'squashfs', 'ext4'] });
  // What was compiled has the out directory's path in it, so it has to be the same one.
  const started = performance.now();
  await buildWell(project, [], { board: 'killed' });
  buildMs = performance.now() - started;
  undisturbed = imagesOf('killed');
});

/** Others may be at work in the store, so what is left there is only swept away when it is a day old. */
const leftoversInOut = (): string[] =>
  leftovers(project, 'killed').filter((path) => !path.startsWith('<dir>/store/'));

test('kill -9 at any moment does not spoil later builds', async () => {
  rmSync(project.outDir('killed'), { recursive: true });
  rmSync(project.storeDir, { recursive: true });
  const random = randomNumbers(SEED);
  const moments: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    // Each build goes on where the one before was stopped, so a whole build is cut into so many pieces.
    const delayMs = (0.1 + 0.3 * random()) * buildMs;
    moments.push(Math.round(delayMs));
    const cli = project.spawn(['build', '--board', 'killed']);
    await sleep(delayMs);
    cli.kill('SIGKILL');
    const { stderr } = await cli.done;
    expect(stderr).not.toContain('error:');
    await waitUntil(() => processesOf(project).length === 0, 'the end of the compilers', 5000);
  }
  const killedAfter = `seed ${SEED}, killed after ${moments.join(', ')} ms`;
  await buildWell(project, [], { board: 'killed' });
  const found = imagesOf('killed');
  expect(
    IMAGES.filter((_, index) => !found[index]!.equals(undisturbed[index]!)),
    killedAfter,
  ).toEqual([]);
  expect(leftoversInOut(), killedAfter).toEqual([]);
  const { ran } = await buildWell(project, [], { board: 'killed' });
  expect(ran, killedAfter).toEqual([]);
});

test('half an image that was left by a kill is swept away', async () => {
  await buildWell(project, [], { board: 'killed' });
  project.write('out/killed/images/.rootfs.tar.gz.4242-0123abcd.tmp', 'half');
  project.write('out/killed/.lxc-kit/stamps/.pack-tar.gz.json.4242-0123abcd.tmp', '{"fing');
  project.write('out/killed/images/.keep', 'not ours');
  await buildWell(project, [], { board: 'killed' });
  expect(leftoversInOut()).toEqual([]);
  expect(project.read('out/killed/images/.keep')).toBe('not ours');
});

/** Numbers from 0 to 1 that only look random (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
