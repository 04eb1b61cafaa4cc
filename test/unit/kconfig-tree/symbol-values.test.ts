import { describe, expect, test } from 'vitest';
import { configLines, configOf, readText, symbolIn, valuesOf } from './read-text.ts';

/** A tree with modules, and what the tests add to it. */
const withModules = (kconfig: string): string => `config MODULES\n\tdef_bool y\n\tmodules\n${kconfig}`;

/** The lines for what was added. */
const lines = (kconfig: string, requests = '', options = {}): string[] =>
  configOf(withModules(kconfig), requests, options).slice(1);

describe('a bool or tristate', () => {
  test('has what was asked for when its prompt can be seen', () => {
    const kconfig = 'config A\n\tbool "a"\nconfig B\n\tbool "b" if NO\nconfig C\n\tbool\n';
    const asked = 'CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=y';
    expect(lines(kconfig, asked)).toEqual(['CONFIG_A=y']);
    expect(lines(kconfig)).toEqual(['# CONFIG_A is not set']);
  });

  test('is never more than its prompt lets it be, and a bool makes y of m', () => {
    const m = 'config M\n\tdef_tristate m\n';
    expect(lines(`${m}config T\n\ttristate "t"\n\tdepends on M\n`, 'CONFIG_T=y')).toContain('CONFIG_T=m');
    expect(lines(`${m}config B\n\tbool "b"\n\tdepends on M\n`, 'CONFIG_B=y')).toContain('CONFIG_B=y');
    expect(lines('config B\n\tbool\n\tdefault m\n')).toEqual(['CONFIG_B=y']);
  });

  test('has its first default whose condition holds', () => {
    const kconfig = (defaults: string): string => `config A\n\ttristate "a"\n${defaults}`;
    expect(lines(kconfig('\tdefault n if NO\n\tdefault m\n\tdefault y\n'))).toEqual(['CONFIG_A=m']);
    expect(lines(kconfig('\tdefault y if NO\n'))).toEqual(['# CONFIG_A is not set']);
    expect(lines(kconfig('\tdefault n\n\tdefault y\n'))).toEqual(['# CONFIG_A is not set']);
    // The condition limits it, too.
    expect(lines(kconfig('\tdefault y if m\n'))).toEqual(['CONFIG_A=m']);
    expect(lines(`config M\n\tdef_tristate m\n${kconfig('\tdefault M\n')}`)).toContain('CONFIG_A=m');
  });

  test('is not heard when it was asked for something that its type does not know', () => {
    expect(lines('config A\n\tbool "a"\n\tdefault y\n', 'CONFIG_A=m')).toEqual(['CONFIG_A=y']);
    expect(lines('config A\n\tbool "a"\n', 'CONFIG_A=yes')).toEqual(['# CONFIG_A is not set']);
  });

  test('with allnoconfig is n unless it was asked for', () => {
    const kconfig =
      'config A\n\tbool "a"\n\tdefault y\nconfig B\n\tdef_bool y\nconfig C\n\tbool "c" if NO\n\tdefault y\n';
    expect(lines(kconfig, '', { unset: 'n' })).toEqual(['# CONFIG_A is not set', 'CONFIG_B=y', 'CONFIG_C=y']);
    expect(lines(kconfig, 'CONFIG_A=y', { unset: 'n' })[0]).toBe('CONFIG_A=y');
    const on = 'config A\n\tbool "a"\n\toption allnoconfig_y\n';
    expect(lines(on, '', { unset: 'n', version: '5.10' })).toEqual(['CONFIG_A=y']);
  });

  test('without modules is never m', () => {
    const kconfig =
      'config A\n\ttristate "a"\nconfig B\n\tdef_tristate m\nconfig C\n\tbool "c"\n\tdepends on m\n';
    expect(configOf(kconfig, 'CONFIG_A=m')).toEqual(['CONFIG_A=y', 'CONFIG_B=y']);
    expect(lines(kconfig, 'CONFIG_A=m')).toEqual(['CONFIG_A=m', 'CONFIG_B=m', '# CONFIG_C is not set']);
  });
});

