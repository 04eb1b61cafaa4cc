import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeTree } from '../rigs/describe-tree.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { build, buildWell, imageFile, message, printed, projectMaker } from './rig.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

describe('boards', () => {
  test('a line each: those of the current folder and the shipped ones', async () => {
    project.writeBoard('other', { description: 'Another one' });
    project.write('boards/nameless.yaml', 'schema: 1\nname: nameless\nextends: [fake.yaml]\n');
    project.write('boards/broken.yaml', 'schema: [\n');
    const { exitCode, stdout, stderr } = await project.run(['boards']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'broken           boards/broken.yaml',
        'fake             Stand-ins for everything',
        'malta-mipsel     MIPS Malta as QEMU emulates it, little endian',
        'nameless         boards/nameless.yaml',
        'other            Another one',
        'stb-mipsel       Set-top box, Broadcom BMIPS, little endian',
        'stb-mipsel-lxc1  Set-top box, Broadcom BMIPS, little endian, with LXC 1.1.5 and one cgroup v1 hierarchy',
        '',
      ].join('\n'),
    );
  });

  test('--json', async () => {
    const { stdout } = await project.run(['boards', '--json']);
    expect(JSON.parse(stdout)).toContainEqual({
      name: 'other',
      description: 'Another one',
      file: join(project.dir, 'boards/other.yaml'),
    });
  });

  test('a board of the current folder hides the shipped one of that name', async () => {
    project.write('boards/malta-mipsel.yaml', 'schema: 1\nname: malta-mipsel\ndescription: mine\n');
    expect((await project.run(['boards'])).stdout).toMatch(/^malta-mipsel {5}mine$/m);
  });
});

describe('after a build', () => {
  beforeAll(async () => {
    await buildWell(project);
  });

  test('a build of a few steps does not make the manifest forget the others', async () => {
    const { steps } = JSON.parse(project.read('out/fake/manifest.json')) as { steps: { id: string }[] };
    await buildWell(project, ['--until', 'build-kernel']);
    await project.run(['fetch', '--board', 'fake']);
    expect(JSON.parse(project.read('out/fake/manifest.json'))).toMatchObject({
      outcome: 'built',
      steps: steps.map(({ id }) => ({ id })),
    });
  });

  test('nor does one that had something to do, once everything is built again', async () => {
    project.write(
      'boards/fake.yaml',
      project.read('boards/fake.yaml').replace('"lxc"\n', '"lxc", "malta"\n'),
    );
    const { ran } = await buildWell(project, ['--until', 'build-kernel']);
    expect(ran).toEqual(['build-kernel', 'configure-kernel']);
    const whole = await buildWell(project);
    expect(whole.ran).toEqual([]);
    const manifest = JSON.parse(project.read('out/fake/manifest.json')) as {
      sources: unknown[];
      steps: unknown[];
      toolchain?: unknown;
      lxc?: unknown;
    };
    expect(manifest.sources).toHaveLength(4);
    expect(manifest.steps).toHaveLength(17);
    expect(manifest.lxc).toBeDefined();
  });

  test('a manifest that was removed is written again', async () => {
    rmSync(join(project.outDir(), 'manifest.json'));
    const { ran } = await build(project);
    expect(ran).toEqual([]);
    expect(JSON.parse(project.read('out/fake/manifest.json'))).toMatchObject({ outcome: 'built' });
  });

  test('clean removes the out directory and nothing else', async () => {
    const before = describeTree(project.dir);
    const { exitCode, stdout, stderr } = await project.run(['clean', '--board', 'fake']);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '', stderr: 'removed out/fake\n' });
    const gone = Object.keys(before).filter((path) => !(path in describeTree(project.dir)));
    expect(gone.length).toBeGreaterThan(20);
    expect(gone.filter((path) => !/^out\/fake(?:\/|$)/.test(path))).toEqual([]);
    expect(existsSync(project.storeDir)).toBe(true);
  });

  test('clean --store removes the store too', async () => {
    const first = await project.run(['clean', '--board', 'fake', '--store']);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(printed(project, first.stderr)).toBe('removed <dir>/store\n');
    expect(existsSync(project.storeDir)).toBe(false);
    const again = await project.run(['clean', '--board', 'fake', '--store']);
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('clean takes the directory that --out names', async () => {
    await buildWell(project, ['--out', 'elsewhere/deep', '--until', 'configure-kernel']);
    const { stderr } = await project.run(['clean', '--board', 'fake', '--out', 'elsewhere/deep']);
    expect(stderr).toBe('removed elsewhere/deep\n');
    expect(existsSync(join(project.dir, 'elsewhere/deep'))).toBe(false);
  });
});

