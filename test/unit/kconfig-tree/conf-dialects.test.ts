import { expect, test } from 'vitest';
import { dialectOf } from '../../../toolkit/kconfig-tree/conf-dialects.ts';

test.each([
  ['2.6.32', 'last', 'whole', 'empty'],
  ['3.10.108', 'last', 'whole', 'empty'],
  ['4.0', 'last', 'set', 'empty'],
  ['5.10.223', 'last', 'set', 'empty'],
  ['6.1.192', 'last', 'set', 'empty'],
  ['6.10.14', 'last', 'set', 'empty'],
  ['6.11-rc1', 'ranked', 'set', 'zero'],
  ['6.12.107', 'ranked', 'set', 'zero'],
  ['7.1.8', 'ranked', 'set', 'zero'],
  ['10.0', 'ranked', 'set', 'zero'],
  [undefined, 'ranked', 'set', 'zero'],
  ['unknown', 'ranked', 'set', 'zero'],
])('the conf of Linux %s', (version, choices, writes, numbers) => {
  expect(dialectOf('kernel', version)).toEqual({ choices, writes, numbers });
});

test.each(['1.35.0', '1.37.0', undefined])('the conf of BusyBox %s', (version) => {
  expect(dialectOf('busybox', version)).toEqual({ choices: 'last', writes: 'all', numbers: 'empty' });
});
