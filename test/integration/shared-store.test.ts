import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { waitUntil } from '../rigs/cli-process.ts';
import { describeTree } from '../rigs/describe-tree.ts';
import { killedFakeBuild } from '../rigs/killed-fake-build.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { imageFile, projectMaker } from './rig.ts';
import { runScript } from './small-disk.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

const imagesOf = (board: string): Buffer[] =>
  ['rootfs.tar.gz', 'vmlinux'].map((name) => readFileSync(imageFile(project, name, board)));

test('a board waits for the one step that another board is making, and says so', async () => {
  const kernel = { config: { CONFIG_FAKE_SLOW: 'y' } };
  project.writeBoard('first', { kernel });
  project.writeBoard('second', { kernel, rootfs: { hostname: 'second' } });
  const first = project.spawn(['build', '--board', 'first']);
  const sleeper = await project.waitForSleeper();
  await first.waitFor(/^< pack-tar\.gz: built/m);
  const second = project.spawn(['build', '--board', 'second', '--log-format', 'json']);
  const events = (): Record<string, unknown>[] =>
    second.output
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const finished = (): string[] =>
    events()
      .filter(({ type, outcome }) => type === 'step-finished' && outcome === 'built')
      .map(({ step }) => String(step));
  const waits = (): Record<string, unknown>[] =>
    events().filter(({ message }) => String(message).startsWith('waiting for another lxc-kit'));
  await waitUntil(() => finished().includes('pack-tar.gz'), 'an image, which needs no kernel');
  expect(waits()).toMatchObject([
    {
      step: 'build-kernel',
      message: `waiting for another lxc-kit that is building the same step (pid ${first.pid})`,
    },
  ]);
  process.kill(sleeper);
  const [one, two] = await Promise.all([first.done, second.done]);
  expect(one.exitCode, one.stderr).toBe(0);
  expect(two.exitCode, two.stderr).toBe(0);
  expect(events()).toContainEqual(
    expect.objectContaining({ type: 'step-finished', step: 'build-kernel', outcome: 'restored' }),
  );
  expect(imagesOf('second')[1]).toEqual(imagesOf('first')[1]);
  expect(imagesOf('second')[0]).not.toEqual(imagesOf('first')[0]);
});

test('a board whose shared step is killed elsewhere makes it itself', async () => {
  const kernel = { config: { CONFIG_FAKE_SLOW: 'y', CONFIG_DUMMY: 'y' } };
  project.writeBoard('killed-first', { kernel });
  project.writeBoard('taking-over', { kernel });
  const first = project.spawn(['build', '--board', 'killed-first']);
  await project.waitForSleeper();
  const second = project.spawn(['build', '--board', 'taking-over', '--until', 'build-kernel']);
  await second.waitFor(/build-kernel: waiting for another lxc-kit that is building the same step/);
  first.kill('SIGKILL');
  await first.done;
  const pidFile = join(project.outDir('taking-over'), 'work', 'build-kernel', 'obj', 'fake-slow.pid');
  await waitUntil(
    () => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'),
    'its own compiler',
  );
  process.kill(Number(readFileSync(pidFile, 'utf8')));
  const { exitCode, stderr } = await second.done;
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toMatch(/^< build-kernel: built in /m);
});

/** Two people and a group that both are in; numbers that no system gives out by itself. */
const [ANNA, BERT, TEAM] = [61001, 61002, 61003];

