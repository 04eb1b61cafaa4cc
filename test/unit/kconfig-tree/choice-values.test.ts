import { describe, expect, test } from 'vitest';
import { configOf } from './read-text.ts';

/** A choice with members that need nothing, and whatever stands before, in and behind it. */
const choice = (members: string[], { inside = '', before = '' } = {}): string =>
  [
    before,
    'choice',
    '\tprompt "c"',
    inside,
    ...members.map((name) => `config ${name}\n\tbool "${name}"`),
    'endchoice',
    '',
  ].join('\n');

/** Which of A, B, C … is y. */
function chosen(kconfig: string, requests = '', version = '6.1', unset: 'n' | 'default' = 'default'): string {
  return configOf(kconfig, requests, { version, unset })
    .filter((line) => /^CONFIG_[A-Z]=y$/.test(line))
    .map((line) => line.slice(7, -2))
    .join(' ');
}

describe.each(['6.1', '6.12'])('in Linux %s', (version) => {
  test('the default of a choice is taken, and without one its first member', () => {
    expect(chosen(choice(['A', 'B']), '', version)).toBe('A');
    expect(chosen(choice(['A', 'B'], { inside: '\tdefault B' }), '', version)).toBe('B');
    expect(chosen(choice(['A', 'B'], { inside: '\tdefault B' }), '', version, 'n')).toBe('B');
  });

  test('the first default counts whose condition holds and that can be seen', () => {
    const inside = '\tdefault C if NO\n\tdefault HIDDEN\n\tdefault B';
    const hidden = 'config HIDDEN\n\tbool "h" if NO\n';
    expect(chosen(choice(['A', 'B', 'C'], { inside: `${inside}\n${hidden}` }), '', version)).toBe('B');
  });

  test('takes the member that was asked for, of two the last', () => {
    expect(chosen(choice(['A', 'B', 'C']), 'CONFIG_B=y', version)).toBe('B');
    expect(chosen(choice(['A', 'B', 'C']), 'CONFIG_C=y\nCONFIG_B=y', version)).toBe('B');
    expect(chosen(choice(['A', 'B', 'C']), 'CONFIG_B=y\nCONFIG_C=y', version)).toBe('C');
  });

  test('every member is written as long as the choice is there', () => {
    expect(configOf(choice(['A', 'B']), '', { version })).toEqual(['CONFIG_A=y', '# CONFIG_B is not set']);
    expect(configOf(choice(['A', 'B'], { inside: '\tdepends on NO' }), '', { version })).toEqual([]);
  });

  test('an "if" in a choice adds its condition to the members in it', () => {
    const inner = 'if NO\nconfig A\n\tbool "A"\nendif';
    expect(chosen(choice(['B'], { inside: `\tbool\n${inner}` }), 'CONFIG_A=y', version)).toBe('B');
  });
});

test('when the last of two requested members cannot be seen, 6.1 forgets both, 6.12 takes the other', () => {
  const kconfig = choice(['A', 'B'], { inside: 'config C\n\tbool "C" if NO' });
  expect(chosen(kconfig, 'CONFIG_B=y\nCONFIG_C=y', '6.1')).toBe('A');
  expect(chosen(kconfig, 'CONFIG_B=y\nCONFIG_C=y', '6.12')).toBe('B');
});

test('6.1 does not hear an n, 6.12 goes on to the next, and to what was refused first when all are', () => {
  const kconfig = choice(['A', 'B', 'C']);
  const no = (...names: string[]): string => names.map((name) => `# CONFIG_${name} is not set`).join('\n');
  expect(chosen(kconfig, no('A'), '6.1')).toBe('A');
  expect(chosen(kconfig, no('A'), '6.12')).toBe('B');
  expect(chosen(kconfig, no('A', 'B'), '6.12')).toBe('C');
  expect(chosen(kconfig, no('B', 'A', 'C'), '6.12')).toBe('B');
  expect(chosen(kconfig, no('C', 'A', 'B'), '6.12')).toBe('C');
});

test('the condition of its prompt takes a choice away in 6.1, and only hides its menu in 6.12', () => {
  const kconfig = choice(['A']).replace('"c"', '"c" if NO');
  expect(configOf(kconfig, '', { version: '6.1' })).toEqual([]);
  expect(configOf(kconfig, '', { version: '6.12' })).toEqual(['CONFIG_A=y']);
});

test('a member that nothing but a select asks for is n in 6.12', () => {
  const before = 'config S\n\tdef_bool y\n\tselect A';
  const kconfig = choice(['B'], { before, inside: 'config A\n\tbool "A" if NO' });
  expect(configOf(kconfig, '', { version: '6.1' })).toContain('CONFIG_A=y');
  expect(configOf(kconfig, '', { version: '6.12' })).not.toContain('CONFIG_A=y');
});

test('an optional choice can have no member', () => {
  const kconfig = choice(['A', 'B'], { inside: '\toptional' });
  expect(configOf(kconfig)).toEqual([]);
  expect(configOf(kconfig, 'CONFIG_B=y')).toEqual(['# CONFIG_A is not set', 'CONFIG_B=y']);
});

