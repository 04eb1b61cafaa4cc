import { beforeAll, expect, test } from 'vitest';
import {
  buildUndisturbed,
  type KilledBuild,
  killAgainAndAgain,
  type Undisturbed,
} from '../rigs/killed-builds.ts';
import { killedFakeBuild } from '../rigs/killed-fake-build.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, leftovers, projectMaker } from './rig.ts';

/** test/long has more of them. */
const KILLS = 8;

/** Change it to try other moments; the message of a failure names it. */
const SEED = 20260102;

const create = projectMaker();
let project: TempProject;
let killed: KilledBuild;
let undisturbed: Undisturbed;

beforeAll(async () => {
  project = await create();
  killed = killedFakeBuild(project);
  undisturbed = await buildUndisturbed(killed);
});

/** Others may be at work in the store, so what is left there is only swept away when it is a day old. */
const leftoversInOut = (): string[] =>
  leftovers(project, 'killed').filter((path) => !path.startsWith('<dir>/store/'));

test('kill -9 at any moment does not spoil later builds', async () => {
  await killAgainAndAgain(killed, undisturbed, { kills: KILLS, seed: SEED });
  expect(leftoversInOut()).toEqual([]);
  const { ran } = await buildWell(project, [], { board: 'killed' });
  expect(ran).toEqual([]);
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
