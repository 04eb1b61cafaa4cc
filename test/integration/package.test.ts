import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot, packageVersion, shippedPath } from '../../toolkit/base/package-root.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { imageFile, projectMaker } from './rig.ts';

const create = projectMaker();
let project: TempProject;
/** The paths in the package. */
let packed: string[];

beforeAll(async () => {
  project = await create();
  // Compiled already; `prepare` would do it again under the feet of the other tests.
  const npm = ['pack', '--ignore-scripts', '--json', '--pack-destination', project.dir];
  const output = execFileSync('npm', npm, {
    cwd: packageRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [info] = JSON.parse(output) as { filename: string; files: { path: string }[] }[];
  packed = info?.files.map(({ path }) => path) ?? [];
  const target = join(project.dir, 'node_modules', 'lxc-kit');
  mkdirSync(target, { recursive: true });
  execFileSync('tar', [
    '-xzf',
    join(project.dir, info?.filename ?? ''),
    '-C',
    target,
    '--strip-components=1',
  ]);
  linkDependencies(join(project.dir, 'node_modules'));
});

/** Links the packages that `npm install` would bring: those of the lock file that are not for development only. */
function linkDependencies(target: string): void {
  const { packages } = JSON.parse(readFileSync(shippedPath('package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev }] of Object.entries(packages)) {
    const [, name, ...nested] = path.split(/(?:^|\/)node_modules\//);
    if (name === undefined || nested.length > 0 || dev === true) continue;
    mkdirSync(dirname(join(target, name)), { recursive: true });
    symlinkSync(shippedPath('node_modules', name), join(target, name));
  }
}

function run(...args: string[]) {
  const cli = join(project.dir, 'node_modules', 'lxc-kit', 'dist', 'bin', 'lxc-kit.js');
  return spawnSync(process.execPath, [cli, ...args], {
    cwd: project.dir,
    env: project.env,
    encoding: 'utf8',
  });
}

test('the package holds the program and its data, and nothing else', () => {
  const tops = new Set(packed.map((path) => path.replace(/\/.*/, '')));
  expect([...tops].sort()).toEqual([
    'LICENSE',
    'README.md',
    'boards',
    'busybox-config',
    'dist',
    'docs',
    'guest-shell',
    'kconfig-fragments',
    'package.json',
    'rootfs-skeleton',
  ]);
  expect(packed).toEqual(
    expect.arrayContaining([
      'boards/board.schema.json',
      'boards/common/mipsel.yaml',
      'boards/containers/container1.yaml',
      'dist/bin/LICENSES',
      'dist/bin/lxc-kit.js',
      'guest-shell/start',
      'rootfs-skeleton/base/etc/init.d/rcS.hbs',
    ]),
  );
});

test('installs the program that package.json names, with a shebang', () => {
  const { bin } = JSON.parse(project.read('node_modules/lxc-kit/package.json')) as {
    bin: Record<string, string>;
  };
  const file = project.read(join('node_modules/lxc-kit', bin['lxc-kit'] ?? ''));
  expect(file).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test('it lists the shipped boards and knows its version', () => {
  expect(run('boards').stdout).toMatch(/^stb-mipsel {7}Set-top box, Broadcom BMIPS, little endian$/m);
  expect(run('--version').stdout).toBe(`${packageVersion()}\n`);
});

test('it builds a board', () => {
  project.writeBoard('installed', {
    containers: [{ name: 'own', kind: 'system', rootfs: { from: 'busybox' }, command: ['/sbin/init'] }],
    images: ['tar.gz', 'cpio.gz', 'squashfs', 'ext4'],
  });
  const built = run('build', '--board', 'installed');
  expect(built.status, built.stderr).toBe(0);
  expect(readFileSync(imageFile(project, 'rootfs.tar.gz', 'installed')).length).toBeGreaterThan(1000);
});
