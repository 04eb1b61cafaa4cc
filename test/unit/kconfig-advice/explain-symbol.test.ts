import { describe, expect, test } from 'vitest';
import { explainSymbol, type Explanation } from '../../../toolkit/kconfig-advice/explain-symbol.ts';
import { readConfigValues } from '../../../toolkit/kconfig-tree/config-values.ts';
import {
  configLines,
  readText,
  symbolIn,
  valuesOf,
  type ValueTextOptions,
} from '../kconfig-tree/read-text.ts';

/** Explains a symbol of Kconfig text with final values that are ours. */
function explain(kconfig: string, name: string, requests = '', options: ValueTextOptions = {}): Explanation {
  const tree = readText(kconfig, options);
  const computed = valuesOf(tree, requests, options);
  const final = readConfigValues(configLines(tree, computed).join('\n'));
  const asked = readConfigValues(requests);
  return explainSymbol(symbolIn(tree, name), valuesOf(tree, requests, { ...options, final }), (one) => {
    const value = asked.get(one);
    return value === undefined ? undefined : `=${value} in my.config`;
  });
}

/** The sentences, indented by their depth. */
function sentences(kconfig: string, name: string, requests = '', options: ValueTextOptions = {}): string[] {
  return explain(kconfig, name, requests, options).because.map(
    (one) => `${'  '.repeat(one.depth)}${one.symbol} is ${one.value}: ${one.reason}`,
  );
}

const bool = (name: string, ...options: string[]): string =>
  [`config ${name}`, `\tbool "Prompt of ${name}"`, ...options.map((option) => `\t${option}`), ''].join('\n');
const MODULES = 'config MODULES\n\tdef_bool y\n\tmodules\n';

test('shows what is known of a symbol', () => {
  const kconfig = `${bool('A', 'depends on B')}${bool('B')}config A\n\tbool "Again"\n`;
  const { because, ...known } = explain(kconfig, 'A', 'CONFIG_A=y\nCONFIG_B=y');
  expect(known).toEqual({
    symbol: 'A',
    type: 'bool',
    prompt: 'Prompt of A',
    definedAt: [
      { file: 'Kconfig', line: 1 },
      { file: 'Kconfig', line: 6 },
    ],
    askedFor: '=y in my.config',
    value: 'y',
  });
  expect(because).toEqual([{ symbol: 'A', value: 'y', reason: 'asked for =y in my.config', depth: 0 }]);
});