describe('select and imply', () => {
  const target = 'config T\n\ttristate "t"\n\tdepends on D\nconfig D\n\tbool "d"\n';

  test('select sets what it names whatever that depends on', () => {
    const kconfig = `${target}config S\n\tbool "s"\n\tselect T\n`;
    expect(lines(kconfig, 'CONFIG_S=y')).toEqual(['CONFIG_T=y', '# CONFIG_D is not set', 'CONFIG_S=y']);
  });

  test('select sets it as far as the selecting one is, and its condition holds', () => {
    const kconfig = (line: string): string => `config T\n\ttristate\nconfig S\n\ttristate "s"\n\t${line}\n`;
    expect(lines(kconfig('select T'), 'CONFIG_S=m')).toEqual(['CONFIG_T=m', 'CONFIG_S=m']);
    expect(lines(kconfig('select T if m'), 'CONFIG_S=y')).toEqual(['CONFIG_T=m', 'CONFIG_S=y']);
    expect(lines(kconfig('select T if NO'), 'CONFIG_S=y')).toEqual(['CONFIG_S=y']);
    // The dependencies of the selecting symbol limit it as well.
    const limited =
      'config T\n\ttristate\nconfig X\n\ttristate\nconfig S\n\tdef_tristate y\n\tdepends on m\n\tselect T\n';
    expect(lines(limited)).toEqual(['CONFIG_T=m', 'CONFIG_S=m']);
  });

  test('an n that was asked for does not help against select', () => {
    const kconfig = 'config T\n\tbool "t"\nconfig S\n\tdef_bool y\n\tselect T\n';
    expect(lines(kconfig, '# CONFIG_T is not set')).toEqual(['CONFIG_T=y', 'CONFIG_S=y']);
  });

  test('imply sets it only where its dependencies are met and nothing asks for less', () => {
    const kconfig = `${target}config S\n\tdef_bool y\n\timply T\n`;
    expect(lines(kconfig)).not.toContain('CONFIG_T=y');
    expect(lines(kconfig, 'CONFIG_D=y')).toContain('CONFIG_T=y');
    expect(lines(kconfig, 'CONFIG_D=y\n# CONFIG_T is not set')).toContain('# CONFIG_T is not set');
  });

  test('imply ignores a definition without conditions beside one that has them', () => {
    const kconfig = 'config T\n\tbool "t"\n\tdepends on NO\nconfig T\nconfig S\n\tdef_bool y\n\timply T\n';
    expect(lines(kconfig)).toEqual(['# CONFIG_T is not set', 'CONFIG_S=y']);
  });
});

describe('menus', () => {
  test('"visible if" hides prompts, not defaults', () => {
    const kconfig = (condition: string): string =>
      `menu "m"\n\tvisible if ${condition}\nconfig A\n\tbool "a"\n\tdefault y\nendmenu\n`;
    expect(lines(kconfig('NO'), '# CONFIG_A is not set')).toEqual(['CONFIG_A=y']);
    expect(lines(kconfig('y'), '# CONFIG_A is not set')).toEqual(['# CONFIG_A is not set']);
  });

  test('"depends on" of a menu takes everything in it away', () => {
    expect(lines('menu "m"\n\tdepends on NO\nconfig A\n\tdef_bool y\nendmenu\n')).toEqual([]);
    expect(lines('if NO\nconfig A\n\tdef_bool y\nendif\n')).toEqual([]);
  });

  test('"depends on X if Y" counts only with Y', () => {
    const kconfig = 'config Y\n\tbool "y"\nconfig A\n\tbool "a"\n\tdepends on NO if Y\n';
    expect(lines(kconfig, 'CONFIG_A=y')).toContain('CONFIG_A=y');
    expect(lines(kconfig, 'CONFIG_A=y\nCONFIG_Y=y')).not.toContain('CONFIG_A=y');
  });
});

