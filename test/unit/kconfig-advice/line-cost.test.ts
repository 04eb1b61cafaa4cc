import { expect, test } from 'vitest';
import { lineCost } from '../../../toolkit/kconfig-advice/line-cost.ts';
import { predictValues } from '../../../toolkit/kconfig-advice/predict-changes.ts';
import { fixInput, symbolIn } from '../kconfig-tree/read-text.ts';

const KCONFIG = [
  'config MODULES\n\tdef_bool y\n\tmodules\n',
  'config BRIDGE\n\ttristate "bridge"\n',
  'config OTHER\n\ttristate "other"\n',
  'choice\n\tprompt "timer"\nconfig HZ_100\n\tbool "100"\nconfig HZ_250\n\tbool "250"\nendchoice\n',
].join('');

test('to build in a module of the defconfig costs a line, to switch it off costs more than several', () => {
  const input = fixInput(KCONFIG, { base: 'CONFIG_BRIDGE=m' });
  const costOf = (value: string): number =>
    lineCost(input, 'OTHER', { symbol: symbolIn(input.tree, 'BRIDGE'), value });
  expect(costOf('m')).toBe(0);
  expect(costOf('y')).toBe(1);
  expect(costOf('n')).toBeGreaterThan(10);
});

test('expects the member of a choice on the last line, whatever the base names first', () => {
  const input = fixInput(KCONFIG, { base: 'CONFIG_HZ_100=y', asked: 'CONFIG_HZ_250=y' });
  const then = predictValues(input, [{ symbol: 'HZ_100', value: 'y' }]);
  expect(['HZ_100', 'HZ_250'].map((name) => then.text(symbolIn(input.tree, name)))).toEqual(['y', 'n']);
});
