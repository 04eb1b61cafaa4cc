import { describe, expect, test } from 'vitest';
import { configLineOf, readConfigValues } from '../../../toolkit/kconfig-tree/config-values.ts';

const read = (text: string): [string, string][] => [...readConfigValues(text)];

describe('a .config as values', () => {
  test('has values of every kind', () => {
    expect(
      read(
        'CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D="a \\"b\\" \\\\"\nCONFIG_E=0x1f\nCONFIG_F=-3\nCONFIG_G=\n',
      ),
    ).toEqual([
      ['A', 'y'],
      ['B', 'm'],
      ['C', 'n'],
      ['D', 'a "b" \\'],
      ['E', '0x1f'],
      ['F', '-3'],
      ['G', ''],
    ]);
  });

  test('in the order of the last lines, which count', () => {
    expect(read('CONFIG_A=y\nCONFIG_B=y\n# CONFIG_A is not set\n')).toEqual([
      ['B', 'y'],
      ['A', 'n'],
    ]);
  });

  test('ignores lines of any other form', () => {
    const text =
      '# a comment\n#CONFIG_A=y\nCONFIG_B\n CONFIG_C=y\n# CONFIG_D is not set.\nFOO=y\n<<<<<<< ours\n\0\n';
    expect(read(text)).toEqual([]);
  });

  test('with CRLF, and digits at the beginning', () => {
    expect(read('CONFIG_64BIT=y\r\n# CONFIG_8139TOO is not set\r\n')).toEqual([
      ['64BIT', 'y'],
      ['8139TOO', 'n'],
    ]);
  });

  test('a quote that is not closed is not heard; an equals sign in a text is', () => {
    expect(read('CONFIG_A="open\nCONFIG_B="x=y # z"\n')).toEqual([['B', 'x=y # z']]);
  });
});

test.each([
  ['y', false, 'CONFIG_A=y'],
  ['n', false, '# CONFIG_A is not set'],
  ['100', false, 'CONFIG_A=100'],
  ['', false, 'CONFIG_A='],
  ['n', true, 'CONFIG_A="n"'],
  ['', true, 'CONFIG_A=""'],
  ['a "b" \\', true, 'CONFIG_A="a \\"b\\" \\\\"'],
])('%s as a line, and back', (value, isString, line) => {
  expect(configLineOf('A', value, isString)).toBe(line);
  expect(read(line)).toEqual([['A', value]]);
});
