import { expect, test } from 'vitest';
import type { ConfiguredTree } from '../../../toolkit/configuration/configured-tree.ts';
import { menuFragment } from '../../../toolkit/configuration/menu-fragment.ts';
import { mergeLayers } from '../../../toolkit/kconfig/merge-fragments.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';

/** A board with one fragment; its conf takes every line as it is. */
const configured = {
  base: '',
  requests: mergeLayers([parseConfig('CONFIG_A=y\nCONFIG_B=y\n', 'boards/extra.config')]),
  text: 'CONFIG_A=y\nCONFIG_B=y\n',
  configure: (merged: string) => Promise.resolve(merged),
} as unknown as ConfiguredTree;

test('lets a symbol switched off in the menus win over the fragment that asks for it', async () => {
  expect(await menuFragment(configured, '# CONFIG_A is not set\nCONFIG_B=y\n')).toEqual({
    lines: [{ symbol: 'CONFIG_A', value: 'n' }],
    remaining: [],
  });
});

test('without a change there is no fragment', async () => {
  expect(await menuFragment(configured, configured.text)).toBeUndefined();
});
