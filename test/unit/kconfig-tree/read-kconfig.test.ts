import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatExpression } from '../../../toolkit/kconfig-tree/expression.ts';
import type { Expression } from '../../../toolkit/kconfig-tree/menu-tree.ts';
import type { KconfigTree, MenuNode } from '../../../toolkit/kconfig-tree/menu-tree.ts';
import { readKconfig } from '../../../toolkit/kconfig-tree/read-kconfig.ts';
import { scratchDir, writeFiles } from '../scratch.ts';
import { dialect, problemsIn, readText, symbolIn, type TextOptions } from './read-text.ts';
import { expectLinear } from '../../rigs/growth.ts';

/** Reads text that must be without a problem. */
function read(kconfig: string, options: TextOptions = {}): KconfigTree {
  const tree = readText(kconfig, options);
  expect(problemsIn(tree)).toEqual([]);
  return tree;
}

const problems = (kconfig: string | Buffer, options: TextOptions = {}): string[] =>
  problemsIn(readText(kconfig, options));

const shown = (expression: Expression | undefined): string =>
  expression === undefined ? '-' : formatExpression(expression);

/** The conditions of a symbol's definition and of everything around it, innermost first. */
function conditions(tree: KconfigTree, name: string, definition = 0): string[] {
  const found: string[] = [];
  for (let node: MenuNode | undefined = symbolIn(tree, name).nodes[definition]; node; node = node.parent)
    found.push(...node.conditions.map(({ expression }) => shown(expression)));
  return found;
}

