import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeTree } from '../rigs/describe-tree.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, printed, projectMaker } from './rig.ts';
import { runOnFullDisk, runScript } from './small-disk.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  // Bytes that do not compress: each image is as large as this file.
  project.write('boards/overlay/readme', '');
  writeFileSync(join(project.dir, 'boards/overlay/noise'), randomBytes(2_000_000));
  project.writeBoard('large', {
    rootfs: { overlays: ['./overlay'] },
    images: ['tar.gz', 'squashfs', 'ext4'],
  });
  await buildWell(project, ['--out', 'out/undisturbed'], { board: 'large' });
});

/** The stamps and the files with a temporary name in a copy of an out directory, and the steps that failed. */
function lookAt(copy: string): { failed: string[]; stamps: string[]; temporary: string[] } {
  const names = Object.keys(describeTree(join(project.dir, copy)));
  const log = project.read('failed.txt');
  return {
    failed: [...log.matchAll(/^< (\S+): (?:failed|cancelled)/gm)].map((match) => match[1] ?? ''),
    stamps: names.flatMap((name) => /^\.lxc-kit\/stamps\/(.*)\.json$/.exec(name)?.[1] ?? []),
    temporary: names.filter((name) => /\.tmp$|^\.lxc-kit\/(?:lock|running\/)/.test(name)),
  };
}

// Where it stops differs a little from run to run, because steps run side by side.
test.each([
  ['when the first steps write', 100],
  ['while something is compiled', 700],
  ['while an image is packed', 6000],
])('a disk that is full %s', (_when, freeKilobytes) => {
  const run = runOnFullDisk(
    project,
    freeKilobytes,
    'kit build --board large --out disk/out --jobs 2 2> failed.txt; rm -rf left; cp -a disk/out left',
    'kit build --board large --out disk/out --jobs 2; rm -rf images; cp -a disk/out/images images; rm -rf disk/out',
  );
  expect(run.exitCodes, run.stderr).toEqual([4, 0]);

  // A tool may be the one that says so, in the lines of its log.
  expect(project.read('failed.txt')).toMatch(
    /no space left on (?:the|its) disk|disk is full|No space left on device|EFBIG/,
  );
  expect(project.read('failed.txt')).toMatch(/^error: .* \[(?:STEP_FAILED|OUT_UNWRITABLE)\]$/m);
  expect(project.read('failed.txt')).not.toContain('this is a bug');

  const { failed, stamps, temporary } = lookAt('left');
  expect(failed).not.toEqual([]);
  expect(stamps.filter((step) => failed.includes(step))).toEqual([]);
  expect(temporary).toEqual([]);

  for (const name of ['rootfs.tar.gz', 'rootfs.squashfs', 'rootfs.ext4', 'vmlinux']) {
    const undisturbed = readFileSync(join(project.outDir('undisturbed'), 'images', name));
    expect(readFileSync(join(project.dir, 'images', name)).equals(undisturbed), name).toBe(true);
  }
});

test('a store whose disk is full', () => {
  const build =
    'kit build --board large --out out/other --until configure-busybox --source busybox=busybox-1.37.0.tar';
  const pack = 'cp -r sources/busybox packed; chmod -R u+w packed; cp boards/overlay/noise packed';
  runScript(project, [pack, 'tar -cf busybox-1.37.0.tar packed', 'kit boards > /dev/null']);
  const run = runOnFullDisk(
    project,
    1000,
    `
      export LXC_KIT_STORE="$PWD/disk/store"
      ${build} 2> failed.txt
      cp -a disk/store left-in-store
    `,
    `export LXC_KIT_STORE="$PWD/disk/store"; ${build}`,
  );
  expect(run.exitCodes, run.stderr).toEqual([4, 0]);
  expect(printed(project, project.read('failed.txt'))).toMatch(
    /^error: .*(?:<dir>\/disk\/store\S* cannot be written: its disk is full \(ENOSPC\)|EFBIG.*) \[STEP_FAILED\]$/m,
  );
  const left = Object.keys(describeTree(join(project.dir, 'left-in-store')));
  expect(left.filter((name) => /\.tmp$|^tmp\/|^trees\//.test(name))).toEqual([]);
});
