import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { KitError, type KitErrorCode } from '../../../toolkit/base/errors.ts';
import { findStep } from '../../../toolkit/session/find-step.ts';
import { exitCodeOf } from '../../../toolkit/cli/exit-codes.ts';
import { installCommand, refuseMissing } from '../../../toolkit/session/refuse-missing.ts';
import { openBuild, storeDir } from '../../../toolkit/session/open-build.ts';
import { collect, logFormat, positive, release, source } from '../../../toolkit/cli/options.ts';
import {
  refuseForeignOut,
  refuseForMake,
  refuseToRemove,
  removeOut,
  removeStore,
} from '../../../toolkit/session/guard-folders.ts';
import { buildInTurn, withoutRepeats } from '../../../toolkit/cli/build-in-turn.ts';
import { createSteps } from '../../../toolkit/steps/index.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Code, message and hint of what is thrown. */
async function refusal(call: () => unknown): Promise<Partial<KitError>> {
  try {
    await call();
  } catch (error) {
    if (error instanceof KitError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

test.each([
  ['USAGE', 2],
  ['BOARD_UNKNOWN', 2],
  ['PROFILE_INVALID', 2],
  ['FRAGMENT_INVALID', 2],
  ['CONTAINER_INVALID', 2],
  ['OUT_BUSY', 2],
  ['OUT_UNWRITABLE', 2],
  ['TOOL_MISSING', 3],
  ['TOOLCHAIN_WRONG', 3],
  ['SOURCE_UNAVAILABLE', 4],
  ['SOURCE_HASH_MISMATCH', 4],
  ['ARCHIVE_BROKEN', 4],
  ['ARCHIVE_HOSTILE', 4],
  ['SYMBOL_LOST', 4],
  ['ELF_WRONG', 4],
  ['STEP_FAILED', 4],
  ['BOOT_FAILED', 5],
  ['INTERRUPTED', 130],
] as const satisfies readonly (readonly [KitErrorCode, number])[])(
  '%s ends with exit code %i',
  (code, exitCode) => {
    expect(exitCodeOf(new KitError(code, 'text'))).toBe(exitCode);
  },
);

test('anything else that is thrown is a bug, exit code 1', () => {
  for (const thrown of [new Error('x'), new TypeError('x'), 'x', undefined])
    expect(exitCodeOf(thrown)).toBe(1);
});

describe('a directory that make cannot work in', () => {
  test.each([' ', '\t', ':', '#', '$', '%', "'", '"', '\\'])('has %j in its path', async (sign) => {
    const { code, lines, hint } = await refusal(() => {
      refuseForMake(`/work/a${sign}b`, 'the store', 'name another');
    });
    expect({ code, lines, hint }).toEqual({
      code: 'USAGE',
      lines: [`/work/a${sign}b`],
      hint: 'name another',
    });
  });

  test.each(['/work/a-b_c.d+e', '/home/me/out'])('is not %s', (dir) => {
    expect(() => {
      refuseForMake(dir, 'the store', '');
    }).not.toThrow();
  });
});

describe('a directory of somebody else', () => {
  test('is not built in when a build would replace what it has', async () => {
    const dir = scratchDir();
    refuseForeignOut(join(dir, 'none'));
    writeFiles(dir, { 'notes.txt': '' });
    refuseForeignOut(dir);
    mkdirSync(join(dir, 'images'));
    const { code, message } = await refusal(() => {
      refuseForeignOut(dir);
    });
    expect(code).toBe('USAGE');
    expect(message).toMatch(/ already holds images, which lxc-kit did not make/);
    mkdirSync(join(dir, '.lxc-kit'));
    refuseForeignOut(dir);
  });

  test('is not removed, unless it is empty', async () => {
    const dir = scratchDir();
    refuseToRemove(dir);
    writeFiles(dir, { 'notes.txt': '' });
    const refused = refusal(() => {
      refuseToRemove(dir);
    });
    expect((await refused).code).toBe('USAGE');
    mkdirSync(join(dir, '.lxc-kit'));
    refuseToRemove(dir);
    await removeOut(dir);
    expect(existsSync(dir)).toBe(false);
  });

  test('keeps what is not of a store when the store in it is removed', async () => {
    const dir = scratchDir();
    writeFiles(dir, { 'sources/a': '', 'ccache/b': '', 'timings/c': '', 'mine.txt': '' });
    await removeStore(dir);
    expect(readdirSync(dir)).toEqual(['mine.txt']);
    const own = scratchDir();
    writeFiles(own, { 'results/a': '', 'trees/b': '' });
    await removeStore(own);
    expect(existsSync(own)).toBe(false);
  });
});

describe('options', () => {
  test('keep their order when they are repeated', () => {
    const command = new Command().option('--run <c>', '', collect).addOption(source()).addOption(logFormat());
    command.parse(['--run', 'a', '--source', 'lxc=x', '--run', 'b', '--source', 'kernel=y'], {
      from: 'user',
    });
    expect(command.opts()).toEqual({ run: ['a', 'b'], source: ['lxc=x', 'kernel=y'], logFormat: 'auto' });
  });

  test('take whole numbers from 1 on', () => {
    expect([positive('1'), positive('20')]).toEqual([1, 20]);
    for (const text of ['0', '-1', '1.5', 'x', '', '01', '1 ']) expect(() => positive(text), text).toThrow();
  });

  test('take releases of the kernel, and no other text', () => {
    for (const text of ['6.1', '6.12.107', '6.12-rc1']) expect(release(text)).toBe(text);
    for (const text of ['6', 'v6.1', '6.1.', '6.1 ', '']) expect(() => release(text), text).toThrow();
  });
});

describe('the build of a command line', () => {
  const board = { board: 'malta-mipsel' };

  test('has the store where LXC_KIT_STORE, XDG_CACHE_HOME or the home says', () => {
    vi.stubEnv('HOME', '/home/me');
    vi.stubEnv('XDG_CACHE_HOME', '');
    vi.stubEnv('LXC_KIT_STORE', '');
    expect(storeDir()).toBe('/home/me/.cache/lxc-kit');
    vi.stubEnv('XDG_CACHE_HOME', 'relative');
    expect(storeDir()).toBe('/home/me/.cache/lxc-kit');
    vi.stubEnv('XDG_CACHE_HOME', '/cache');
    expect(storeDir()).toBe('/cache/lxc-kit');
    vi.stubEnv('LXC_KIT_STORE', '/store');
    expect(storeDir()).toBe('/store');
  });

  test('has the time that SOURCE_DATE_EPOCH names, or one that never changes', async () => {
    vi.stubEnv('SOURCE_DATE_EPOCH', '');
    expect((await openBuild(board)).epochSeconds).toBe(Date.UTC(2026, 0, 1) / 1000);
    vi.stubEnv('SOURCE_DATE_EPOCH', '0');
    expect((await openBuild(board)).epochSeconds).toBe(0);
    vi.stubEnv('SOURCE_DATE_EPOCH', 'yesterday');
    expect((await refusal(() => openBuild(board))).code).toBe('USAGE');
  });

  test('takes the sources of --source, paths with = in them too, and refuses what is no component', async () => {
    const { overrides, outDir } = await openBuild({ ...board, source: ['lxc=/a=b.tar.gz', 'kernel=x'] });
    expect([...overrides]).toEqual([
      ['lxc', '/a=b.tar.gz'],
      ['kernel', join(process.cwd(), 'x')],
    ]);
    expect(outDir).toBe(join(process.cwd(), 'out', 'malta-mipsel'));
    for (const source of ['lxc', 'lxc=', 'lx=c'])
      expect((await refusal(() => openBuild({ ...board, source: [source] }))).code, source).toBe('USAGE');
  });
});

test('a step is found by its name, and one with a slip is suggested', async () => {
  const steps = createSteps(await sampleBuild(scratchDir()));
  expect(findStep(steps, 'build-kernel')).toBe(steps.kernel);
  expect(await refusal(() => findStep(steps, 'build-kernal'))).toMatchObject({
    code: 'USAGE',
    message: 'there is no step "build-kernal"',
    hint: 'did you mean "build-kernel"?',
  });
  expect((await refusal(() => findStep(steps, 'everything'))).hint).toMatch(
    /^steps: check-toolchain, fetch-kernel/,
  );
});

test('missing tools are listed once, with one command that installs their packages once', async () => {
  const tool = (name: string, debianPackage: string) => ({ name, debianPackage, neededFor: 'it' });
  const tools = [
    tool('mke2fs', 'e2fsprogs'),
    tool('debugfs', 'e2fsprogs'),
    tool('bc', 'bc'),
    tool('bc', 'bc'),
  ];
  const once = withoutRepeats(tools);
  expect(once.map(({ name }) => name)).toEqual(['mke2fs', 'debugfs', 'bc']);
  expect(installCommand(once)).toBe('apt-get install --no-install-recommends bc e2fsprogs');
  refuseMissing([], '');
  expect(await refusal(() => refuseMissing(once, 'give --x'))).toMatchObject({
    code: 'TOOL_MISSING',
    message: 'the host lacks 3 tools',
    hint: `run as root: ${installCommand(once)}\n        or give --x`,
  });
});

test('one of several boards that fails is reported at the end, with its code, and the others are built', async () => {
  const [dir, other] = [scratchDir(), scratchDir()];
  const boards = [await sampleBuild(dir, { name: 'one' }), await sampleBuild(other, { name: 'two' })];
  const built: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const failing = buildInTurn(
    boards,
    ({ loaded }) => {
      built.push(loaded.profile.name);
      if (loaded.profile.name === 'one') throw new KitError('SYMBOL_LOST', 'lost');
      return Promise.resolve({ records: [] } as never);
    },
    new AbortController().signal,
  );
  const error = await refusal(() => failing);
  vi.restoreAllMocks();
  expect(built).toEqual(['one', 'two']);
  expect(error).toMatchObject({ code: 'SYMBOL_LOST', message: '1 of 2 boards could not be built' });
});
