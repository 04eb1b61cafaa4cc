import { expect, test } from 'vitest';
import { MacroReader } from '../../../toolkit/kconfig-tree/macros.ts';
import { tokenize } from '../../../toolkit/kconfig-tree/tokens.ts';

const macros = new MacroReader({ environment: {}, shell: () => undefined });

/** Words as they are, signs in angle brackets, quoted text in quotes; `*` for what has macros in it. */
function tokens(line: string): string[] {
  return tokenize(line, macros).map(({ kind, text, macros: has }) => {
    const shown = kind === 'quoted' ? `"${text}"` : kind === 'sign' ? `<${text}>` : text;
    return has ? `${shown}*` : shown;
  });
}

test('words and signs need no blanks between them', () => {
  expect(tokens('\tdepends on A&&!(B||C=y)')).toEqual([
    'depends',
    'on',
    'A',
    '<&&>',
    '<!>',
    '<(>',
    'B',
    '<||>',
    'C',
    '<=>',
    'y',
    '<)>',
  ]);
  expect(tokens('A!=B A<=1 A>=1 A<1 A>1 A:=1 A+=1')).toEqual(
    'A <!=> B A <<=> 1 A <>=> 1 A <<> 1 A <>> 1 A <:=> 1 A <+=> 1'.split(' '),
  );
});

test('signs in words: digits, minus, and the paths of old source lines', () => {
  expect(tokens('source net/ipv4/Kconfig')).toEqual(['source', 'net/ipv4/Kconfig']);
  expect(tokens('default -1')).toEqual(['default', '-1']);
  expect(tokens('config 64BIT')).toEqual(['config', '64BIT']);
});

test('a comment ends the line, but not within quotes', () => {
  expect(tokens('default y # because')).toEqual(['default', 'y']);
  expect(tokens('prompt "issue #3" # because')).toEqual(['prompt', '"issue #3"']);
  expect(tokens('default y#because')).toEqual(['default', 'y']);
  expect(tokens('# nothing')).toEqual([]);
});

test('quotes of both kinds, each with the other inside, and escapes', () => {
  expect(tokens(`bool "it's" 'say "no"'`)).toEqual(['bool', `"it's"`, `"say "no""`]);
  expect(tokens('bool "a \\"b\\" \\\\ c"')).toEqual(['bool', '"a "b" \\ c"']);
  expect(tokens('default ""')).toEqual(['default', '""']);
});

test('a quote that is not closed ends with the line', () => {
  expect(tokens('prompt "never closed if A')).toEqual(['prompt', '"never closed if A"']);
  expect(tokens('prompt "ends in a backslash\\')).toEqual(['prompt', '"ends in a backslash"']);
  expect(tokens('prompt "')).toEqual(['prompt', '""']);
});

test('macros stay in their word, whatever is in their brackets', () => {
  expect(tokens('default $(cc-option,-m"a b" (c)) if A')).toEqual([
    'default',
    '$(cc-option,-m"a b" (c))*',
    'if',
    'A',
  ]);
  expect(tokens('source "arch/$(SRCARCH)/Kconfig"')).toEqual(['source', '"arch/$(SRCARCH)/Kconfig"*']);
  expect(tokens('config A_$(B)_C')).toEqual(['config', 'A_$(B)_C*']);
  // A quote inside $(…) is part of it.
  expect(tokens('default "$(shell,echo "x y")" if A')).toEqual([
    'default',
    '"$(shell,echo "x y")"*',
    'if',
    'A',
  ]);
});

test('macros that are not closed end with the line', () => {
  expect(tokens('default $(shell,echo if A')).toEqual(['default', '$(shell,echo if A*']);
  expect(tokens('default "$(shell,echo"')).toEqual(['default', '"$(shell,echo""*']);
});

test('the variables of trees before Linux 4.18', () => {
  expect(tokens('source "arch/$SRCARCH/Kconfig"')).toEqual(['source', '"arch/$SRCARCH/Kconfig"*']);
});

test('skips characters that belong to nothing', () => {
  expect(tokens('bool ; "A" ä , \u0000 if B')).toEqual(['bool', '"A"', 'if', 'B']);
  expect(tokens('&|^%~?*')).toEqual([]);
  expect(tokens('')).toEqual([]);
});