describe('a directory of somebody else', () => {
  let own: TempProject;
  beforeAll(async () => {
    own = await create();
    own.write('precious/containers/mine.yaml', 'years of work\n');
  });

  test('is not built over', async () => {
    const before = describeTree(own.dir);
    const failed = await own.run(['build', '--board', 'fake', '--out', 'precious']);
    expect(failed.exitCode).toBe(2);
    await expect(message(own, failed)).toMatchFileSnapshot('printed/out-foreign-build.txt');
    expect(describeTree(own.dir)).toEqual(before);
  });

  test('is not cleaned away', async () => {
    own.write('a-file', '');
    for (const out of ['precious', '.', 'a-file']) {
      const failed = await own.run(['clean', '--board', 'fake', '--out', out]);
      expect(failed.exitCode).toBe(2);
      expect(failed.stderr).toContain('is not an out directory of lxc-kit');
    }
    expect(own.read('precious/containers/mine.yaml')).toBe('years of work\n');
  });

  test('keeps what is in it when it serves as the store', async () => {
    const env = { LXC_KIT_STORE: join(own.dir, 'precious') };
    await buildWell(own, ['--until', 'fetch-kernel'], { env });
    const cleaned = await own.run(['clean', '--board', 'fake', '--store'], { env });
    expect(cleaned.exitCode, cleaned.stderr).toBe(0);
    expect(Object.keys(describeTree(join(own.dir, 'precious')))).toEqual([
      'containers',
      'containers/mine.yaml',
    ]);
  });
});

describe('output that cannot be written', () => {
  const shell = (script: string) =>
    spawnSync('bash', ['-c', script], {
      cwd: project.dir,
      env: { ...project.env, KIT: `${process.execPath} ${CLI_FILE}` },
      encoding: 'utf8',
    });

  test('ends a command quietly when the pipe is closed', () => {
    const { stdout, stderr } = shell('$KIT schema | true; echo ${PIPESTATUS[0]}');
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });

  test('does not stop a build whose progress it shows', () => {
    for (const [board, to] of Object.entries({ piped: '2>&1 | head -n 1', full: '2> /dev/full' })) {
      project.writeBoard(board, {});
      const { stdout } = shell(
        `$KIT build --board ${board} --until build-kernel ${to}; echo "exit code \${PIPESTATUS[0]}"`,
      );
      expect(stdout).toMatch(/^exit code 0$/m);
      expect(existsSync(imageFile(project, 'vmlinux', board))).toBe(true);
    }
  });

  test('is an error when it is the result and the disk is full', () => {
    const { stdout, stderr } = shell('$KIT boards > /dev/full; echo $?');
    expect(stdout).toBe('2\n');
    expect(stderr).toMatch(/^error: stdout cannot be written: ENOSPC/);
    expect(stderr).not.toContain('    at ');
  });
});

test('without LXC_KIT_STORE the store is in XDG_CACHE_HOME, and without that in ~/.cache', async () => {
  const own = await create();
  own.writeBoard('small', { images: ['tar.gz'] });
  const home = join(own.dir, 'home');
  await buildWell(own, ['--until', 'fetch-kernel'], { env: { LXC_KIT_STORE: '' } });
  expect(existsSync(join(home, '.cache/lxc-kit/resolved'))).toBe(true);
  await buildWell(own, ['--until', 'fetch-busybox'], {
    env: { LXC_KIT_STORE: '', XDG_CACHE_HOME: join(own.dir, 'cache') },
  });
  expect(existsSync(join(own.dir, 'cache/lxc-kit/resolved'))).toBe(true);
  // As the specification has it, a relative one does not count.
  await buildWell(own, ['--until', 'fetch-lxc'], { env: { LXC_KIT_STORE: '', XDG_CACHE_HOME: 'cache2' } });
  expect(existsSync(join(own.dir, 'cache2'))).toBe(false);
});

test('--source takes one component from elsewhere and leaves the others as they are', async () => {
  const own = await create();
  const other = await create();
  await other.changeSource('busybox', (dir) => {
    const file = join(dir, 'applets.txt');
    // One applet less.
    other.write(file.slice(other.dir.length + 1), readFileSync(file, 'utf8').replace(/^VI .*\n/m, ''));
  });
  const run = await buildWell(own, ['--source', `busybox=${other.sourceDir('busybox')}`]);
  expect(run.outcomes['build-busybox']).toBe('built');
  const manifest = JSON.parse(own.read('out/fake/manifest.json')) as {
    sources: { component: string; origin: string }[];
  };
  expect(manifest.sources.map(({ component, origin }) => [component, origin])).toEqual([
    ['kernel', own.sourceDir('kernel')],
    ['busybox', other.sourceDir('busybox')],
    ['lxc', own.sourceDir('lxc')],
    ['libcap', own.sourceDir('libcap')],
  ]);
  expect(existsSync(imageFile(own, 'rootfs.tar.gz'))).toBe(true);
});