describe('a symbol', () => {
  test('with everything that can be said of it', () => {
    const tree = read(
      [
        'config A',
        '\ttristate "Prompt of A" if B',
        '\tdepends on C && D',
        '\tdepends on E',
        '\tdefault y if F',
        '\tdefault m',
        '\tselect G if H',
        '\timply I',
        '\thelp',
        '\t  Text.',
        '',
      ].join('\n'),
    );
    const symbol = symbolIn(tree, 'A');
    expect(symbol.type).toBe('tristate');
    expect(symbol.nodes.map(({ kind, place }) => [kind, place])).toEqual([
      ['symbol', { file: 'Kconfig', line: 1 }],
    ]);
    expect(symbol.prompts).toMatchObject([{ text: 'Prompt of A', place: { line: 2 } }]);
    expect(shown(symbol.prompts[0]?.condition)).toBe('B');
    expect(conditions(tree, 'A')).toEqual(['C && D', 'E']);
    expect(symbol.nodes[0]?.conditions.map(({ keyword, place }) => [keyword, place.line])).toEqual([
      ['depends on', 3],
      ['depends on', 4],
    ]);
    expect(symbol.defaults.map(({ value, condition }) => [shown(value), shown(condition)])).toEqual([
      ['y', 'F'],
      ['m', '-'],
    ]);
    expect(symbol.selects.map(({ target, condition }) => [target.name, shown(condition)])).toEqual([
      ['G', 'H'],
    ]);
    expect(symbol.implies.map(({ target }) => target.name)).toEqual(['I']);
    expect(symbolIn(tree, 'G').selectedBy).toEqual(symbol.selects);
    expect(symbolIn(tree, 'I').impliedBy).toEqual(symbol.implies);
    expect(symbolIn(tree, 'G').nodes).toEqual([]);
  });

  test.each([
    ['bool', 'bool'],
    ['tristate', 'tristate'],
    ['string', 'string'],
    ['int', 'int'],
    ['hex', 'hex'],
    ['def_bool y', 'bool'],
    ['def_tristate m', 'tristate'],
    ['boolean', 'bool'],
    ['integer', 'int'],
    ['def_boolean y', 'bool'],
  ])('%s', (line, type) => {
    const symbol = symbolIn(read(`config A\n\t${line}\n`), 'A');
    expect(symbol.type).toBe(type);
    expect(symbol.defaults).toHaveLength(line.startsWith('def_') ? 1 : 0);
    expect(symbol.prompts).toEqual([]);
  });

  test('def_bool with a condition, and its value an expression', () => {
    const [entry] = symbolIn(read('config A\n\tdef_bool B && C if D\n'), 'A').defaults;
    expect([shown(entry?.value), shown(entry?.condition)]).toEqual(['B && C', 'D']);
  });

  test('range, and prompt on a line of its own', () => {
    const symbol = symbolIn(read('config A\n\tint\n\tprompt "Number" if B\n\trange 1 MAX if C\n'), 'A');
    expect(symbol.prompts).toMatchObject([{ text: 'Number' }]);
    expect(symbol.ranges.map(({ low, high, condition }) => [low, high, condition].map(shown))).toEqual([
      ['1', 'MAX', 'C'],
    ]);
  });

  test('defined twice has all of both, and the first type', () => {
    const tree = read('config A\n\tbool "one"\n\nconfig A\n\ttristate "two"\n\tdepends on B\n');
    const symbol = symbolIn(tree, 'A');
    expect(symbol.type).toBe('bool');
    expect(symbol.prompts.map(({ text }) => text)).toEqual(['one', 'two']);
    expect([conditions(tree, 'A', 0), conditions(tree, 'A', 1)]).toEqual([[], ['B']]);
  });

  test('menuconfig is a symbol too', () => {
    expect(symbolIn(read('menuconfig A\n\tbool "A"\n'), 'A').prompts).toHaveLength(1);
  });

  test('modules, transitional and the options of older trees', () => {
    const tree = read(
      [
        'config MODULES\n\tbool "m"\n\tmodules',
        'config OLD\n\tbool\n\ttransitional',
        'config ENV\n\tstring\n\toption env="ARCH"',
        'config ENV_LOOSE\n\tstring\n\toption env = "SRCARCH"',
        'config ON\n\tbool "on"\n\toption allnoconfig_y',
        'config LIST\n\tstring\n\toption defconfig_list\n\tdefault "x"',
        '',
      ].join('\n'),
      { environment: { ARCH: 'mips', SRCARCH: 'mips64' } },
    );
    expect(tree.modules?.name).toBe('MODULES');
    expect(symbolIn(tree, 'OLD').transitional).toBe(true);
    expect(symbolIn(tree, 'ENV').environment).toBe('mips');
    expect(symbolIn(tree, 'ENV_LOOSE').environment).toBe('mips64');
    expect(symbolIn(tree, 'ON').onInAllnoconfig).toBe(true);
    expect(symbolIn(tree, 'LIST').environment).toBe('');
    expect(read('config M\n\tbool\n\toption modules\n').modules?.name).toBe('M');
  });

  test('the dependencies of today and of long ago', () => {
    const tree = read('config A\n\tbool\n\tdepends B\n\trequires C\n\tdepends on D if E\n\tenable F\n');
    expect(conditions(tree, 'A')).toEqual(['B', 'C', 'D || !E']);
    expect(symbolIn(tree, 'A').selects.map(({ target }) => target.name)).toEqual(['F']);
  });

  test('a prompt in single quotes, with an escape, with blanks around', () => {
    const prompts = symbolIn(read('config A\n\tbool \'a "b"\'\n\tprompt " c \\"d\\""\n'), 'A').prompts;
    expect(prompts.map(({ text }) => text)).toEqual(['a "b"', 'c "d"']);
  });

  test('its name can come from a macro', () => {
    const tree = read('config A_$(X)\n\tbool\n', { environment: { X: 'B' } });
    expect(symbolIn(tree, 'A_B').nodes).toHaveLength(1);
  });

  test('names of methods every object has are names like others', () => {
    const tree = read('config constructor\n\tbool\n\tdepends on toString && __proto__\n');
    expect(conditions(tree, 'constructor')).toEqual(['toString && __proto__']);
  });
});