describe('numbers and texts', () => {
  test('have what was asked for, or their default', () => {
    const kconfig =
      'config I\n\tint "i"\n\tdefault 5\nconfig H\n\thex "h"\n\tdefault 0x1F\nconfig S\n\tstring "s"\n\tdefault "a b"\n';
    expect(lines(kconfig)).toEqual(['CONFIG_I=5', 'CONFIG_H=0x1F', 'CONFIG_S="a b"']);
    expect(lines(kconfig, 'CONFIG_I=-7\nCONFIG_H=0xa\nCONFIG_S="say \\"no\\""')).toEqual([
      'CONFIG_I=-7',
      'CONFIG_H=0xa',
      'CONFIG_S="say \\"no\\""',
    ]);
  });

  test('a number that is none is not heard', () => {
    const kconfig = 'config I\n\tint "i"\n\tdefault 5\nconfig H\n\thex "h"\n\tdefault 0x1\n';
    expect(lines(kconfig, 'CONFIG_I=five\nCONFIG_H=0xg')).toEqual(['CONFIG_I=5', 'CONFIG_H=0x1']);
    expect(lines(kconfig, 'CONFIG_I=\nCONFIG_H=')).toEqual(['CONFIG_I=5', 'CONFIG_H=0x1']);
  });

  test('stay in the first range whose condition holds', () => {
    const kconfig =
      'config I\n\tint "i"\n\trange 1 2 if NO\n\trange 10 MAX\n\tdefault 50\nconfig MAX\n\tint\n\tdefault 20\n';
    expect(lines(kconfig)[0]).toBe('CONFIG_I=20');
    expect(lines(kconfig, 'CONFIG_I=3')[0]).toBe('CONFIG_I=10');
    expect(lines(kconfig, 'CONFIG_I=15')[0]).toBe('CONFIG_I=15');
    expect(lines('config H\n\thex "h"\n\trange 0x10 0x20\n', 'CONFIG_H=0xff')).toEqual(['CONFIG_H=0x20']);
    expect(lines('config H\n\thex "h"\n\trange 0x10 0x20\n', 'CONFIG_H=18')).toEqual(['CONFIG_H=18']);
    // Without 0x it is hexadecimal all the same.
    expect(lines('config H\n\thex "h"\n\trange 0x10 0x20\n', 'CONFIG_H=30')).toEqual(['CONFIG_H=0x20']);
  });

  test('a number without a default is 0 since Linux 6.11, and nothing before', () => {
    const kconfig = 'config I\n\tint "i"\nconfig H\n\thex "h"\nconfig S\n\tstring "s"\n';
    expect(lines(kconfig)).toEqual(['CONFIG_I=', 'CONFIG_H=', 'CONFIG_S=""']);
    expect(lines(kconfig, '', { version: '6.12' })).toEqual(['CONFIG_I=0', 'CONFIG_H=0x0', 'CONFIG_S=""']);
  });

  test('a default can be another symbol', () => {
    expect(lines('config A\n\tstring\n\tdefault B\nconfig B\n\tstring\n\tdefault "text"\n')).toEqual([
      'CONFIG_A="text"',
      'CONFIG_B="text"',
    ]);
  });

  test.each([
    ['I = 5', true],
    ['I = 05', true],
    ['I != 5', false],
    ['I < 10', true],
    ['I > 10', false],
    ['I <= 5', true],
    ['I >= 6', false],
    ['I < 0x10', true],
    ['H = 16', true],
    ['H = 020', true],
    ['I = 08', false],
    ['H = 0x10', true],
    ['H > I', true],
    ['H <= 0x0f', false],
    ['N < 0', true],
    ['S = "text"', true],
    ['S != ""', true],
    ['S < "tfxt"', true],
    ['S = EMPTY', false],
    ['EMPTY = ""', true],
    // Both are strings, so that 9 comes behind 10.
    ['TEN < NINE', true],
    ['"10" < "9"', false],
    ['T >= m', true],
    ['T > m', false],
    ['T = m', true],
    ['UNKNOWN = "UNKNOWN"', true],
    ['UNKNOWN = n', false],
    ['UNKNOWN', false],
  ])('"%s" is %s', (condition, expected) => {
    const kconfig = [
      'config I\n\tint\n\tdefault 5',
      'config H\n\thex\n\tdefault 0x10',
      'config N\n\tint\n\tdefault -5',
      'config S\n\tstring\n\tdefault "text"',
      'config TEN\n\tstring\n\tdefault "10"',
      'config NINE\n\tstring\n\tdefault "9"',
      'config EMPTY\n\tstring\n\tdefault ""',
      'config T\n\tdef_tristate m',
      `config RESULT\n\tdef_bool y\n\tdepends on ${condition}\n`,
    ].join('\n');
    expect(lines(kconfig).includes('CONFIG_RESULT=y')).toBe(expected);
  });
});

describe('values from outside', () => {
  test('a symbol with "option env" has no line', () => {
    const kconfig =
      'config ARCH\n\tstring\n\toption env="ARCH"\nconfig A\n\tdef_bool y\n\tdepends on ARCH = "mips"\n';
    expect(configOf(kconfig, '', { environment: { ARCH: 'mips' } })).toEqual(['CONFIG_A=y']);
    expect(configOf(kconfig, '', { environment: { ARCH: 'arm' } })).toEqual([]);
  });

  test('macros in defaults and conditions', () => {
    const kconfig =
      'config A\n\tdef_bool $(shell,a)\nconfig B\n\tint\n\tdefault $(shell,b)\nconfig C\n\tdef_bool y\n\tdepends on "$(shell,c)" = "text"\n';
    const answers: Readonly<Record<string, string>> = { a: 'y\n', b: '12', c: 'text' };
    expect(configOf(kconfig, '', { shell: (command) => answers[command] })).toEqual([
      'CONFIG_A=y',
      'CONFIG_B=12',
      'CONFIG_C=y',
    ]);
  });
});