describe('a tristate choice', () => {
  const modules = 'config MODULES\n\tdef_bool y\n\tmodules\n';
  const tristate = (inside = ''): string =>
    [
      modules,
      'choice',
      '\ttristate "c"',
      ...['A', 'B'].map((name) => `config ${name}\n\ttristate "${name}"`),
      inside,
      'endchoice',
      '',
    ].join('\n');
  const members = (requests: string, kconfig = tristate(), unset: 'n' | 'default' = 'default'): string[] =>
    configOf(kconfig, requests, { unset }).slice(1);

  test('is m as long as no member is asked for as y, and then has any of them as m', () => {
    expect(members('CONFIG_A=m\nCONFIG_B=m')).toEqual(['CONFIG_A=m', 'CONFIG_B=m']);
    expect(members('CONFIG_B=m')).toEqual(['# CONFIG_A is not set', 'CONFIG_B=m']);
    expect(members('CONFIG_B=y')).toEqual(['# CONFIG_A is not set', 'CONFIG_B=y']);
  });

  test('without modules is as a bool one', () => {
    const kconfig = tristate().replace('def_bool y', 'bool');
    expect(configOf(kconfig, 'CONFIG_B=m')).toEqual(['CONFIG_A=y', '# CONFIG_B is not set']);
    expect(configOf(kconfig, 'CONFIG_B=y')).toEqual(['# CONFIG_A is not set', 'CONFIG_B=y']);
  });

  test('with allnoconfig forgets a y that an m follows', () => {
    expect(members('CONFIG_A=y\nCONFIG_B=m')).toEqual(['CONFIG_A=y', '# CONFIG_B is not set']);
    expect(members('CONFIG_A=y\nCONFIG_B=m', tristate(), 'n')).toEqual(['CONFIG_A=m', 'CONFIG_B=m']);
    expect(members('CONFIG_B=m\nCONFIG_A=y', tristate(), 'n')).toEqual([
      'CONFIG_A=y',
      '# CONFIG_B is not set',
    ]);
  });

  test('has a bool member only while it is y', () => {
    const bool = tristate('config C\n\tbool "C"');
    expect(members('', bool)).not.toContain('# CONFIG_C is not set');
    expect(members('CONFIG_C=y', bool)).toContain('CONFIG_C=y');
    expect(members('CONFIG_A=y', bool)).toContain('# CONFIG_C is not set');
  });
});

describe('a symbol in a choice that depends on the member before it', () => {
  const dependent = (condition: string, name = 'D', on = 'A'): string =>
    `config ${name}\n\tbool "${name}"\n\tdepends on ${condition.replaceAll('?', on)}\n`;
  const kconfig = (dependents: string): string =>
    `choice\n\tprompt "c"\nconfig A\n\tbool "A"\n${dependents}config B\n\tbool "B"\nendchoice\n`;

  test.each(['?', '?=y', '?!=n', 'YES && ?'])(
    'is no member, and can be set beside it: depends on %s',
    (on) => {
      const yes = 'config YES\n\tdef_bool y\n';
      expect(configOf(yes + kconfig(dependent(on)), 'CONFIG_D=y')).toEqual([
        'CONFIG_YES=y',
        'CONFIG_A=y',
        'CONFIG_D=y',
        '# CONFIG_B is not set',
      ]);
    },
  );

  test('also by the condition of its prompt, or an "if" around it', () => {
    const expected = ['CONFIG_A=y', 'CONFIG_D=y', '# CONFIG_B is not set'];
    expect(configOf(kconfig('config D\n\tbool "D" if A\n'), 'CONFIG_D=y')).toEqual(expected);
    expect(configOf(kconfig('if A\nconfig D\n\tbool "D"\nendif\n'), 'CONFIG_D=y')).toEqual(expected);
  });

  test('and so is what depends on that one', () => {
    const chain = dependent('?') + dependent('?', 'E', 'D') + dependent('?', 'F', 'E');
    expect(configOf(kconfig(chain), 'CONFIG_D=y\nCONFIG_E=y')).toEqual([
      'CONFIG_A=y',
      'CONFIG_D=y',
      'CONFIG_E=y',
      '# CONFIG_F is not set',
      '# CONFIG_B is not set',
    ]);
  });

  test('a condition of another kind leaves it a member', () => {
    expect(configOf(kconfig(dependent('?=n')), 'CONFIG_D=y\nCONFIG_B=y')).toContain('CONFIG_B=y');
  });
});

test('a choice whose members all stand in an "if" has no type, and no member in 6.1', () => {
  const kconfig =
    'choice\n\tprompt "c"\nif YES\nconfig A\n\tbool "A"\nendif\nendchoice\nconfig YES\n\tdef_bool y\n';
  expect(chosen(kconfig)).toBe('');
  expect(chosen(kconfig.replace('prompt "c"', 'bool "c"'))).toBe('A');
});

test('members without a type have that of their choice, a choice without one that of its first member', () => {
  const kconfig = 'choice\n\tbool "c"\nconfig A\n\tprompt "A"\nendchoice\n';
  expect(chosen(kconfig)).toBe('A');
});

test('a named choice can go on elsewhere', () => {
  const part = (name: string): string =>
    `choice FOO\n\tbool "c"\nconfig ${name}\n\tbool "${name}"\nendchoice\n`;
  expect(configOf(part('A') + part('B'), 'CONFIG_B=y')).toEqual(['# CONFIG_A is not set', 'CONFIG_B=y']);
  expect(chosen((part('A') + part('B')).replaceAll(' FOO', ''), 'CONFIG_B=y')).toBe('A B');
});