describe('the blocks around an entry', () => {
  test('menu, if and choice add their conditions, innermost first', () => {
    const tree = read(
      [
        'menu "m"',
        '\tdepends on A',
        '\tvisible if B',
        'if C || D',
        'if E',
        'config X',
        '\tbool "x"',
        'endif',
        'endif',
        'endmenu',
        'config Y',
        '\tbool "y"',
        '',
      ].join('\n'),
    );
    expect(conditions(tree, 'X')).toEqual(['E', 'C || D', 'A']);
    expect(conditions(tree, 'Y')).toEqual([]);
    const menu = symbolIn(tree, 'X').nodes[0]?.parent?.parent?.parent;
    expect(menu).toMatchObject({ kind: 'menu', title: 'm', place: { line: 1 } });
    expect(menu?.visibleIf.map(({ expression }) => shown(expression))).toEqual(['B']);
  });

  test('a choice, named or not, optional, with what stands in an "if" in it', () => {
    const tree = read(
      [
        'choice NAMED',
        '\tprompt "c" if A',
        '\tdefault Y if B',
        '\toptional',
        '\tdepends on C',
        '\thelp',
        '\t  Text.',
        'config X',
        '\tbool "x"',
        'if D',
        'config Y',
        '\tbool "y"',
        'endif',
        'comment "no member"',
        'endchoice',
        'choice',
        '\ttristate "d"',
        'endchoice',
        '',
      ].join('\n'),
    );
    expect(tree.choices).toHaveLength(2);
    const [choice, second] = tree.choices;
    expect(choice).toMatchObject({ name: 'NAMED', type: 'bool', optional: true });
    expect(choice?.members.map(({ name }) => name)).toEqual(['X', 'Y']);
    expect(choice?.defaults.map(({ value, condition }) => [shown(value), shown(condition)])).toEqual([
      ['Y', 'B'],
    ]);
    expect(choice?.nodes.map(({ place }) => place.line)).toEqual([1]);
    expect(symbolIn(tree, 'X').choice).toBe(choice);
    expect(second).toMatchObject({ name: undefined, type: 'tristate', members: [] });
  });

  test('a comment has conditions of its own, and no symbols', () => {
    const tree = read('comment "c"\n\tdepends on A\n\nconfig B\n\tbool\n');
    expect(conditions(tree, 'B')).toEqual([]);
  });

  test('options behind endif and endmenu belong to nothing', () => {
    expect(problems('config A\n\tbool\nif B\nendif\n\tdefault y\n')).toEqual([
      'Kconfig:5 unknown statement "default"',
    ]);
  });
});