test('a transitional symbol is read, used, and never written', () => {
  const kconfig = 'config OLD\n\tbool\n\ttransitional\nconfig NEW\n\tbool "new"\n\tdefault OLD\n';
  expect(lines(kconfig, 'CONFIG_OLD=y', { version: '7.1' })).toEqual(['CONFIG_NEW=y']);
  expect(lines(kconfig, '', { version: '7.1' })).toEqual(['# CONFIG_NEW is not set']);
  const selected = `${kconfig}config S\n\tdef_bool y\n\tselect OLD\n`;
  expect(lines(selected, '', { version: '7.1' })).toEqual(['CONFIG_NEW=y', 'CONFIG_S=y']);
});

describe('BusyBox writes every symbol', () => {
  test('but none without a type', () => {
    expect(configOf('config A\n\tdefault y\n', '', { component: 'busybox' })).toEqual([]);
  });

  test('includes those that cannot be seen, and a number without a default as 0', () => {
    const kconfig = 'config A\n\tbool "a"\n\tdepends on NO\nconfig I\n\tint\nconfig B\n\tbool\n';
    expect(configOf(kconfig, '', { component: 'busybox', version: '1.37' })).toEqual([
      '# CONFIG_A is not set',
      'CONFIG_I=0',
      '# CONFIG_B is not set',
    ]);
  });
});

describe('dependency loops end', () => {
  test.each([
    ['of depends on', 'config A\n\tbool "a"\n\tdepends on B\nconfig B\n\tbool "b"\n\tdepends on A\n'],
    ['of a symbol with itself', 'config A\n\tbool "a"\n\tdepends on A\n'],
    ['through select', 'config A\n\tbool "a"\n\tdepends on B\n\tselect B\nconfig B\n\tbool "b"\n'],
    ['of select and imply', 'config A\n\tbool "a"\n\tselect B\nconfig B\n\tbool "b"\n\timply A\n'],
    ['of defaults', 'config A\n\tint\n\tdefault B\nconfig B\n\tint\n\tdefault A\n'],
    ['of ranges', 'config A\n\tint "a"\n\trange B B\nconfig B\n\tint "b"\n\trange A A\n'],
    [
      'in a choice',
      'choice\n\tprompt "c"\nconfig A\n\tbool "a" if B\nconfig B\n\tbool "b" if !A\nendchoice\n',
    ],
    [
      'of two choices',
      'choice\n\tprompt "c" if B\nconfig A\n\tbool "a"\nendchoice\nchoice\n\tprompt "d" if A\nconfig B\n\tbool "b"\nendchoice\n',
    ],
    ['of modules with themselves', 'config M\n\ttristate "m"\n\tdepends on m\n\tmodules\n'],
    ['of visible if', 'menu "m"\n\tvisible if A\nconfig A\n\tbool "a"\nendmenu\n'],
  ])('%s', (_name, kconfig) => {
    for (const version of ['6.1', '6.12'])
      expect(() => configOf(kconfig, 'CONFIG_A=y\nCONFIG_B=y', { version })).not.toThrow();
  });

  test('and so do chains that are longer than any kernel has', () => {
    const entry = (index: number): string =>
      `config S${index}\n\tbool "s"\n\tdepends on S${index + 1}\n\tselect T${index}\nconfig T${index}\n\tbool\n\tselect T${index + 1}\n`;
    const kconfig = Array.from({ length: 20_000 }, (_, index) => entry(index)).join('');
    expect(() => configOf(kconfig)).not.toThrow();
  });

  test('and menus in menus in menus', () => {
    const kconfig = `${'menu "m"\ndepends on Y\n'.repeat(250)}config A\n\tdef_bool y\n${'endmenu\n'.repeat(250)}config Y\n\tdef_bool y\n`;
    expect(configOf(kconfig)).toContain('CONFIG_A=y');
  });
});

describe('with final values', () => {
  const tree = (): ReturnType<typeof readText> =>
    readText(
      withModules('config A\n\tbool "a"\n\tdepends on B\nconfig B\n\tbool "b"\nconfig T\n\tstring "t"\n'),
    );

  test('takes those, and computes only what depends on them', () => {
    const read = tree();
    const values = valuesOf(read, '', {
      final: new Map([
        ['A', 'y'],
        ['MODULES', 'y'],
        ['T', 'text'],
      ]),
    });
    expect(values.text(symbolIn(read, 'A'))).toBe('y');
    expect(values.text(symbolIn(read, 'T'))).toBe('text');
    expect(values.written(symbolIn(read, 'B'))).toBe(false);
    // A cannot be seen with these values, and conf would make n of it.
    expect(values.visibility(symbolIn(read, 'A'))).toBe(0);
    expect(values.predict(symbolIn(read, 'A')).tristate).toBe(0);
    expect(configLines(read, values)).toEqual(['CONFIG_MODULES=y', 'CONFIG_A=y', 'CONFIG_T="text"']);
  });
});
