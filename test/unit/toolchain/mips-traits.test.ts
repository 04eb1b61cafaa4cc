import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { boardTraits } from '../../../toolkit/toolchain/board-traits.ts';
import { mipsLinkTraits, mipsTraits } from '../../../toolkit/toolchain/mips-traits.ts';
import type { ProgramHeader } from '../../../toolkit/toolchain/program-traits.ts';

const O32 = 0x1000;
const NAN_2008 = 0x400;
const header = (flags: number, changes: Partial<ProgramHeader> = {}): ProgramHeader => ({
  flags,
  bits: 32,
  ...changes,
});
const read = (name: string, from: ProgramHeader): string | undefined =>
  mipsTraits.find((trait) => trait.name === name)?.ofFile(from);
const level = (isaLevel: number, isaRevision: number): Partial<ProgramHeader> => ({
  mipsAbiFlags: { isaLevel, isaRevision, floatAbi: 1 },
});

describe('e_flags', () => {
  test.each([
    [header(O32), 'o32'],
    [header(0), 'o32'],
    [header(0x20), 'n32'],
    [header(0x2000), 'o64'],
    [header(0x3000), 'EABI32'],
    [header(0, { bits: 64 }), 'n64'],
  ])('give the ABI: %j is %s', (from, abi) => {
    expect(read('ABI', from)).toBe(abi);
  });

  test.each([
    [header(0x0000_1007), 'mips1'],
    [header(0x5000_1007), 'mips32'],
    [header(0x7000_1007), 'mips32r2'],
    [header(0x9000_1407), 'mips32r6'],
    [header(0xa000_0407), 'mips64r6'],
    // Release 5 has the number of release 2; .MIPS.abiflags knows better.
    [header(0x7000_1007, level(32, 5)), 'mips32r5'],
    [header(0x5000_1007, level(32, 1)), 'mips32'],
    [header(0xf000_1007), undefined],
  ])('give the instruction set: %j is %s', (from, isa) => {
    expect(read('instruction set', from)).toBe(isa);
  });

  test('give the NaN encoding', () => {
    expect([read('NaN encoding', header(O32)), read('NaN encoding', header(NAN_2008))]).toEqual([
      'legacy',
      '2008',
    ]);
  });
});

describe('instruction sets', () => {
  const runs = mipsTraits.find(({ name }) => name === 'instruction set')?.runs ?? {};

  test.each([
    ['mips32r2', 'mips1'],
    ['mips32r2', 'mips32'],
    ['mips32r5', 'mips32r3'],
    ['mips64r2', 'mips32r2'],
    ['mips64r2', 'mips3'],
    ['mips64r6', 'mips32r6'],
  ])('%s runs %s', (board, file) => {
    expect(runs[board]).toContain(file);
  });

  test.each([
    ['mips32r2', 'mips32r6'],
    ['mips32r6', 'mips32r2'],
    ['mips32', 'mips32r2'],
    ['mips32r2', 'mips3'],
    ['mips32r2', 'mips64'],
    ['mips64r6', 'mips64r2'],
  ])('%s does not run %s', (board, file) => {
    expect(runs[board] ?? []).not.toContain(file);
  });
});

describe('the output of the compiler', () => {
  const macros = (...options: string[]): string =>
    execFileSync('mipsel-linux-gnu-gcc', [...options, '-E', '-dM', '-x', 'c', '/dev/null'], {
      encoding: 'utf8',
    });
  const values = (...options: string[]): Record<string, string> =>
    Object.fromEntries(
      boardTraits(mipsTraits, macros(...options), options).map(({ trait, value }) => [trait.name, value]),
    );

  test.each([
    [['-march=mips32r2'], { ABI: 'o32', 'instruction set': 'mips32r2', 'NaN encoding': 'legacy' }],
    [['-march=mips1', '-mfp32'], { ABI: 'o32', 'instruction set': 'mips1', 'NaN encoding': 'legacy' }],
    [
      ['-march=mips32r5', '-mnan=2008'],
      { ABI: 'o32', 'instruction set': 'mips32r5', 'NaN encoding': '2008' },
    ],
    [['-march=mips32r6'], { ABI: 'o32', 'instruction set': 'mips32r6', 'NaN encoding': '2008' }],
    [
      ['-march=mips64r2', '-mabi=64'],
      { ABI: 'n64', 'instruction set': 'mips64r2', 'NaN encoding': 'legacy' },
    ],
    [['-march=mips64', '-mabi=n32'], { ABI: 'n32', 'instruction set': 'mips64', 'NaN encoding': 'legacy' }],
  ])('%j', (options, expected) => {
    expect(values(...options)).toEqual(expected);
  });

  test('is stated by its options, or its own choice', () => {
    const stated = (cflags: string[]): (boolean | undefined)[] =>
      boardTraits(mipsTraits, macros(...cflags), cflags)
        .filter(({ trait }) => trait.name === 'instruction set')
        .map(({ stated: said }) => said);
    expect([stated(['-Os']), stated(['-Os', '-march=24kc']), stated(['-mips32r2'])]).toEqual([
      [false],
      [true],
      [true],
    ]);
  });

  test('is not known where it says nothing', () => {
    expect(boardTraits(mipsTraits, '', ['-march=mips32r2'])).toEqual([]);
  });
});

test.each([
  ['double', 'double', true],
  ['double', 'xx', true],
  ['xx', '64', true],
  ['any', 'soft', true],
  ['double', 'soft', false],
  ['soft', 'xx', false],
  ['double', '64', false],
  ['single', 'double', false],
])('floating point of %s and %s in one process: %s', (one, other, mixes) => {
  for (const [a, b] of [
    [one, other],
    [other, one],
  ] as const)
    expect(mipsLinkTraits.map((trait) => trait.mixes(a, b))).toEqual([mixes]);
});
