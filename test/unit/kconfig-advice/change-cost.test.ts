import { beforeEach, describe, expect, test } from 'vitest';
import { costOfChanges, costOfProposal, isLost } from '../../../toolkit/kconfig-advice/change-cost.ts';
import { fixInput } from '../kconfig-tree/read-text.ts';

const KCONFIG = ['BRIDGE', 'VETH', 'TUN', 'USB', 'NET_DSA']
  .map((name) => `config ${name}\n\tbool "${name}"\n`)
  .concat('config CRC32\n\tbool\n')
  .join('');
let input: ReturnType<typeof fixInput>;

beforeEach(() => {
  input = fixInput(KCONFIG, { asked: 'CONFIG_VETH=y', base: 'CONFIG_TUN=y' });
});

const goesOff = (symbol: string) => ({ symbol, before: 'y', after: 'n' });
const comesOn = (symbol: string) => ({ symbol, before: 'n', after: 'y' });

describe('a change costs more', () => {
  test('the more a person has asked for it', () => {
    const dearestFirst = [
      goesOff('VETH'), // a fragment asks for it
      goesOff('TUN'), // the defconfig does
      goesOff('USB'), // it has a prompt, and was on
      comesOn('USB'),
    ].map((change) => costOfChanges([change], input));
    expect(dearestFirst).toEqual([...dearestFirst].sort((a, b) => b - a));
    expect(new Set(dearestFirst).size).toBe(4);
  });

  test('but what has no prompt comes and goes by itself', () => {
    expect(costOfChanges([goesOff('CRC32')], input)).toBe(costOfChanges([comesOn('CRC32')], input));
  });

  test('with each symbol', () => {
    const one = costOfChanges([comesOn('USB')], input);
    expect(costOfChanges([comesOn('USB'), comesOn('BRIDGE')], input)).toBe(2 * one);
    expect(costOfChanges([], input)).toBe(0);
  });
});

describe('a line', () => {
  const on = [{ symbol: 'BRIDGE', value: 'y' }];
  const off = [{ symbol: 'BRIDGE', value: 'n' }];

  test('costs most when it switches off what is on', () => {
    // Ten symbols that come on are less than one feature that goes.
    const many = Array.from({ length: 10 }, () => comesOn('USB'));
    expect(costOfProposal(off, [goesOff('BRIDGE')], input)).toBeGreaterThan(
      costOfProposal(on, [comesOn('BRIDGE'), ...many], input) + costOfChanges([goesOff('BRIDGE')], input),
    );
  });

  test('costs nothing when it says n to what is off anyway', () => {
    expect(costOfProposal(off, [comesOn('NET_DSA')], input)).toBe(costOfChanges([comesOn('NET_DSA')], input));
  });
});

test('lost is what was on and is off', () => {
  expect(isLost({ symbol: 'A', before: 'm', after: 'n' })).toBe(true);
  expect(isLost({ symbol: 'A', before: 'y', after: '' })).toBe(true);
  expect(isLost({ symbol: 'A', before: 'y', after: 'm' })).toBe(false);
  expect(isLost({ symbol: 'A', before: '', after: 'n' })).toBe(false);
});
