import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { readBase } from '../../../toolkit/kconfig/read-base.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

const MIPS = { program: 'Linux', kernelArch: 'mips' } as const;

function read(text: string, target: Parameters<typeof readBase>[1] = MIPS) {
  const dir = scratchDir();
  writeFiles(dir, { 'box.config': text });
  return readBase({ file: join(dir, 'box.config'), shownAs: 'boards/box.config' }, target);
}

const places = (text: string): string[] =>
  read(text).problems.map(
    ({ location, message }) => `${location?.line ?? 0}:${location?.column ?? 0} ${message}`,
  );

test('accepts what a conf writes: headers, sections, numbers without 0x, numbers without a value', () => {
  const { lines, problems, warnings } = read(
    [
      '#',
      "# Automatically generated make config: don't edit",
      '# Linux kernel version: 2.6.31',
      '#',
      'CONFIG_MIPS=y',
      '',
      '# Machine selection',
      '#',
      '# CONFIG_MIPS_MALTA is not set',
      '# CONFIG_IDE is deprecated',
      'CONFIG_PHYS_START=1fc00000',
      'CONFIG_CACHE_SHIFT=',
      'CONFIG_CMDLINE="root=/dev/mtdblock2 mtdparts=\\"x\\" # 1"',
      'CONFIG_LOCALVERSION=""',
      'CONFIG_TUN=m',
      '# end of Machine selection',
      '',
    ].join('\n'),
  );
  expect(problems).toEqual([]);
  expect(warnings).toEqual([]);
  expect(lines.map(({ symbol, value }) => `${symbol}=${value}`)).toEqual([
    'CONFIG_MIPS=y',
    'CONFIG_MIPS_MALTA=n',
    'CONFIG_PHYS_START=1fc00000',
    'CONFIG_CMDLINE="root=/dev/mtdblock2 mtdparts=\\"x\\" # 1"',
    'CONFIG_LOCALVERSION=""',
    'CONFIG_TUN=m',
  ]);
});

test('reports a line that loses a symbol, with its place', () => {
  expect(
    places(
      [
        'CONFIG_MIPS=y',
        'CONFIG_TUN=yes',
        'CONFIG_BRIDGE y',
        '\tCONFIG_VETH=y',
        'CONFIG_VLAN=y # trunk',
        'CONFIG_CMDLINE=console=ttyS1',
        '<<<<<<< HEAD',
        'CONFIG_NR_CPUS=',
        'CONFIG_PREFIX set by menuconfig',
      ].join('\n'),
    ),
  ).toEqual([
    '2:12 CONFIG_TUN is "yes", which Kconfig does not accept',
    '3:1 a symbol and its value are joined by "=" without blanks',
    '4:1 the line is indented, so Kconfig would skip it',
    '5:13 CONFIG_VLAN has the value y # trunk, which is neither y, m, n nor a number nor a quoted string',
    '6:16 CONFIG_CMDLINE has the value console=ttyS1, which is neither y, m, n nor a number nor a quoted string',
    '7:1 a merge conflict was left in the file',
    '8:16 CONFIG_NR_CPUS has no value',
    '9:1 is neither "CONFIG_NAME=value" nor "# CONFIG_NAME is not set" nor a comment',
  ]);
});

test('accepts what Kconfig reads all the same: a second quote, and a comment that looks like a line', () => {
  const { lines, problems, warnings } = read(
    'CONFIG_CMDLINE="quiet""\n#CONFIG_ARCH_OLD is not set\nCONFIG_NR_CPUS=2  \n',
  );
  expect(problems).toEqual([]);
  expect(lines.map(({ value }) => value)).toEqual(['"quiet"', '2']);
  expect(warnings.map(({ location, message }) => `${location?.line ?? 0} ${message}`)).toEqual([
    '2 Kconfig takes this line for a comment',
  ]);
});

test('a file of another architecture is refused once, whatever else is wrong with it', () => {
  expect(places('# Linux/arm 5.10.1 Kernel Configuration\nCONFIG_TUN=yes\n')).toEqual([
    "1:1 this is a kernel configuration for arm, but the board's kernel is for mips",
  ]);
});

test('a file that is no text, one that is none, and one that cannot be read', () => {
  expect(places('CONFIG_A=y\n\0\n')).toEqual(['2:1 is not a text file: it holds NUL bytes']);
  expect(places('define KMACHINE box\n')[0]).toContain('this is a Yocto feature description');
  expect(read('<p>\n'.repeat(500)).problems).toHaveLength(21);
  const { problems } = readBase({ file: scratchDir(), shownAs: 'boards' }, MIPS);
  expect(problems[0]?.message).toMatch(/^the configuration boards is a folder, not a regular file$/);
});

test("each defconfig of the small trees is taken, as a kernel's own are", () => {
  const dir = shippedPath('test/fixtures/fakelinux/arch/mips/configs');
  for (const name of readdirSync(dir))
    expect(readBase({ file: join(dir, name), shownAs: name }, MIPS).problems).toEqual([]);
});
