import { describe, expect, test } from 'vitest';
import { auditConfig } from '../../../toolkit/kconfig/audit-config.ts';
import { mergeLayers } from '../../../toolkit/kconfig/merge-fragments.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';
import { classifyBase, requestsWithBase } from '../../../toolkit/configuration/audit-base.ts';
import type { ConfiguredTree } from '../../../toolkit/configuration/configured-tree.ts';
import type { ReadTree } from '../../../toolkit/configuration/read-kconfig-tree.ts';
import { fixInput, readText, valuesOf } from '../kconfig-tree/read-text.ts';

const KCONFIG = [
  'source "arch/mips/Kconfig"',
  'config MODULES\n\tbool "modules"\n\tmodules',
  'config MODULE_UNLOAD\n\tbool "unload"\n\tdepends on MODULES',
  'config SOUND\n\ttristate "sound"',
  'config SOUND_DEBUG\n\tbool "debug"\n\tdepends on SOUND',
  'config MEMCG\n\tbool "memory controller"\n\tdepends on CGROUPS',
  'config CGROUPS\n\tbool "cgroups"',
  'config USB\n\tbool "usb"\n\tdepends on CGROUPS',
  'config GENERIC_CLOCK\n\tbool',
  '',
].join('\n');

const ARCH = [
  'menu "Machine selection"\nchoice\n\tprompt "System type"',
  'config MALTA\n\tbool "malta"\nconfig GENERIC\n\tbool "generic"\nendchoice\nendmenu',
  'menu "CPU selection"\nconfig CPU_FAST\n\tbool "fast"\n\tdepends on CGROUPS\nendmenu',
  '',
].join('\n');

interface Given {
  readonly base: string;
  readonly fragment?: string;
  readonly modules?: ConfiguredTree['modules'];
  /** The final values, as if conf had made them. */
  readonly final?: Readonly<Record<string, string>>;
}

/** `SYMBOL kind`, with what it is about, for each finding; symbols without their prefix. */
function classified({ base, fragment = '', modules = 'keep', final = {} }: Given): string[] {
  const options = { files: { 'arch/mips/Kconfig': ARCH } };
  const tree = readText(KCONFIG, options);
  const finalValues = new Map(Object.entries(final));
  const configured = {
    name: 'kernel',
    modules,
    baseLines: parseConfig(base, 'boards/box.config', { whole: true }).lines,
    requests: mergeLayers([parseConfig(fragment, 'boards/extra.config')]),
  } as unknown as ConfiguredTree;
  const read = {
    ...fixInput(KCONFIG, options),
    tree,
    values: valuesOf(tree, '', { final: finalValues }),
    final: finalValues,
    configured,
  } as unknown as ReadTree;
  const findings = auditConfig(
    requestsWithBase(configured),
    new Map([...finalValues].map(([name, value]) => [`CONFIG_${name}`, value])),
    [],
    (symbol) => (tree.symbols.get(symbol.slice(7))?.nodes.length ?? 0) > 0,
  );
  return classifyBase(findings, configured, 'mips', () => read).map(
    ({ symbol, kind, about }) => `${symbol.slice(7)} ${kind}${about === undefined ? '' : ` ${about}`}`,
  );
}

test('machine, CPU and containers are marked; the rest is lost', () => {
  expect(classified({ base: 'CONFIG_MALTA=y\nCONFIG_CPU_FAST=y\nCONFIG_MEMCG=y\nCONFIG_USB=y\n' })).toEqual([
    'CPU_FAST lost machine',
    'MALTA lost machine',
    'MEMCG lost containers',
    'USB lost',
  ]);
});

test('symbols of another tree between the machines of this one were machines too', () => {
  expect(
    classified({
      base: 'CONFIG_STB7=y\n# CONFIG_MALTA is not set\nCONFIG_STB7B0=y\n# CONFIG_CPU_FAST is not set\nCONFIG_ODD=y\n# CONFIG_USB is not set\nCONFIG_WLAN9=y\n',
    }),
  ).toEqual(['ODD unknown', 'STB7 unknown machine', 'STB7B0 unknown machine', 'WLAN9 unknown']);
});

test('an unknown symbol that was appended after the machines is none of them', () => {
  expect(classified({ base: '# CONFIG_MALTA is not set\nCONFIG_WLAN9=y\n' })).toEqual(['WLAN9 unknown']);
});

test('sets aside symbols that the tree computes, and names that no tree had a prompt for', () => {
  expect(
    classified({
      base: 'CONFIG_GENERIC_CLOCK=y\nCONFIG_HAVE_OLD_THING=y\nCONFIG_SOC_HAS_UART=y\nCONFIG_USB=y\nCONFIG_OLD_DRIVER=y\n',
    }),
  ).toEqual([
    'GENERIC_CLOCK computed',
    'USB lost',
    'HAVE_OLD_THING computed',
    'OLD_DRIVER unknown',
    'SOC_HAS_UART computed',
  ]);
});

describe('kernel.modules', () => {
  const base =
    'CONFIG_MODULES=y\nCONFIG_MODULE_UNLOAD=y\nCONFIG_SOUND=m\nCONFIG_SOUND_DEBUG=y\nCONFIG_USB=y\n';
  test('drop: what it leaves out, and what needs that, is no loss', () => {
    expect(classified({ base, modules: 'drop' })).toEqual([
      'MODULES dropped',
      'MODULE_UNLOAD dropped',
      'SOUND dropped',
      'SOUND_DEBUG dropped',
      'USB lost',
    ]);
  });
  test('builtin: =m is asked for as =y', () => {
    expect(
      classified({ base, modules: 'builtin', final: { SOUND: 'y', SOUND_DEBUG: 'y', USB: 'y' } }),
    ).toEqual(['MODULES dropped', 'MODULE_UNLOAD dropped']);
  });
  test('keep: what is not there is lost', () => {
    expect(classified({ base: 'CONFIG_SOUND=m\n' })).toEqual(['SOUND lost']);
  });
});

test('a fragment that chooses otherwise overrides, by the symbol or by its choice', () => {
  expect(
    classified({
      base: 'CONFIG_MALTA=y\nCONFIG_USB=y\n',
      fragment: 'CONFIG_GENERIC=y\n# CONFIG_USB is not set\n',
      final: { GENERIC: 'y' },
    }),
  ).toEqual(['MALTA overridden', 'USB overridden']);
});

test('without a loss the Kconfig files are not read', () => {
  const configured = {
    modules: 'keep',
    baseLines: parseConfig('CONFIG_USB=y\n', 'boards/box.config').lines,
    requests: new Map(),
  } as unknown as ConfiguredTree;
  const read = (): never => {
    throw new Error('read');
  };
  expect(classifyBase([], configured, 'mips', read)).toEqual([]);
  const [finding] = auditConfig(requestsWithBase(configured), new Map(), []);
  // Where they cannot be read, the loss is still said.
  expect(finding && classifyBase([finding], configured, 'mips', read)).toEqual([finding]);
});
