import { describe, expect, test } from 'vitest';
import { findDeclaredSymbols } from '../../../toolkit/kconfig/declared-symbols.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

function tree(): string {
  const dir = scratchDir();
  writeFiles(dir, {
    Kconfig: 'mainmenu "Linux"\nsource "net/Kconfig"\n\nmenuconfig MODULES\n\tbool "Modules"\n',
    'net/Kconfig': 'config VETH\n\ttristate "veth"\n  config  INDENTED\n\tbool\nconfig CRLF\r\n\tbool\r\n',
    'net/Kconfig.debug': 'config NET_DEBUG\n\tbool\n',
    'arch/mips/Kconfig': 'config BMIPS_GENERIC\n\tbool\nconfig HAVE_BOTH\n\tbool\n',
    'arch/x86/Kconfig': 'config X86_ONLY\n\tbool\nconfig HAVE_BOTH\n\tbool\nconfig SHARED\n\tbool\n',
    'arch/arm64/Kconfig': 'config SHARED\n\tbool\n',
    'scripts/kconfig/tests/choice/Kconfig': 'config BOOL0\n\tbool\n',
    'Documentation/Kconfig': 'config EXAMPLE\n\tbool\n',
    'net/veth.c': 'config NOT_KCONFIG\n',
    'net/Makefile': 'config NOT_KCONFIG\n',
  });
  return dir;
}

describe('declarations', () => {
  const find = () => findDeclaredSymbols([tree()], 'mips');

  test.each(['MODULES', 'VETH', 'INDENTED', 'CRLF', 'NET_DEBUG', 'BMIPS_GENERIC', 'HAVE_BOTH'])(
    'include %s',
    (name) => {
      expect(find().has(`CONFIG_${name}`)).toBe(true);
    },
  );

  test.each(['X86_ONLY', 'SHARED', 'BOOL0', 'EXAMPLE', 'NOT_KCONFIG', 'veth', 'constructor'])(
    'do not include %s',
    (name) => {
      expect(find().has(`CONFIG_${name}`)).toBe(false);
    },
  );

  test('name the other architectures that have an absent symbol', () => {
    const symbols = find();
    expect(symbols.describeAbsent('CONFIG_X86_ONLY')).toBe('only x86 has it');
    expect(symbols.describeAbsent('CONFIG_SHARED')).toBe('only arm64 and x86 have it');
    expect(symbols.describeAbsent('CONFIG_NO_SUCH_THING')).toBeUndefined();
  });

  test('suggest a symbol that may have been meant', () => {
    const symbols = find();
    expect(symbols.describeAbsent('CONFIG_VEHT')).toBe('did you mean CONFIG_VETH?');
    expect(symbols.describeAbsent('CONFIG_veth')).toBe('did you mean CONFIG_VETH?');
    expect(symbols.describeAbsent('CONFIG_BMPIS_GENERICS')).toBe('did you mean CONFIG_BMIPS_GENERIC?');
    // Three slips are another word, and another architecture's symbol is no help.
    expect(symbols.describeAbsent('CONFIG_BMPIS_GNERICS')).toBeUndefined();
    expect(symbols.describeAbsent('CONFIG_X68_ONLY')).toBeUndefined();
  });
});

test('without an architecture every file counts, and so does every folder', () => {
  const generated = scratchDir();
  writeFiles(generated, { 'coreutils/Config.in': 'config CAT\n\tbool "cat"\n' });
  const symbols = findDeclaredSymbols([tree(), generated]);
  expect(symbols.has('CONFIG_X86_ONLY')).toBe(true);
  expect(symbols.has('CONFIG_CAT')).toBe(true);
});

test('nothing is read until something is asked for', () => {
  const symbols = findDeclaredSymbols(['/no/such/folder']);
  expect(() => symbols.has('CONFIG_A')).toThrow('ENOENT');
});