describe('explains why a symbol is not set', () => {
  test('names its dependencies, down to those that can be set', () => {
    const kconfig =
      bool('CPUSETS', 'depends on CGROUPS && SMP') +
      bool('CGROUPS') +
      bool('SMP', 'depends on SYS_SUPPORTS_SMP') +
      'config SYS_SUPPORTS_SMP\n\tdef_bool y\n';
    expect(sentences(kconfig, 'CPUSETS', 'CONFIG_CPUSETS=y\nCONFIG_CGROUPS=y')).toEqual([
      'CPUSETS is n: depends on CGROUPS (y) and SMP (n)',
      '  SMP is n: it can be set, but nothing asks for it',
    ]);
  });

  test('follows a dependency that cannot be set, not one that can', () => {
    const kconfig = bool('A', 'depends on B && GONE') + bool('B');
    expect(sentences(kconfig, 'A', 'CONFIG_A=y')).toEqual([
      'A is n: depends on B (n) and GONE (n)',
      '  GONE is n: no Kconfig file that is read for this architecture defines it',
    ]);
  });

  test('a value that its type does not take', () => {
    expect(sentences(MODULES + bool('BLK'), 'BLK', 'CONFIG_BLK=m')).toEqual([
      'BLK is n: it was asked for =m in my.config; a bool takes y or n, no =m: write CONFIG_BLK=y',
    ]);
  });

  test('names the conditions around it: menus, ifs and that of its prompt', () => {
    const kconfig = `menu "m"\n\tdepends on D\n\tvisible if V\nif I\nconfig A\n\tbool "a" if P\nendif\nendmenu\n${['D', 'V', 'I', 'P'].map((name) => bool(name)).join('')}`;
    expect(sentences(kconfig, 'A', 'CONFIG_A=y\nCONFIG_I=y')).toEqual([
      'A is n: depends on I (y), D (n), P (n) and V (n)',
      '  D is n: it can be set, but nothing asks for it',
      '  P is n: it can be set, but nothing asks for it',
      '  V is n: it can be set, but nothing asks for it',
    ]);
  });

  test('only what is unmet, when the list is long', () => {
    const names = ['B', 'C', 'D', 'E', 'F', 'G', 'H'];
    const kconfig = bool('A', `depends on ${names.join(' && ')}`) + names.map((name) => bool(name)).join('');
    const asked = names.filter((name) => name !== 'E').map((name) => `CONFIG_${name}=y`);
    expect(sentences(kconfig, 'A', asked.join('\n'))[0]).toBe('A is n: depends on E (n)');
  });

  test('alternatives stay together, and the nearer one is followed', () => {
    const kconfig =
      bool('A', 'depends on (B && C) || D') + bool('B', 'depends on E') + bool('C') + bool('D') + bool('E');
    expect(sentences(kconfig, 'A')).toEqual([
      'A is n: depends on B (n) && C (n) || D (n)',
      '  D is n: it can be set, but nothing asks for it',
    ]);
    expect(
      sentences(bool('A', 'depends on B', 'depends on C || D') + bool('B') + bool('C') + bool('D'), 'A')[0],
    ).toBe('A is n: depends on B (n) and (C (n) || D (n))');
  });

  test('something that must not be set, and who sets it', () => {
    const kconfig = bool('A', 'depends on !B') + 'config B\n\tbool\n' + bool('S', 'select B');
    expect(sentences(kconfig, 'A', 'CONFIG_A=y\nCONFIG_S=y')).toEqual([
      'A is n: depends on !B (y)',
      '  B is y: selected by S (y)',
    ]);
  });

  test('it was asked for as n', () => {
    expect(sentences(bool('A', 'default y'), 'A', '# CONFIG_A is not set')).toEqual([
      'A is n: it was asked for =n in my.config',
    ]);
  });

  test('its choice has another', () => {
    const kconfig = `choice\n\tprompt "c"\n${bool('A')}${bool('B')}endchoice\n`;
    expect(sentences(kconfig, 'A', 'CONFIG_B=y')).toEqual(['A is n: its choice has B instead']);
  });

  test('it has no prompt: what would set it', () => {
    const kconfig = `config A\n\tbool\n\tdepends on D\n\tdefault y if E\n${bool('S', 'select A if F')}${['D', 'E', 'F'].map((name) => bool(name)).join('')}`;
    expect(sentences(kconfig, 'A')[0]).toBe(
      'A is n: it has no prompt; it would be selected by S (n) if F (n), or y by default if E (n); depends on D (n)',
    );
    expect(sentences('config A\n\tbool\n\tdefault n\n', 'A')).toEqual([
      'A is n: it has no prompt, no default that is not n, and nothing selects it',
    ]);
  });

  test('many that would select it are counted', () => {
    const names = Array.from({ length: 9 }, (_, index) => `S${index}`);
    const kconfig = 'config A\n\tbool\n' + names.map((name) => bool(name, 'select A')).join('');
    expect(sentences(kconfig, 'A')[0]).toBe(
      'A is n: it has no prompt; it would be selected by S0 (n), S1 (n), S2 (n), S3 (n), S4 (n), S5 (n) or 3 more',
    );
  });

  test('nothing that is read for this architecture defines it', () => {
    expect(sentences(bool('A', 'depends on X86 && B') + bool('B'), 'A', 'CONFIG_A=y\nCONFIG_B=y')).toEqual([
      'A is n: depends on X86 (n) and B (y)',
      '  X86 is n: no Kconfig file that is read for this architecture defines it',
    ]);
  });

  test('a condition that compares', () => {
    const kconfig = `${bool('A', 'depends on HZ = 250 && NAME != "x"')}config HZ\n\tint "hz"\n\tdefault 100\nconfig NAME\n\tstring "name"\n\tdefault "x"\n`;
    expect(sentences(kconfig, 'A')[0]).toBe('A is n: depends on HZ (100) = 250 and NAME ("x") != "x"');
  });

  test('a dependency that is m, for a bool and for who wants y', () => {
    const t = (name: string, ...options: string[]): string =>
      bool(name, ...options).replace('bool', 'tristate');
    const kconfig = MODULES + bool('A', 'depends on T=y') + t('T');
    expect(sentences(kconfig, 'A', 'CONFIG_T=m')).toEqual([
      'A is n: depends on T (m) = y',
      '  T is m: it was asked for =m in my.config',
    ]);
  });

  test('chains are cut, and loops shown once', () => {
    const long = Array.from({ length: 100 }, (_, index) =>
      bool(`S${index}`, `depends on S${index + 1}`),
    ).join('');
    const shown = sentences(long, 'S0');
    expect(shown).toHaveLength(16);
    expect(shown.at(-1)).toMatch(/^ {30}S15 is n: depends on S16 \(n\)$/);
    const loop = sentences(bool('A', 'depends on B') + bool('B', 'depends on A'), 'A');
    expect(loop).toEqual(['A is n: depends on B (n)', '  B is n: depends on A (n)']);
  });
});