describe('source', () => {
  const files = {
    'arch/mips/Kconfig': 'config ARCH\n\tbool\nrsource "own/Kconfig"\norsource "none/Kconfig"\n',
    'arch/mips/own/Kconfig': 'config OWN\n\tbool\n',
    'net/Kconfig': 'config NET\n\tbool\n\tdefault "$(filename):$(lineno)"\n',
  };

  test('in all its forms, with macros in it', () => {
    const tree = read(
      [
        'source "arch/$(SRCARCH)/Kconfig"',
        'source net/Kconfig',
        'osource "missing/Kconfig"',
        'source "net/../net/./Kconfig"',
        '',
      ].join('\n'),
      { files, environment: { SRCARCH: 'mips' } },
    );
    expect([...tree.symbols.keys()]).toEqual(['ARCH', 'OWN', 'NET']);
    expect(symbolIn(tree, 'OWN').nodes[0]?.place).toEqual({ file: 'arch/mips/own/Kconfig', line: 1 });
    expect(symbolIn(tree, 'NET').nodes).toHaveLength(2);
    expect(symbolIn(tree, 'NET').defaults.map(({ value }) => shown(value))[0]).toBe('"net/Kconfig:3"');
    expect(tree.fileCount).toBe(5);
  });

  test('a file that is read within an "if" has its condition', () => {
    const tree = read('if A\nsource "net/Kconfig"\nendif\n', { files });
    expect(conditions(tree, 'NET')).toEqual(['A']);
  });

  test('a file that is missing is a problem, and the rest is read', () => {
    const text = 'source "arch/$(ARCH)/Kconfig"\nconfig A\n\tbool\nrsource "no"\nsource\n';
    expect(problems(text)).toEqual([
      'Kconfig:1 cannot read arch/Kconfig: there is no such file',
      'Kconfig:4 cannot read no: there is no such file',
      'Kconfig:5 "source" takes the path of a file',
    ]);
    expect(symbolIn(readText(text), 'A').type).toBe('bool');
  });

  test('a folder is no file', () => {
    expect(problems('source "net"\n', { files })).toEqual([
      'Kconfig:1 cannot read net: there is no such file',
    ]);
  });

  test('files that source one another end', () => {
    const loop = { a: 'config A\n\tbool\nsource "b"\n', b: 'source "a"\nconfig B\n\tbool\n' };
    expect(problems('source "a"\n', { files: loop })).toEqual(['b:1 a is sourced from within itself']);
    expect(problems('source "Kconfig"\nconfig A\n\tbool\n')).toEqual([
      'Kconfig:1 Kconfig is sourced from within itself',
    ]);
    expect(problems('source "./Kconfig"\n')).toEqual(['Kconfig:1 Kconfig is sourced from within itself']);
    expect(problems('source "x/../Kconfig"\n')).toEqual(['Kconfig:1 Kconfig is sourced from within itself']);
    expect(problems('X := ./Kconfig\nsource "$(X)"\n')).toEqual([
      'Kconfig:2 Kconfig is sourced from within itself',
    ]);
  });

  test('so do files that source themselves more than once, by names that change', () => {
    // Through a link to its own folder a file never meets itself.
    const dir = scratchDir();
    writeFiles(dir, { Kconfig: 'config A\n\tbool\nrsource "again/Kconfig"\nrsource "again/./Kconfig"\n' });
    symlinkSync('.', join(dir, 'again'));
    const tree = readKconfig({
      roots: [dir],
      topFile: 'Kconfig',
      dialect: dialect(),
      environment: {},
      shell: () => undefined,
    });
    expect(tree.fileCount).toBe(10_000);
    expect(problemsIn(tree).at(-1)).toMatch(
      / is left out: 10000 files are the limit$|there is no such file$/,
    );
    expect(problemsIn(tree).filter((problem) => problem.includes('left out'))).toHaveLength(1);
    expect(symbolIn(tree, 'A').type).toBe('bool');
  });

  test('the object directory goes before the tree', () => {
    const [objects, sources] = [scratchDir(), scratchDir()];
    writeFiles(sources, {
      Kconfig: 'source "a"\nsource "b"\n',
      a: 'config A\n\tbool\n',
      b: 'config B\n\tint\n',
    });
    writeFiles(objects, { a: 'config A\n\thex\n' });
    const options = { topFile: 'Kconfig', dialect: dialect(), environment: {}, shell: () => undefined };
    const tree = readKconfig({ roots: [objects, sources], ...options });
    expect(['A', 'B'].map((name) => symbolIn(tree, name).type)).toEqual(['hex', 'int']);
  });
});

test('the top file is missing', () => {
  const tree = readKconfig({
    roots: [scratchDir()],
    topFile: 'Kconfig',
    dialect: dialect(),
    environment: {},
    shell: () => undefined,
  });
  expect(problemsIn(tree)).toEqual([':0 cannot read Kconfig: there is no such file']);
  expect(tree.symbols.size).toBe(0);
});

