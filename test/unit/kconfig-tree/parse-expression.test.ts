import { describe, expect, test } from 'vitest';
import { formatExpression, partsOf, symbolsIn } from '../../../toolkit/kconfig-tree/expression.ts';
import type { Expression } from '../../../toolkit/kconfig-tree/menu-tree.ts';
import { MacroReader } from '../../../toolkit/kconfig-tree/macros.ts';
import { TokenReader, type ExpressionContext } from '../../../toolkit/kconfig-tree/parse-expression.ts';
import { SymbolTable } from '../../../toolkit/kconfig-tree/symbol-table.ts';
import { tokenize } from '../../../toolkit/kconfig-tree/tokens.ts';

const macros = new MacroReader({ environment: { NAME: 'FOO' }, shell: () => 'y' });

function reader(text: string): TokenReader {
  const table = new SymbolTable();
  const context: ExpressionContext = {
    symbol: (name) => table.symbol(name),
    text: (token) =>
      token.macros && token.text.includes('shell')
        ? { source: token.text, expand: () => 'y' }
        : macros.expand(token.text, { file: '', line: 0 }),
  };
  return new TokenReader(tokenize(text, macros), context);
}

const parse = (text: string): Expression => reader(text).takeExpression();

/** Every operator with brackets around what it joins. */
function bracketed(expression: Expression): string {
  switch (expression.kind) {
    case 'not':
      return `!${bracketed(expression.operand)}`;
    case 'and':
      return `(${bracketed(expression.left)} & ${bracketed(expression.right)})`;
    case 'or':
      return `(${bracketed(expression.left)} | ${bracketed(expression.right)})`;
    case 'compare':
      return `(${bracketed(expression.left)} ${expression.operator} ${bracketed(expression.right)})`;
    default:
      return formatExpression(expression);
  }
}

describe('binds operators by their precedence', () => {
  test.each([
    ['A', 'A'],
    ['A || B && C', '(A | (B & C))'],
    ['A && B || C', '((A & B) | C)'],
    ['(A || B) && C', '((A | B) & C)'],
    ['A && B && C', '((A & B) & C)'],
    ['A || B || C', '((A | B) | C)'],
    ['!A && B', '(!A & B)'],
    ['!(A && B)', '!(A & B)'],
    ['!!A', '!!A'],
    // As in the kernel, where a comparison takes two symbols: it is the whole that is negated.
    ['!A = B', '!(A = B)'],
    ['!A != n && B', '(!(A != n) & B)'],
    ['A = y && B != m', '((A = y) & (B != m))'],
    ['A < B || C >= 5', '((A < B) | (C >= 5))'],
    ['((((A))))', 'A'],
  ])('%s', (text, expected) => {
    expect(bracketed(parse(text))).toBe(expected);
  });
});

test('quoted text and y, m, n are constants, everything else is a symbol', () => {
  expect(parse('"FOO"')).toEqual({ kind: 'constant', text: 'FOO' });
  expect(parse("'y'")).toEqual({ kind: 'constant', text: 'y' });
  expect(parse('m')).toEqual({ kind: 'constant', text: 'm' });
  expect(parse('yes')).toMatchObject({ kind: 'symbol', symbol: { name: 'yes' } });
  expect(parse('100')).toMatchObject({ kind: 'symbol', symbol: { name: '100' } });
});

test('macros are expanded, or wait for their command', () => {
  expect(parse('$(NAME)')).toMatchObject({ kind: 'symbol', symbol: { name: 'FOO' } });
  expect(parse('"$(NAME)"')).toEqual({ kind: 'constant', text: 'FOO' });
  expect(parse('$(shell,x)')).toMatchObject({ kind: 'macro', quoted: false });
  expect(parse('"$(shell,x)"')).toMatchObject({ kind: 'macro', quoted: true });
  expect(parse('$(NOTHING)')).toEqual({ kind: 'constant', text: '' });
});

test('a condition is what follows "if"', () => {
  const tokens = reader('A if B && C');
  expect(bracketed(tokens.takeExpression())).toBe('A');
  const condition = tokens.takeCondition();
  expect(condition === undefined ? '' : bracketed(condition)).toBe('(B & C)');
  expect(reader('A').takeCondition()).toBeUndefined();
});

test.each([
  ['', 'a symbol is missing at the end of the line'],
  ['A &&', 'a symbol is missing at the end of the line'],
  ['A && || B', 'a symbol was expected, but found "||"'],
  ['(A', '")" is missing'],
  ['(A || (B && C)', '")" is missing'],
  ['!', 'a symbol is missing at the end of the line'],
  ['A =', 'a symbol is missing at the end of the line'],
  ['A = (B)', 'a symbol was expected, but found "("'],
  [')', 'a symbol was expected, but found ")"'],
])('"%s" is no expression: %s', (text, message) => {
  expect(() => parse(text)).toThrow(new SyntaxError(message));
});

test('long expressions are read up to a limit, so that nothing that walks through them runs out of stack', () => {
  expect(formatExpression(parse(`${'('.repeat(400)}A${')'.repeat(400)}`))).toBe('A');
  const chain = (length: number): string => Array.from({ length }, (_, index) => `S${index}`).join(' || ');
  const long = parse(chain(500));
  expect(partsOf(long, 'or')).toHaveLength(500);
  expect(symbolsIn(long).size).toBe(500);
  expect(formatExpression(long)).toContain('S499');
  for (const tooLong of [chain(10_000), `${'('.repeat(10_000)}A`, `${'!'.repeat(10_000)}A`])
    expect(() => parse(tooLong)).toThrow(new SyntaxError('an expression of more than 500 operators'));
});

describe('an expression as text', () => {
  test.each([
    'A && (B || C)',
    'A && B || C',
    '!(A || B)',
    '!A && !B',
    '!(A && B) || C',
    'A = "text" || B != n',
    'A < 5 && B',
    '!(A = m)',
    '$(shell,x)',
    '"$(shell,x)"',
  ])('%s comes out as it went in', (text) => {
    expect(formatExpression(parse(text))).toBe(text);
  });

  test('has brackets only where they are needed', () => {
    expect(formatExpression(parse('((A) && (B)) || (C)'))).toBe('A && B || C');
  });

  test('names symbols with the given function', () => {
    expect(formatExpression(parse('A && !B'), ({ name }) => `${name} (n)`)).toBe('A (n) && !B (n)');
  });
});

test('the parts that one operator joins', () => {
  const parts = (text: string, operator: 'and' | 'or'): string[] =>
    partsOf(parse(text), operator).map((part) => formatExpression(part));
  expect(parts('A && (B && C) && !D', 'and')).toEqual(['A', 'B', 'C', '!D']);
  expect(parts('A && (B || C)', 'and')).toEqual(['A', 'B || C']);
  expect(parts('A && B', 'or')).toEqual(['A && B']);
  expect([...symbolsIn(parse('A && !(B = C) || A || "D"'))].map(({ name }) => name)).toEqual(['A', 'B', 'C']);
});
