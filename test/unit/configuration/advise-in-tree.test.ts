import { expect, test } from 'vitest';
import { successorsOf } from '../../../toolkit/configuration/advise-in-tree.ts';
import type { ReadTree } from '../../../toolkit/configuration/read-kconfig-tree.ts';
import { readText } from '../kconfig-tree/read-text.ts';

/** The symbols to write instead of CONFIG_IP_NF_TARGET_LOG=m in a tree with this symbol of Linux 3.4. */
function instead(type: 'bool' | 'tristate'): readonly object[] | undefined {
  const tree = readText(`config NETFILTER_XT_TARGET_LOG\n\t${type} "LOG"\n`);
  const read = { tree, configured: { name: 'kernel', version: '6.1.161' } } as unknown as ReadTree;
  return successorsOf({ symbol: 'IP_NF_TARGET_LOG', value: 'm' }, read)?.now;
}

test('a module stays one where the new symbol may be a module, and is built in elsewhere', () => {
  expect(instead('tristate')).toEqual([{ symbol: 'NETFILTER_XT_TARGET_LOG', value: 'm' }]);
  expect(instead('bool')).toEqual([{ symbol: 'NETFILTER_XT_TARGET_LOG', value: 'y' }]);
});