describe('macros', () => {
  test('count where they stand, whatever is set later', () => {
    const tree = read(
      'X = one\nconfig A\n\tstring\n\tdefault "$(X)"\nX = two\nconfig B\n\tstring\n\tdefault "$(X)"\n',
    );
    expect(['A', 'B'].map((name) => shown(symbolIn(tree, name).defaults[0]?.value))).toEqual([
      '"one"',
      '"two"',
    ]);
  });

  test('commands are not run while a tree is read, and once when they are needed', () => {
    const ran: string[] = [];
    const tree = read(
      [
        'success = $(shell,$(1) && echo y || echo n)',
        'VERSION := $(shell,version)',
        'config A',
        '\tdef_bool $(success,true)',
        '\tdepends on $(success,true) = y',
        'config B',
        '\tstring "b"',
        '\tdefault "$(VERSION)"',
        '',
      ].join('\n'),
      {
        shell: (command) => {
          ran.push(command);
          return 'y';
        },
      },
    );
    expect(ran).toEqual([]);
    const value = symbolIn(tree, 'A').defaults[0]?.value;
    expect(value?.kind === 'macro' ? value.macro.expand() + value.macro.expand() : '').toBe('yy');
    expect(ran).toEqual(['true && echo y || echo n']);
  });

  test('a line that is only a macro call is nothing', () => {
    expect(problems('$(error-if,y,text)\n  $(info,$(shell,echo a))\n')).toEqual([]);
  });

  test('assignments look like assignments', () => {
    const tree = read(
      'A = 1\nB := $(A)\nB += 2\nname-with-minus = 3\nEMPTY =\nconfig X\n\tstring\n\tdefault "$(B)$(name-with-minus)$(EMPTY)"\n',
    );
    expect(shown(symbolIn(tree, 'X').defaults[0]?.value)).toBe('"1 23"');
  });
});

