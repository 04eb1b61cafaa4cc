import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Build } from '../../../toolkit/opened-board/build.ts';
import type { ConfigureContext } from '../../../toolkit/configuration/configured-tree.ts';
import { withKeptConf } from '../../../toolkit/configuration/keep-conf.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

let dir: string;
let runs: number;

beforeEach(() => {
  dir = scratchDir();
  runs = 0;
  writeFiles(dir, {
    'tree/Makefile': 'all:\n',
    'tree/scripts/kconfig/conf.c': 'int main;\n',
    'tree/scripts/basic/fixdep.c': 'int main;\n',
  });
});

const inDir = (...names: string[]): string => join(dir, ...names);
const program = (name: string): string => inDir(name, 'obj/scripts/kconfig/conf');

/** Configures in a folder of its own, as make would; gives whether conf was there before. */
async function configure(
  name: string,
  compiles = true,
  searchPath = process.env['PATH'] ?? '',
): Promise<boolean> {
  mkdirSync(inDir(name), { recursive: true });
  const build = {
    storeDir: inDir('store'),
    env: { PATH: searchPath },
    epochSeconds: 0,
    launcher: undefined,
  } as unknown as Build;
  const context = {
    workDir: inDir(name),
    logFile: inDir(name, 'log'),
    emit: () => undefined,
    signal: new AbortController().signal,
  } as unknown as ConfigureContext;
  const where = { tree: inDir('tree'), objDir: inDir(name, 'obj') };
  return withKeptConf(build, where, context, () => {
    const there = existsSync(program(name));
    runs++;
    if (!there && compiles) {
      writeFiles(where.objDir, {
        'scripts/kconfig/conf': `#!${runs}\n`,
        'scripts/kconfig/.conf.cmd': 'gcc\n',
        'scripts/basic/fixdep': 'x',
      });
      utimesSync(program(name), 1000, 1000.25);
    }
    return Promise.resolve(there);
  });
}

test('a conf that was compiled is there for the next one, with the times that make goes by', async () => {
  expect(await configure('first')).toBe(false);
  expect(await configure('second')).toBe(true);
  expect(readFileSync(program('second'), 'utf8')).toBe('#!1\n');
  expect(statSync(program('second')).mtimeMs).toBe(1_000_250);
  expect(readdirSync(inDir('second/obj/scripts/kconfig')).sort()).toEqual(['.conf.cmd', 'conf']);
  expect(readdirSync(inDir('store')).sort()).toEqual(['conf', 'tmp']);
  expect(readdirSync(inDir('store/tmp'))).toEqual([]);
});

test('other sources are another conf', async () => {
  await configure('first');
  writeFileSync(inDir('tree/scripts/kconfig/conf.c'), 'int main(void);\n');
  expect(await configure('second')).toBe(false);
  expect(readdirSync(inDir('store/conf'))).toHaveLength(2);
});

test('so are other makefiles', async () => {
  await configure('first');
  writeFileSync(inDir('tree/Makefile'), 'HOSTCFLAGS = -m32\n');
  expect(await configure('second')).toBe(false);
});

test("so is another version of the host's compiler", async () => {
  const withOwn = `${inDir('bin')}:${process.env['PATH'] ?? ''}`;
  const install = (version: string): void => {
    writeFiles(dir, { 'bin/gcc': `#!/bin/sh\necho ${version}\n` });
    chmodSync(inDir('bin/gcc'), 0o755);
  };
  install('12');
  await configure('first', true, withOwn);
  expect(await configure('second', true, withOwn)).toBe(true);
  install('12.2');
  expect(await configure('third', true, withOwn)).toBe(false);
});

test('one that has rotted is not run, and taken again', async () => {
  await configure('first');
  const [key = ''] = readdirSync(inDir('store/conf'));
  writeFileSync(inDir('store/conf', key, 'scripts/kconfig/conf'), '#!0\n');
  expect(await configure('second')).toBe(false);
  expect(readFileSync(program('second'), 'utf8')).toBe('#!2\n');
  expect(await configure('third')).toBe(true);
});

test('one without its sums, as from a process that was killed, is not run', async () => {
  await configure('first');
  const [key = ''] = readdirSync(inDir('store/conf'));
  writeFileSync(inDir('store/conf', key, 'sums.json'), '');
  expect(await configure('second')).toBe(false);
});

test('two at once keep one, and neither fails', async () => {
  expect(await Promise.all([configure('first'), configure('second')])).toEqual([false, false]);
  expect(readdirSync(inDir('store/conf'))).toHaveLength(1);
  expect(readdirSync(inDir('store/tmp'))).toEqual([]);
  expect(await configure('third')).toBe(true);
});

test('a tree that compiles no conf leaves nothing, and a store that is a file is done without', async () => {
  await configure('first', false);
  expect(existsSync(inDir('store'))).toBe(false);
  writeFileSync(inDir('store'), '');
  expect(await configure('second')).toBe(false);
});
