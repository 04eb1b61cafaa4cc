import { expect, test } from 'vitest';
import { readFinalConfig } from '../../../toolkit/kconfig/audit-config.ts';
import { countDifferences, diffConfigs, formatDifference } from '../../../toolkit/kconfig/diff-configs.ts';

function diff(a: string, b: string) {
  return diffConfigs(readFinalConfig(a), readFinalConfig(b));
}

test('order, comments, and off against not mentioned are no difference', () => {
  const difference = diff(
    '# of one\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_TEXT=""\nCONFIG_HEX=0x00FF\n',
    'CONFIG_HEX=0xff\nCONFIG_B=m\nCONFIG_A=y\nCONFIG_D=n\n',
  );
  expect(countDifferences(difference)).toBe(0);
  expect(formatDifference(difference, 'one', 'two')).toBe('no difference');
});

test('lists symbols of one side only, and those with different values', () => {
  const difference = diff(
    'CONFIG_Z=y\nCONFIG_ONE=m\nCONFIG_HZ=100\nCONFIG_T=m\nCONFIG_NAME="a"\n',
    'CONFIG_TWO="x"\nCONFIG_T=y\nCONFIG_HZ=250\n# CONFIG_Z is not set\nCONFIG_NAME="b"\n',
  );
  expect(difference).toEqual({
    onlyInA: [
      { symbol: 'CONFIG_ONE', value: 'm' },
      { symbol: 'CONFIG_Z', value: 'y' },
    ],
    onlyInB: [{ symbol: 'CONFIG_TWO', value: '"x"' }],
    different: [
      { symbol: 'CONFIG_HZ', a: '100', b: '250' },
      { symbol: 'CONFIG_NAME', a: '"a"', b: '"b"' },
      { symbol: 'CONFIG_T', a: 'm', b: 'y' },
    ],
  });
  expect(countDifferences(difference)).toBe(6);
  expect(formatDifference(difference, 'one', 'two')).toBe(
    [
      'only in one (2):',
      '  CONFIG_ONE=m',
      '  CONFIG_Z=y',
      '',
      'only in two (1):',
      '  CONFIG_TWO="x"',
      '',
      'different in one and two (3):',
      '  CONFIG_HZ    100 -> 250',
      '  CONFIG_NAME  "a" -> "b"',
      '  CONFIG_T     m -> y',
    ].join('\n'),
  );
});

test('numbers that are written differently but are not hexadecimal are not touched', () => {
  expect(countDifferences(diff('CONFIG_A=010\n', 'CONFIG_A=10\n'))).toBe(1);
  expect(countDifferences(diff('CONFIG_A=0x0\n', 'CONFIG_A=0x00\n'))).toBe(0);
  expect(countDifferences(diff('CONFIG_A="0xA"\n', 'CONFIG_A="0xa"\n'))).toBe(1);
});

test('groups with nothing in them are left out', () => {
  expect(formatDifference(diff('', 'CONFIG_A=y\n'), 'one', 'two')).toBe('only in two (1):\n  CONFIG_A=y');
});