describe('reports what it cannot read with its line, and reads the rest', () => {
  test.each([
    ['an unknown statement', 'frobnicate A\n', ['Kconfig:1 unknown statement "frobnicate"']],
    ['an option outside', 'bool "A"\n', ['Kconfig:1 unknown statement "bool"']],
    ['endmenu without menu', 'endmenu\n', ['Kconfig:1 "endmenu" without "menu"']],
    ['endif in a menu', 'menu "m"\nendif\nendmenu\n', ['Kconfig:2 "endif" without "if"']],
    ['endchoice without choice', 'endchoice\n', ['Kconfig:1 "endchoice" without "choice"']],
    [
      'config without a name',
      'config A\n\tint\nconfig\n\tdefault 1\n',
      ['Kconfig:3 "config" takes the name of a symbol', 'Kconfig:4 unknown statement "default"'],
    ],
    [
      'depends on nothing',
      'config A\n\tdepends on\n',
      ['Kconfig:2 a symbol is missing at the end of the line'],
    ],
    ['a bracket that is not closed', 'config A\n\tdepends on (B\n', ['Kconfig:2 ")" is missing']],
    ['if without a condition', 'if\nendif\n', ['Kconfig:1 a symbol is missing at the end of the line']],
    ['a select of a text', 'config A\n\tselect "B"\n', ['Kconfig:2 "select" takes the name of a symbol']],
    [
      'a range of one number',
      'config A\n\trange 1\n',
      ['Kconfig:2 a symbol is missing at the end of the line'],
    ],
    ['a prompt that is none', 'config A\n\tprompt\n', ['Kconfig:2 a prompt is a text in quotes']],
    [
      'visible without if',
      'menu "m"\n\tvisible\nendmenu\n',
      ['Kconfig:2 "visible" takes "if" and an expression'],
    ],
    ['optional for a symbol', 'config A\n\toptional\n', ['Kconfig:2 "optional" belongs to a choice']],
    [
      'select in a menu',
      'menu "m"\n\tselect A\nendmenu\n',
      ['Kconfig:2 "select" belongs to a symbol, not to a menu'],
    ],
    [
      'a type in a comment',
      'comment "c"\n\tbool\n',
      ['Kconfig:2 this belongs to a symbol, not to a comment'],
    ],
    ['an option that there is not', 'config A\n\toption colour\n', ['Kconfig:2 there is no option "colour"']],
    [
      'a merge conflict',
      '<<<<<<< ours\nconfig A\n=======\n>>>>>>> theirs\n',
      [
        'Kconfig:1 unknown statement "<<<<<<< ours"',
        'Kconfig:3 unknown statement "======="',
        'Kconfig:4 unknown statement ">>>>>>> theirs"',
      ],
    ],
  ])('%s', (_name, kconfig, expected) => {
    const tree = readText(`${kconfig}config LAST\n\tbool\n`);
    expect(problemsIn(tree)).toEqual(expected);
    expect(symbolIn(tree, 'LAST').type).toBe('bool');
  });

  test('a menu, an if, a choice that are not closed at the end of the file', () => {
    for (const kconfig of ['menu "m"\n', 'if B\n', 'choice\n\tprompt "c"\n']) {
      const tree = readText(`${kconfig}config A\n\tbool "a"\n`);
      expect(symbolIn(tree, 'A').type).toBe('bool');
      expect(problemsIn(tree)).toEqual([expect.stringMatching(/^Kconfig:1 ".*" is not closed$/)]);
    }
  });

  test('a file cannot close what another opened, nor leave anything open', () => {
    const files = { opens: 'menu "m"\nconfig A\n\tbool\n', closes: 'endmenu\nconfig B\n\tbool\n' };
    const tree = readText('if X\nsource "opens"\nconfig C\n\tbool\nendif\n', { files });
    expect(problemsIn(tree)).toEqual(['opens:1 "menu" is not closed']);
    expect(conditions(tree, 'C')).toEqual(['X']);
    const closed = readText('menu "m"\n\tdepends on X\nsource "closes"\nconfig C\n\tbool\nendmenu\n', {
      files,
    });
    expect(problemsIn(closed)).toEqual(['closes:1 "endmenu" without "menu"']);
    expect(conditions(closed, 'C')).toEqual(['X']);
  });

  test('a quote that is not closed goes to the end of its line', () => {
    const tree = read('config A\n\tbool "never closed\n\tdepends on B\n');
    expect(symbolIn(tree, 'A').prompts).toMatchObject([{ text: 'never closed' }]);
    expect(conditions(tree, 'A')).toEqual(['B']);
  });

  test('NUL bytes, Latin-1, CRLF, a byte order mark', () => {
    const tree = readText(
      Buffer.concat([
        Buffer.from('\uFEFFconfig A\r\n\tbool "a\r\n'),
        Buffer.from([0, 0, 10, 0xe4, 0xff, 10]),
        Buffer.from('config B\r\n\tbool "Gr\xfc\xdfe"\r\n\tdepends on A\r\n', 'latin1'),
      ]),
    );
    expect(problemsIn(tree)).toEqual([]);
    expect(symbolIn(tree, 'A').type).toBe('bool');
    expect(conditions(tree, 'B')).toEqual(['A']);
  });

  test('but stray characters are passed over, as conf does', () => {
    const tree = read('config A\n\tbool\n.\n\t;\n`,*\n\tdefault y\n');
    expect(symbolIn(tree, 'A').defaults).toHaveLength(1);
  });
});

test('ten megabytes cost no more a line than one', async () => {
  const entry = (index: number): string =>
    `config SYMBOL_NUMBER_${index}\n\tbool "Prompt of ${index}"\n\tdepends on SYMBOL_NUMBER_${index - 1} && B\n\thelp\n\t  Text of some length, so that it takes place.\n\n`;
  const readEntries = (count: number): void => {
    const kconfig = Array.from({ length: count }, (_, index) => entry(index)).join('');
    expect(read(kconfig).symbols.size).toBe(count + 2);
  };
  readEntries(75_000);
  await expectLinear(readEntries, 5_000);
});

test('a line of ten megabytes', () => {
  const tree = readText(`config A\n\tbool\n\tdepends on ${'B && '.repeat(2_000_000)}B\n\tdefault y\n`);
  expect(problemsIn(tree)).toEqual(['Kconfig:3 a line of 10000013 characters; 65536 is the limit']);
  expect(symbolIn(tree, 'A').defaults).toHaveLength(1);
});

test('two hundred menus in one another', () => {
  const tree = read(`${'menu "m"\n'.repeat(200)}config A\n\tbool\n${'endmenu\n'.repeat(200)}`);
  expect(symbolIn(tree, 'A').type).toBe('bool');
});
