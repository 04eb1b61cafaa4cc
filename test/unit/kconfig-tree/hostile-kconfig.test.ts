import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dialectOf } from '../../../toolkit/kconfig-tree/conf-dialects.ts';
import { readKconfig } from '../../../toolkit/kconfig-tree/read-kconfig.ts';
import { expectLinear } from '../../rigs/growth.ts';
import { scratchDir, writeFiles } from '../scratch.ts';
import { problemsIn, readText } from './read-text.ts';

const AFTER = '\nconfig LAST\n\tbool "last"\n';

test.each([
  [
    'negations',
    `config A\n\tdepends on ${'!'.repeat(50_000)}B\n`,
    'Kconfig:2 an expression of more than 500 operators',
  ],
  [
    'brackets',
    `config A\n\tdepends on ${'('.repeat(30_000)}B\n`,
    'Kconfig:2 an expression of more than 500 operators',
  ],
  [
    'a long prompt',
    `config A\n\tbool "${'x'.repeat(3 << 20)}"\n`,
    'Kconfig:2 a line of 3145736 characters; 65536 is the limit',
  ],
  [
    'continued lines',
    `config A\n\tbool "${'x\\\n'.repeat(100_000)}"\n`,
    'Kconfig:2 a line of 200008 characters; 65536 is the limit',
  ],
])('%s: the line is a problem, what follows counts', (_what, text, problem) => {
  const tree = readText(text + AFTER);
  expect(problemsIn(tree)).toEqual([problem]);
  expect(tree.symbols.get('LAST')?.prompts).toHaveLength(1);
});

test.each([
  ['if A\n', 'endif\n'],
  ['menu "m"\n', 'endmenu\n'],
])('%j nested 50,000 deep ends the file with a problem', (open, close) => {
  const found = problemsIn(readText(open.repeat(50_000) + close.repeat(50_000) + AFTER));
  expect(found[0]).toBe('Kconfig:257 more than 256 nested menus; the rest of the file is left out');
  expect(found).toHaveLength(257);
  expect(problemsIn(readText(open.repeat(200) + close.repeat(200)))).toEqual([]);
});

test('a source that is no regular file, or too long, is a problem of its line', () => {
  const dir = scratchDir();
  writeFiles(dir, {
    Kconfig: 'source "zero"\nsource "long"\nosource "zero"\n' + AFTER,
    long: ' '.repeat(17 << 20),
  });
  symlinkSync('/dev/zero', join(dir, 'zero'));
  const tree = readKconfig({
    roots: [dir],
    topFile: 'Kconfig',
    dialect: dialectOf('kernel', '6.1.0'),
    environment: {},
    shell: () => undefined,
  });
  expect(problemsIn(tree)).toEqual([
    'Kconfig:1 cannot read zero: it is a character device, not a regular file',
    'Kconfig:2 cannot read long: it is 17.0 MB long; 16 MB is the limit',
    'Kconfig:3 cannot read zero: it is a character device, not a regular file',
  ]);
  expect(tree.symbols.has('LAST')).toBe(true);
});

test('long texts and many continued lines cost what they are long', async () => {
  await expectLinear((count) => readText(`config A\n\tbool "${'x\\\n'.repeat(count)}"\n`), 20_000);
  await expectLinear((count) => readText(`config A\n\tbool "${'y'.repeat(count)}"\n`.repeat(20)), 7_000);
});
