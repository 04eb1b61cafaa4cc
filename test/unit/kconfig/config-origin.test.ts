import { describe, expect, test } from 'vitest';
import {
  namesArchitecture,
  refuseForeign,
  type ConfigTarget,
} from '../../../toolkit/kconfig/config-origin.ts';

const MIPS: ConfigTarget = { program: 'Linux', kernelArch: 'mips' };
const BUSYBOX: ConfigTarget = { program: 'BusyBox' };

const written = (header: string, ...lines: string[]): string =>
  ['#', '# Automatically generated file; DO NOT EDIT.', header, '#', ...lines, ''].join('\n');

/** `file:line message`, or undefined. */
function refusal(text: string, target: ConfigTarget): string | undefined {
  const found = refuseForeign(text, 'box.config', target);
  return found && `${found.location?.file ?? ''}:${found.location?.line ?? 0} ${found.message}`;
}

const forArm = "this is a kernel configuration for arm, but the board's kernel is for mips";

describe('a configuration of another architecture is refused', () => {
  test.each([
    [
      'by its header',
      written('# Linux/arm 5.10.1 Kernel Configuration', 'CONFIG_ARM=y'),
      `box.config:3 ${forArm}`,
    ],
    [
      'with a header and nothing else',
      written('# Linux/arm 4.1.37 Kernel Configuration'),
      `box.config:3 ${forArm}`,
    ],
    ['without a header, by its own symbol', 'CONFIG_SMP=y\nCONFIG_ARM=y\n', `box.config:2 ${forArm}`],
    [
      'of a kernel whose header names none',
      written('# Linux kernel version: 2.6.31', 'CONFIG_SUPERH=y'),
      "box.config:5 this is a kernel configuration for sh, but the board's kernel is for mips",
    ],
    [
      'by one of the names of x86',
      written('# Linux/x86_64 3.10.0 Kernel Configuration'),
      "box.config:3 this is a kernel configuration for x86, but the board's kernel is for mips",
    ],
    [
      'with CRLF and a byte order mark',
      `\uFEFF${written('# Linux/arm 5.4.1 Kernel Configuration').replaceAll('\n', '\r\n')}`,
      `box.config:3 ${forArm}`,
    ],
  ])('%s', (_, text, expected) => {
    expect(refusal(text, MIPS)).toBe(expected);
  });
});

describe('accepts a configuration that fits, or does not say what it is for', () => {
  test.each([
    ['its own header', written('# Linux/mips 3.14.28 Kernel Configuration', 'CONFIG_MIPS=y')],
    ['its own symbol only', 'CONFIG_MIPS=y\n'],
    ['both symbols', 'CONFIG_ARM=y\nCONFIG_MIPS=y\n'],
    ['another one that is off', '# CONFIG_ARM is not set\nCONFIG_X86=n\n'],
    ['a header in a comment behind symbols', 'CONFIG_TUN=y\n# Linux/arm 5.10.1 Kernel Configuration\n'],
    ['a comment that is no header', '# For the old Linux/arm box, do not copy\nCONFIG_TUN=y\n'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(refusal(text, MIPS)).toBeUndefined();
  });
});

test.each([
  ['# Busybox version: 1.36.1', MIPS, 'a configuration of BusyBox, but one of Linux is expected'],
  ['# Buildroot 2021.02 Configuration', MIPS, 'a configuration of Buildroot, but one of Linux is expected'],
  ['# U-Boot 2020.04 Configuration', MIPS, 'a configuration of U-Boot, but one of Linux is expected'],
  [
    '# Linux/mips 6.1.9 Kernel Configuration',
    BUSYBOX,
    'a configuration of Linux, but one of BusyBox is expected',
  ],
])('a configuration of another program is refused: %s', (header, target, message) => {
  expect(refusal(written(header), target)).toBe(`box.config:3 this is ${message}`);
});

test('a program is known by its symbols too, when the header was removed', () => {
  expect(refusal('CONFIG_HAVE_DOT_CONFIG=y\n', MIPS)).toContain('a configuration of BusyBox');
  expect(refusal('CONFIG_64BIT=y\nCONFIG_MIPS=y\n', BUSYBOX)).toContain(
    'box.config:2 this is a configuration of Linux',
  );
  expect(refusal('CONFIG_HAVE_DOT_CONFIG=y\n', BUSYBOX)).toBeUndefined();
});

test('knows whether a file names its architecture', () => {
  expect(namesArchitecture(written('# Linux/mips 6.1.9 Kernel Configuration'))).toBe(true);
  expect(namesArchitecture('CONFIG_MIPS=y\n')).toBe(true);
  expect(namesArchitecture('CONFIG_MIPS_MALTA=y\n')).toBe(false);
});
