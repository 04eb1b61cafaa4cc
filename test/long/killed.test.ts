import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import {
  buildUndisturbed,
  type KilledBuild,
  killAgainAndAgain,
  type Undisturbed,
} from '../rigs/killed-builds.ts';
import { killedFakeBuild } from '../rigs/killed-fake-build.ts';
import { RealBoard } from '../rigs/real-board.ts';
import { projectMaker } from '../integration/rig.ts';

/** LXC_KIT_SEED repeats a run. */
const SEED = Number(process.env['LXC_KIT_SEED'] ?? Date.now() % 2 ** 31);

/** For slow machines. */
const TIMEOUT_MS = 60 * 60_000 * Number(process.env['LXC_KIT_TIMEOUT_FACTOR'] ?? '1');

const create = projectMaker();

async function killed(build: KilledBuild, undisturbed: Undisturbed, kills: number): Promise<void> {
  console.log(`LXC_KIT_SEED=${SEED}, undisturbed it takes ${Math.round(undisturbed.ms / 1000)} s`);
  const report = (what: string): void => {
    console.log(what);
  };
  await killAgainAndAgain(build, undisturbed, { kills, seed: SEED, report });
}

test('kill -9 a hundred times across builds of the fake trees', async () => {
  const build = killedFakeBuild(await create());
  await killed(build, await buildUndisturbed(build), 100);
});

test('kill -9 ten times across builds of malta-mipsel', async () => {
  const storeDir = shippedPath('out', 'test', 'killed-store');
  takeSources(storeDir);
  const board = new RealBoard('malta-mipsel', 'killed-malta', { LXC_KIT_STORE: storeDir });
  const build = {
    start: () => board.startBuild(TIMEOUT_MS),
    outDir: board.outDir,
    storeDir,
    files: [
      ...['rootfs.cpio.gz', 'rootfs.squashfs', 'rootfs.ext4', 'rootfs.tar.gz', 'vmlinux'].map((name) =>
        join('images', name),
      ),
      'work/assemble-rootfs/manifest.json',
    ],
    // With the objects of the first build: that all is compiled a dozen times would take hours and show no more.
    kept: [...DOWNLOADED, 'ccache'],
  };
  const compiled = await buildUndisturbed(build);
  const undisturbed = await buildUndisturbed(build);
  expect(undisturbed.files).toEqual(compiled.files);
  await killed(build, undisturbed, 10);
});

/** Folders of the store that need the network; killing downloads belongs to their own tests. */
const DOWNLOADED = ['sources', 'resolved', 'apt'];

/** Copies what earlier runs have downloaded to a store of its own; what is missing is downloaded there. */
function takeSources(storeDir: string): void {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const usual = process.env['LXC_KIT_STORE'] ?? join(cache, 'lxc-kit');
  mkdirSync(storeDir, { recursive: true });
  for (const name of DOWNLOADED) {
    const from = join(usual, name);
    if (existsSync(from) && !existsSync(join(storeDir, name)))
      cpSync(from, join(storeDir, name), { recursive: true, preserveTimestamps: true });
  }
}
