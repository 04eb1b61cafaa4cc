import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { walkTree } from '../../toolkit/host/walk-tree.ts';
import { lxcRecipes } from '../../toolkit/lxc/recipes.ts';
import { RealBoard, START_CONTAINER1 } from '../rigs/real-board.ts';

/**
 * A release of each series, and the most that its files may take in the root filesystem: what docs/lxc-versions.md says
 * was measured, and a twentieth on top. init.lxc.static is counted on its own, because most of it is the C library.
 */
const RELEASES = [
  { version: '1.1.5', cgroup: 'v1', limit: 750_000 },
  { version: '2.0.8', cgroup: 'v1', limit: 890_000 },
  { version: '2.1.1', cgroup: 'v1', limit: 1_020_000 },
  { version: '3.0.3', cgroup: 'v1', limit: 1_220_000 },
  { version: '3.2.1', cgroup: 'v1', limit: 1_270_000 },
  { version: '4.0.12', cgroup: 'v2', limit: 1_260_000 },
  { version: '5.0.2', cgroup: 'v2', limit: 1_580_000 },
  { version: '5.0.3', cgroup: 'v2', limit: 1_580_000 },
  { version: '6.0.6', cgroup: 'v2', limit: 1_080_000 },
  { version: '7.0.0', cgroup: 'v2', limit: 1_080_000 },
] as const;

/** Series whose only release is built from a tag of the repository in no test. */
const NOT_TESTED = ['1.0', '3.1'];

const sources = process.env['LXC_KIT_LXC_SOURCES'];

/** One board per layout of cgroups, so that the kernel is compiled twice and not ten times. */
const boards = Object.fromEntries((['v1', 'v2'] as const).map((cgroup) => [cgroup, boardWith(cgroup)]));

function boardWith(cgroup: 'v1' | 'v2'): RealBoard {
  const file = shippedPath('out', 'test', `malta-lxc-${cgroup}.yaml`);
  mkdirSync(shippedPath('out', 'test'), { recursive: true });
  const base = shippedPath('boards', 'malta-mipsel.yaml');
  const container1 = shippedPath('boards', 'containers', 'container1.yaml');
  // LXC 1.x has no key for system1's reboot signal.
  const containers = cgroup === 'v1' ? `containers: [${container1}]\n` : '';
  writeFileSync(
    file,
    `schema: 1\nname: malta-lxc-${cgroup}\nextends: [${base}]\ncgroup: ${cgroup}\n${containers}`,
  );
  return new RealBoard(file, `malta-lxc-${cgroup}`);
}

test('every series that has a recipe has a release here', () => {
  const series = RELEASES.map(({ version }) => version.split('.').slice(0, 2).join('.'));
  expect([...new Set([...series, ...NOT_TESTED])].sort()).toEqual(
    lxcRecipes.map((recipe) => recipe.series).sort(),
  );
});

if (sources === undefined) {
  process.stderr.write(
    'LXC from source was NOT TESTED: LXC_KIT_LXC_SOURCES names no folder with lxc-VERSION.tar.gz\n',
  );
}

test.runIf(sources !== undefined).each(RELEASES)(
  'LXC $version is compiled, is small, and starts its containers',
  async ({ version, cgroup, limit }) => {
    const board = boards[cgroup]!;
    const tarball = join(sources ?? '', `lxc-${version}.tar.gz`);
    expect(existsSync(tarball), `${tarball} is there`).toBe(true);
    const built = await board.build('--source', `lxc=${tarball}`);
    expect(built.stderr).not.toContain('error:');
    expect(built.exitCode).toBe(0);
    expect(await installedSize(board)).toBeLessThan(limit);
    const { exitCode, stdout } = await board.boot([
      START_CONTAINER1,
      // That of 1.1 is a script without --fancy, and nothing runs on this board.
      cgroup === 'v2' ? 'lxc-ls --fancy' : 'lxc-ls',
      'lxc-start --version',
    ]);
    expect(stdout).toMatch(/^container1\n/);
    if (cgroup === 'v2') expect(stdout).toMatch(/^system1\s+RUNNING\b/m);
    expect(stdout).toContain(version);
    expect(exitCode).toBe(0);
  },
);

/** What LXC installs with libcap, but without init.lxc.static. */
async function installedSize(board: RealBoard): Promise<number> {
  const files = await walkTree(join(board.outDir, 'work', 'build-lxc', 'target'));
  return files
    .filter(({ name, stat }) => stat.isFile() && !name.endsWith('/init.lxc.static'))
    .reduce((bytes, { stat }) => bytes + stat.size, 0);
}