describe('a store of two people', () => {
  let shared: TempProject;
  let skipped: string | undefined;

  beforeAll(async () => {
    shared = await create();
    killedFakeBuild(shared);
    // The project is of both, but out directories and homes are not.
    chmodSync(shared.dir, 0o755);
    chmodSync(join(shared.dir, 'tmp'), 0o1777);
    for (const [name, uid] of [
      ['anna', ANNA],
      ['bert', BERT],
    ] as const) {
      mkdirSync(join(shared.dir, name, 'home'), { recursive: true });
      if (process.getuid?.() !== 0) continue;
      for (const dir of [name, `${name}/home`]) chownSync(join(shared.dir, dir), uid, TEAM);
    }
    skipped = whyNot(shared);
  });

  /** The first person builds, then the second, in a store that is made with a mode; gives what both said. */
  function buildBoth(
    context: TestContext,
    store: string,
    {
      mode,
      umask,
      more = '',
      boards = ['killed', 'killed'],
    }: {
      readonly mode: number;
      readonly umask: string;
      readonly more?: string;
      readonly boards?: readonly [string, string];
    },
  ): { readonly exitCodes: readonly number[]; readonly anna: string; readonly bert: string } {
    if (skipped !== undefined) {
      console.warn(`SKIPPED: ${skipped}`);
      context.skip();
    }
    const dir = join(shared.dir, store);
    mkdirSync(dir);
    chownSync(dir, ANNA, TEAM);
    chmodSync(dir, mode);
    const runs = [
      ['anna', ANNA, boards[0], ''],
      ['bert', BERT, boards[1], more],
    ] as const;
    const exitCodes = runs.flatMap(([name, uid, board, options]) => {
      const build = `HOME="$PWD/${name}/home" LXC_KIT_STORE="$PWD/${store}" kit build --board ${board} --out ${name}/${store} ${options} 2> ${name}/${store}.txt`;
      return runScript(
        shared,
        [`umask ${umask}`, build],
        ['setpriv', `--reuid=${uid}`, `--regid=${TEAM}`, '--clear-groups'],
      ).exitCodes;
    });
    const said = (name: string): string => shared.read(`${name}/${store}.txt`);
    return { exitCodes, anna: said('anna'), bert: said('bert') };
  }

  const sameImages = (store: string): void => {
    for (const name of ['vmlinux', 'rootfs.tar.gz', 'rootfs.ext4']) {
      const [anna, bert] = ['anna', 'bert'].map((one) =>
        readFileSync(join(shared.dir, one, store, 'images', name)),
      );
      expect(bert?.equals(anna ?? Buffer.alloc(0)), name).toBe(true);
    }
  };

  test('gives both members of its group what either has made', (context) => {
    const { exitCodes, bert } = buildBoth(context, 'of-group', { mode: 0o2775, umask: '002' });
    expect(exitCodes, bert).toEqual([0, 0]);
    expect(bert).toMatch(/^build-kernel +restored /m);
    expect(bert).not.toContain('warning: ');
    sameImages('of-group');
  });

  test('takes new sources and results of the second member of its group', (context) => {
    const { exitCodes, bert } = buildBoth(context, 'of-group-too', {
      mode: 0o2775,
      umask: '002',
      more: '--source busybox=sources/busybox --source libcap=again-libcap-2.66.tar.xz',
    });
    expect(exitCodes, bert).toEqual([0, 0]);
    expect(bert).toMatch(/^build-busybox +built /m);
    expect(bert).not.toContain('warning: ');
    sameImages('of-group-too');
  });

  test('lets the second read what only the first may write', (context) => {
    const store = 'of-anna';
    const { exitCodes, bert } = buildBoth(context, store, { mode: 0o755, umask: '022' });
    expect(exitCodes, bert).toEqual([0, 0]);
    expect(bert).toMatch(/^build-kernel +restored /m);
    sameImages(store);
    expect(
      Object.keys(describeTree(join(shared.dir, store))).filter((name) => ownerOf(store, name) !== ANNA),
    ).toEqual([]);
  });

  /** Boards that share no kernel, but nearly all that it is compiled from. */
  const cachedBoards = (): readonly [string, string] => {
    const toolchain = { launcher: 'ccache' };
    shared.writeBoard('cached', { toolchain });
    shared.writeBoard('cached-too', { toolchain, kernel: { config: { CONFIG_DUMMY: 'y' } } });
    return ['cached', 'cached-too'];
  };

  test('keeps compiled objects for both members of its group', (context) => {
    const boards = cachedBoards();
    const { exitCodes, bert } = buildBoth(context, 'of-group-cached', { mode: 0o2775, umask: '022', boards });
    expect(exitCodes, bert).toEqual([0, 0]);
    expect(bert).toMatch(/^build-kernel +built /m);
    expect(bert).not.toContain('compiling without');
    expect(shared.read('bert/of-group-cached/logs/build-kernel.log')).toMatch(/CC=\S*\/ccache /);
  });

  test('keeps the second from ccache, but not from compiling, when only the first may write', (context) => {
    const boards = cachedBoards();
    const { exitCodes, bert } = buildBoth(context, 'of-anna-cached', { mode: 0o755, umask: '022', boards });
    expect(exitCodes, bert).toEqual([0, 0]);
    expect(bert).toMatch(/compiling without ccache: its folder in the store is not writable \(EACCES\)/);
    expect(bert).toMatch(/^build-kernel +built /m);
  });

  test('reports that it is closed to the second', (context) => {
    const { exitCodes, bert } = buildBoth(context, 'closed', { mode: 0o700, umask: '077' });
    expect(exitCodes[0]).toBe(0);
    expect(exitCodes[1]).toBe(2);
    expect(bert).toMatch(/^error: \S*closed cannot be written: permission denied \(EACCES\)/m);
    expect(bert).toMatch(/LXC_KIT_STORE/);
    expect(bert).not.toContain('this is a bug');
  });

  const ownerOf = (store: string, name: string): number => statSync(join(shared.dir, store, name)).uid;
});

/** Why other users cannot run lxc-kit here; undefined when they can. */
function whyNot(project: TempProject): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can build as two users: run this test as root';
  writeFileSync(
    join(project.dir, 'again-libcap-2.66.tar.xz'),
    readFileSync(join(project.dir, 'libcap-2.66.tar.xz')),
  );
  try {
    const codes = runScript(
      project,
      ['kit boards > /dev/null'],
      ['setpriv', `--reuid=${ANNA}`, `--regid=${TEAM}`, '--clear-groups'],
    ).exitCodes;
    return codes[0] === 0 ? undefined : 'another user cannot run lxc-kit from where it lies';
  } catch (error) {
    return `another user cannot run lxc-kit from where it lies: ${String(error)}`;
  }
}
