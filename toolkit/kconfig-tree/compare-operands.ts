import type { Comparison } from './menu-tree.ts';
import type { Expression } from './menu-tree.ts';
import type { Operand } from './menu-tree.ts';
import type { SymbolType } from './menu-tree.ts';

interface Value {
  readonly text: string;
  readonly type: SymbolType;
}

/**
 * Whether a comparison holds, as in `expr_calc_value` of scripts/kconfig/expr.c: numbers by value when both sides
 * are numbers, else texts by the order of their bytes; n < m < y.
 */
export function compareOperands(
  { operator, left, right }: Extract<Expression, { kind: 'compare' }>,
  valueOf: (operand: Operand) => Value,
): boolean {
  const [a, b] = [valueOf(left), valueOf(right)];
  // Two strings are never compared as numbers.
  const numbers = a.type === 'string' && b.type === 'string' ? [] : [numberOf(a), numberOf(b)];
  const [x, y] = numbers;
  const order = x !== undefined && y !== undefined ? compare(x, y) : compare(a.text, b.text);
  return HOLDS[operator](order);
}

const HOLDS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function compare<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const TRISTATES = ['n', 'm', 'y'];

function numberOf({ text, type }: Value): bigint | undefined {
  if (type === 'bool' || type === 'tristate') return BigInt(TRISTATES.indexOf(text));
  const pattern =
    type === 'int'
      ? /^-?\d+$/
      : type === 'hex'
        ? /^(?:0[xX])?[\da-fA-F]+$/
        : /^-?(?:0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*)$/;
  if (!pattern.test(text)) return undefined;
  if (type === 'hex') return BigInt(`0x${text.replace(/^0[xX]/, '')}`);
  const digits = text.replace('-', '');
  // A text without a type is read as strtoll does by default: a number that begins with 0 is octal.
  const value = BigInt(type !== 'int' && /^0\d/.test(digits) ? `0o${digits}` : digits);
  return text.startsWith('-') ? -value : value;
}
