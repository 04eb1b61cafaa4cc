import { describe, expect, test } from 'vitest';
import {
  isComputed,
  isMachineSymbol,
  isOfArchitecture,
  needsOneOf,
} from '../../../toolkit/kconfig-advice/symbol-roles.ts';
import { readText, symbolIn, valuesOf } from '../kconfig-tree/read-text.ts';

/** The menus of an architecture, around one symbol each. */
function inMenus(arch: string, kconfig: string) {
  return readText(`source "arch/${arch}/Kconfig"\nsource "drivers/Kconfig"\n`, {
    files: {
      [`arch/${arch}/Kconfig`]: kconfig,
      'drivers/Kconfig': 'menu "SOC drivers"\nconfig FOREIGN\n\tbool "x"\nendmenu\n',
    },
  });
}

const menu = (title: string, symbol = 'ONE'): string =>
  `menu "${title}"\nconfig ${symbol}\n\tbool "one"\nendmenu\n`;
const choice = (prompt: string): string =>
  `choice\n\tprompt "${prompt}"\nconfig ONE\n\tbool "one"\nconfig TWO\n\tbool "two"\nendchoice\n`;

describe('a machine or a CPU is chosen in', () => {
  test.each([
    ['mips', choice('System type')],
    ['mips', menu('Machine selection')],
    ['mips', menu('CPU selection')],
    ['mips', choice('Endianness selection')],
    ['mips', menu('Kernel type')],
    ['arm', menu('System Type')],
    ['arm64', menu('Platform selection')],
    ['x86', choice('Processor family')],
    ['riscv', menu('SoC selection')],
    ['powerpc', menu('Platform support')],
  ])('%s: %s', (arch, kconfig) => {
    expect(isMachineSymbol(symbolIn(inMenus(arch, kconfig), 'ONE'), arch)).toBe(true);
  });
});

describe('neither is chosen in', () => {
  test.each([
    ['x86', menu('Processor type and features')],
    ['mips', menu('CPU Power Management')],
    ['arm', menu('Accelerated Cryptographic Algorithms for CPU (arm)')],
    ['mips', menu('Bus options (PCI, PCMCIA, EISA, ISA, TC)')],
    ['mips', choice('Timer frequency')],
    ['mips', 'config ONE\n\tbool "one"\n'],
  ])('%s: %s', (arch, kconfig) => {
    expect(isMachineSymbol(symbolIn(inMenus(arch, kconfig), 'ONE'), arch)).toBe(false);
  });
});

test('only what lies below the folder of the architecture is its own', () => {
  const tree = inMenus('mips', menu('Machine selection'));
  expect(isMachineSymbol(symbolIn(tree, 'FOREIGN'), 'mips')).toBe(false);
  expect(isOfArchitecture(symbolIn(tree, 'ONE'), 'mips')).toBe(true);
  expect(isOfArchitecture(symbolIn(tree, 'ONE'), 'arm')).toBe(false);
  const shared = symbolIn(inMenus('mips', menu('Machine selection', 'FOREIGN')), 'FOREIGN');
  expect(isMachineSymbol(shared, 'mips')).toBe(false);
});

test('a symbol without a prompt is computed; one that is not defined is nothing', () => {
  const tree = readText('config A\n\tbool\n\tselect GHOST\nconfig B\n\tbool "b"\nconfig C\n\tint "c" if A\n');
  expect(['A', 'B', 'C', 'GHOST'].map((name) => isComputed(symbolIn(tree, name)))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('finds the symbols that need one that is gone, directly or by way of others', () => {
  const tree = readText(
    [
      'config SND\n\ttristate "snd"',
      'if SND\nconfig PCI_SND\n\tbool "pci"\nendif',
      'config HDA\n\tbool "hda"\n\tdepends on PCI_SND && NET',
      'config NET\n\tbool "net"',
      'config WIFI\n\tbool "wifi"\n\tdepends on NET',
      'config LOOP\n\tbool "loop"\n\tdepends on LOOP2\nconfig LOOP2\n\tbool "loop2"\n\tdepends on LOOP',
      '',
    ].join('\n'),
  );
  const values = valuesOf(tree, '');
  const needing = (name: string): boolean => needsOneOf(symbolIn(tree, name), new Set(['SND']), values);
  expect(['PCI_SND', 'HDA', 'WIFI', 'LOOP'].map(needing)).toEqual([true, true, false, false]);
});
