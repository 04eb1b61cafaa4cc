import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { hashBytes } from '../../toolkit/host/hash-file.ts';
import { removeTree } from '../../toolkit/host/remove-tree.ts';
import { killedFakeBuild } from '../rigs/killed-fake-build.ts';
import { RandomNumbers } from '../rigs/random-numbers.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, projectMaker } from './rig.ts';

const random = new RandomNumbers(20260103);

const create = projectMaker();
let project: TempProject;
let files: readonly string[];
let undisturbed: readonly string[];

const hashes = (): string[] =>
  files.map((file) => hashBytes(readFileSync(join(project.outDir('killed'), file))));
const inOut = (...parts: string[]): string => join(project.outDir('killed'), ...parts);
const inStore = (...parts: string[]): string => join(project.storeDir, ...parts);

beforeAll(async () => {
  project = await create();
  files = killedFakeBuild(project).files;
  await buildWell(project, [], { board: 'killed' });
  undisturbed = hashes();
});

beforeEach(async () => {
  await buildWell(project, [], { board: 'killed' });
});

/** Flips one bit somewhere in a file; on its own, as bad memory and bad disks do it, no time of the file changes. */
function flipBit(file: string, { silently }: { readonly silently: boolean }): void {
  const { mtimeNs, mode } = statSync(file, { bigint: true });
  const bytes = readFileSync(file);
  const at = random.below(bytes.length);
  bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << random.below(8)), at);
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
  chmodSync(file, Number(mode) & 0o7777);
  // Node's utimes is not exact to the nanosecond.
  if (silently)
    execFileSync('touch', [
      '-m',
      '-d',
      `@${String(mtimeNs / 10n ** 9n)}.${String(mtimeNs % 10n ** 9n).padStart(9, '0')}`,
      file,
    ]);
}

function storedSources(): string[] {
  return readdirSync(inStore('sources')).flatMap((sha256) =>
    readdirSync(inStore('sources', sha256)).map((name) => inStore('sources', sha256, name)),
  );
}

/** Removes these parts of the store and the out directory: a build has to unpack and make them again. */
async function forget(...parts: readonly string[]): Promise<void> {
  expect((await project.run(['clean', '--board', 'killed'])).exitCode).toBe(0);
  for (const part of parts) await removeTree(inStore(part));
}

const sourcesAreWhole = (): void => {
  const sources = storedSources();
  expect(sources).toHaveLength(4);
  for (const file of sources) expect(hashBytes(readFileSync(file))).toBe(file.split('/').at(-2));
};

test('a source that was written to in the store is taken again', async () => {
  await forget('trees', 'results');
  for (const file of storedSources()) flipBit(file, { silently: false });
  await buildWell(project, [], { board: 'killed' });
  sourcesAreWhole();
  expect(hashes()).toEqual(undisturbed);
});

test('a source that rotted is taken again instead of unpacked', async () => {
  await forget('trees', 'results');
  const names = storedSources().map((file) => basename(file));
  for (const file of storedSources()) flipBit(file, { silently: true });
  const { stderr } = await buildWell(project, [], { board: 'killed' });
  const reported = [...stderr.matchAll(/"message":"(\S+) has changed in the store and is taken again/g)];
  expect(reported.map(([, name]) => name).sort()).toEqual(names.sort());
  sourcesAreWhole();
  expect(hashes()).toEqual(undisturbed);
});

test('a stamp with a flipped bit counts as none', async () => {
  const stamps = readdirSync(inOut('.lxc-kit', 'stamps'));
  expect(stamps.length).toBeGreaterThan(15);
  for (const name of stamps) flipBit(inOut('.lxc-kit', 'stamps', name), { silently: true });
  const { ran } = await buildWell(project, [], { board: 'killed' });
  expect(ran).toEqual(stamps.map((name) => name.replace(/\.json$/, '')).sort());
  expect(hashes()).toEqual(undisturbed);
});

test.each([
  'images/vmlinux',
  'images/rootfs.ext4',
  'images/rootfs.tar.gz',
  'work/assemble-rootfs/manifest.json',
])('a flipped bit in %s is noticed, and that piece made again', async (file) => {
  flipBit(inOut(file), { silently: false });
  const { ran } = await buildWell(project, [], { board: 'killed' });
  expect(ran).toHaveLength(1);
  expect(hashes()).toEqual(undisturbed);
});

test.each(['results/ac', 'resolved'])('does not trust a flipped bit in %s of the store', async (part) => {
  const names = readdirSync(inStore(part));
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) flipBit(inStore(part, name), { silently: true });
  await forget();
  const { outcomes } = await buildWell(project, [], { board: 'killed' });
  if (part === 'results/ac') expect(Object.values(outcomes)).not.toContain('restored');
  expect(hashes()).toEqual(undisturbed);
});

test('a flipped bit in each file of the results makes those steps run', async () => {
  const dir = inStore('results', 'cas');
  const blobs = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('/'));
  for (const name of blobs)
    if (statSync(join(dir, name)).size > 0) flipBit(join(dir, name), { silently: true });
  await forget();
  const { outcomes } = await buildWell(project, [], { board: 'killed' });
  expect(outcomes['build-kernel']).toBe('built');
  expect(hashes()).toEqual(undisturbed);
});
