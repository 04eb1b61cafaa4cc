import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lxcRecipes } from '../../toolkit/lxc/recipes.ts';
import { RealBoard, START_CONTAINER1 } from '../rigs/real-board.ts';

/** A release of each series that has a recipe. */
const VERSIONS = ['5.0.2', '6.0.6'];

const sources = process.env['LXC_KIT_LXC_SOURCES'];
const malta = new RealBoard('malta-mipsel', 'malta-mipsel');

test('every series that has a recipe has a version here', () => {
  expect(VERSIONS.map((version) => version.split('.').slice(0, 2).join('.'))).toEqual(
    lxcRecipes.map(({ series }) => series),
  );
});

if (sources === undefined) {
  process.stderr.write(
    'LXC from source was NOT TESTED: LXC_KIT_LXC_SOURCES names no folder with lxc-VERSION.tar.gz\n',
  );
}

test.runIf(sources !== undefined).each(VERSIONS)(
  'LXC %s is compiled, and starts both containers',
  async (version) => {
    const tarball = join(sources ?? '', `lxc-${version}.tar.gz`);
    expect(existsSync(tarball), `${tarball} is there`).toBe(true);
    const built = await malta.build('--source', `lxc=${tarball}`);
    expect(built.stderr).not.toContain('error:');
    expect(built.exitCode).toBe(0);
    const { exitCode, stdout } = await malta.boot([
      START_CONTAINER1,
      'lxc-ls --fancy',
      'lxc-start --version',
    ]);
    expect(stdout).toMatch(/^container1\n/);
    expect(stdout).toMatch(/^system1\s+RUNNING 1 /m);
    expect(stdout).toContain(version);
    expect(exitCode).toBe(0);
  },
);

test.runIf(sources !== undefined)("LXC 5.0.2's part of the root filesystem is under 2 MB", async () => {
  await malta.build('--source', `lxc=${join(sources ?? '', 'lxc-5.0.2.tar.gz')}`);
  const listing = execFileSync('tar', ['-tvzf', join(malta.outDir, 'images', 'rootfs.tar.gz')], {
    encoding: 'utf8',
  });
  const sizes = listing
    .split('\n')
    .map((line) => /^-\S+ \S+\s+(\d+) \S+ \S+ \.(\/\S+)$/.exec(line))
    .flatMap((match) =>
      match && /lxc|libcap/.test(match[2] ?? '') && !(match[2] ?? '').startsWith('/opt/')
        ? [Number(match[1])]
        : [],
    );
  expect(sizes.length).toBeGreaterThan(20);
  expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThan(2_000_000);
});