describe('explains why a symbol is set', () => {
  test('names the symbol that selects it, with the condition', () => {
    const kconfig = `config A\n\tbool\n${bool('S', 'select A if C')}${bool('T', 'select A')}${bool('C')}`;
    expect(sentences(kconfig, 'A', 'CONFIG_S=y\nCONFIG_C=y')).toEqual(['A is y: selected by S (y) if C (y)']);
    expect(sentences(kconfig, 'A', 'CONFIG_S=y\nCONFIG_C=y\nCONFIG_T=y')).toEqual([
      'A is y: selected by S (y) if C (y) and T (y)',
    ]);
  });

  test('names the file that asks for it, when it is also selected', () => {
    expect(sentences(bool('A') + bool('S', 'select A'), 'A', 'CONFIG_A=y\nCONFIG_S=y')).toEqual([
      'A is y: selected by S (y), and asked for =y in my.config',
    ]);
  });

  test('its default, with its place', () => {
    expect(sentences(bool('A', 'default y if B') + bool('B'), 'A', 'CONFIG_B=y')).toEqual([
      'A is y: y by default if B (y) (Kconfig:3)',
    ]);
    expect(sentences('config I\n\tint\n\tdefault 5\n', 'I')).toEqual(['I is 5: 5 by default (Kconfig:3)']);
  });

  test('names the symbol that implies it, and its choice', () => {
    expect(sentences(bool('A') + bool('S', 'imply A'), 'A', 'CONFIG_S=y')).toEqual([
      'A is y: implied by S (y)',
    ]);
    expect(sentences(`choice\n\tprompt "c"\n${bool('A')}${bool('B')}endchoice\n`, 'A')).toEqual([
      'A is y: the default of its choice',
    ]);
  });

  test('a text or number that was asked for', () => {
    expect(sentences('config S\n\tstring "s"\n', 'S', 'CONFIG_S="a b"')).toEqual([
      'S is "a b": asked for =a b in my.config',
    ]);
  });

  test('a number that nothing sets', () => {
    expect(sentences('config I\n\tint "i"\n', 'I')).toEqual([
      'I is not set: nothing asks for it and nothing selects it',
    ]);
  });
});

test('a symbol with a macro says what stands in the file', () => {
  const kconfig = bool('A', 'depends on $(cc-option,-mfoo)');
  expect(sentences(`cc-option = $(shell,try $(1))\n${kconfig}`, 'A', '', { shell: () => 'n' })[0]).toBe(
    'A is n: depends on $(cc-option,-mfoo)',
  );
});
