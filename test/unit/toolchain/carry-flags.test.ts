import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carryFlags, responseFile } from '../../../toolkit/toolchain/carry-flags.ts';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flags-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

test('plain flags stay words of their own', async () => {
  const flags = ['-Os', '-march=mips32r2', '-Wl,-z,relro', '-isystem', '/opt/a+b/inc', '-DX=1'];
  expect(await carryFlags(flags, dir)).toEqual(flags);
  expect(existsSync(join(dir, 'flags.rsp'))).toBe(false);
});

test('gcc, called by make through a shell, gets the words that a profile has', async () => {
  const values = [
    '`touch ran`',
    '$(touch ran)',
    '$(shell touch ran)',
    '${shell touch ran}',
    ';touch ran;',
    '"two  words"',
    "it's",
    'a\\b',
    'a#b',
    '$$HOME $HOME',
    '*',
    '@x',
  ];
  const flags = await carryFlags(['-Os', ...values.map((value, index) => `-DV${index}=${value}`)], dir);
  expect(flags).toEqual([`@${join(dir, 'flags.rsp')}`]);
  writeFileSync(join(dir, 'empty.c'), '');
  writeFileSync(join(dir, 'script.sh'), 'CFLAGS="$1"; eval ": $CFLAGS"; gcc $CFLAGS -E -dM empty.c\n');
  writeFileSync(
    join(dir, 'Makefile'),
    'CFLAGS := $(CFLAGS)\nexport CFLAGS\nall:\n\t@sh script.sh "$(CFLAGS)"\n',
  );
  const printed = execFileSync('make', ['-s'], {
    cwd: dir,
    env: { ...process.env, CFLAGS: flags.join(' ') },
    encoding: 'utf8',
  });
  const macros = new Map(
    [...printed.matchAll(/^#define V(\d+) (.*)$/gm)].map(([, index, value]) => [Number(index), value]),
  );
  expect(values.map((_, index) => macros.get(index)?.replaceAll(/ +/g, ' '))).toEqual(
    values.map((value) => value.replaceAll(/ +/g, ' ')),
  );
  expect(existsSync(join(dir, 'ran'))).toBe(false);
});

test('in a response file a backslash keeps blanks, quotes and backslashes', () => {
  expect(responseFile(['-O2', '-DA="x y"', "-DB='", '-DC=\\'])).toBe(
    '-O2\n-DA=\\"x\\ y\\"\n-DB=\\\'\n-DC=\\\\\n',
  );
});
