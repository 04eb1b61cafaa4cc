import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeTree } from '../rigs/describe-tree.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, printed, projectMaker } from './rig.ts';
import { runInNamespace } from './small-disk.ts';

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
  mkdirSync(project.outDir('large'), { recursive: true });
});

/** What is left in a copy of an out directory: stamps, files with a temporary name, and the steps that failed. */
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
  ['when the first steps write', '100k'],
  ['while something is compiled', '700k'],
  ['while an image is packed', '6m'],
])('a disk that is full %s', (_when, size) => {
  const run = runInNamespace(
    project,
    `
    mount -t tmpfs -o size=${size} none out/large
    kit build --board large --jobs 2 2> failed.txt
    rm -rf left && cp -a out/large left
    mount -o remount,size=100m out/large
    kit build --board large --jobs 2
    cp -a out/large/images images-${size}
    `,
  );
  expect(run.exitCodes, run.stderr).toEqual([4, 0]);

  // A tool may be the one that says so, in the lines of its log.
  expect(project.read('failed.txt')).toMatch(
    /no space left on (?:the|its) disk|disk is full|No space left on device/,
  );
  expect(project.read('failed.txt')).toMatch(/^error: .* \[(?:STEP_FAILED|OUT_UNWRITABLE)\]$/m);
  expect(project.read('failed.txt')).not.toContain('this is a bug');

  const { failed, stamps, temporary } = lookAt('left');
  expect(failed).not.toEqual([]);
  expect(stamps.filter((step) => failed.includes(step))).toEqual([]);
  expect(temporary).toEqual([]);

  for (const name of ['rootfs.tar.gz', 'rootfs.squashfs', 'rootfs.ext4', 'vmlinux']) {
    const undisturbed = readFileSync(join(project.outDir('undisturbed'), 'images', name));
    expect(readFileSync(join(project.dir, `images-${size}`, name)).equals(undisturbed), name).toBe(true);
  }
});

test('a store whose disk is full', () => {
  const run = runInNamespace(
    project,
    `
    tar -C sources -cJf busybox-1.37.0.tar.xz busybox
    mkdir small
    mount -t tmpfs -o size=30k none small
    export LXC_KIT_STORE="$PWD/small"
    kit build --board large --out out/other --until configure-busybox --source busybox=busybox-1.37.0.tar.xz 2> failed.txt
    rm -rf left && cp -a small left
    mount -o remount,size=100m small
    kit build --board large --out out/other --until configure-busybox --source busybox=busybox-1.37.0.tar.xz
    `,
  );
  expect(run.exitCodes, run.stderr).toEqual([4, 0]);
  expect(printed(project, project.read('failed.txt'))).toMatch(
    /^error: <dir>\/small\S* cannot be written: its disk is full \(ENOSPC\) \[STEP_FAILED\]$/m,
  );
  const left = Object.keys(describeTree(join(project.dir, 'left')));
  expect(left.filter((name) => /\.tmp$|^tmp\/|^trees\//.test(name))).toEqual([]);
});
