import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compilingMake, stepLauncher } from '../../../toolkit/steps/compiler-launcher.ts';
import { stepContext } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

const ccache = { name: 'ccache', program: '/usr/bin/ccache' } as const;

function setUp(storeDir?: string) {
  const dir = scratchDir();
  const context = stepContext(dir, 'build-kernel', new Map());
  const build = {
    launcher: ccache,
    storeDir: storeDir ?? join(dir, 'store'),
    outDir: join(dir, 'out'),
    userEnv: { CCACHE_MAXSIZE: '5G', CCACHE_DIR: '/elsewhere', HOME: '/root' },
  };
  return { dir, context, build, statisticsFile: join(context.workDir, 'launcher.log') };
}

describe('ccache in front of a step', () => {
  test('has its folder in the store, and of the person’s variables those that say where and how much', async () => {
    const { context, build, dir } = setUp();
    const { words, env } = await stepLauncher(build, context);
    expect(words).toEqual(['/usr/bin/ccache']);
    expect(env).toMatchObject({ CCACHE_DIR: join(dir, 'store', 'ccache'), CCACHE_MAXSIZE: '5G' });
    expect(env).not.toHaveProperty('HOME');
    expect(existsSync(join(dir, 'store', 'ccache'))).toBe(true);
  });

  test('counts what this step compiled, and not what an earlier run of it did', async () => {
    const { context, build, statisticsFile } = setUp();
    writeFileSync(statisticsFile, 'cache_miss\ncache_miss\n');
    const { report } = await stepLauncher(build, context);
    report();
    expect(context.events).toEqual([]);
    writeFileSync(statisticsFile, '# a.c\ndirect_cache_hit\ncache_miss\npreprocessed_cache_hit\n');
    report();
    expect(context.events).toEqual([{ type: 'compiler-cache', step: 'build-kernel', hits: 2, misses: 1 }]);
  });

  test('is left out, with a warning, where its folder cannot be made', async () => {
    const { dir } = setUp();
    writeFileSync(join(dir, 'file'), '');
    const { context, build } = setUp(join(dir, 'file'));
    const { words, env } = await stepLauncher(build, context);
    expect({ words, env }).toEqual({ words: [], env: {} });
    expect(context.events).toMatchObject([{ type: 'warning', step: 'build-kernel' }]);
  });
});

test('without a launcher make gets no CC, unless there are flags', async () => {
  const { context, build } = setUp();
  const none = await stepLauncher({ ...build, launcher: undefined }, context);
  const toolchain = { prefix: 'mipsel-linux-gnu-' } as Parameters<typeof compilingMake>[1];
  expect(compilingMake(['make', '-C', '/src'], toolchain, none)).toEqual(['make', '-C', '/src']);
  expect(compilingMake(['make'], toolchain, none, ['-g'])).toEqual(['make', 'CC=mipsel-linux-gnu-gcc -g']);
  mkdirSync(build.storeDir, { recursive: true });
  const launcher = await stepLauncher(build, context);
  expect(compilingMake(['make'], toolchain, launcher)).toEqual([
    'make',
    'CC=/usr/bin/ccache mipsel-linux-gnu-gcc',
  ]);
});
