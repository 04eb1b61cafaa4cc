import type { Expression } from './menu-tree.ts';
import type { KconfigSymbol } from './menu-tree.ts';

/** n, m and y, in the order in which `&&` takes the lower and `||` the higher. */
export type Tristate = 0 | 1 | 2;

const LETTERS = ['n', 'm', 'y'] as const;

/** `n`, `m` or `y`. */
export function letterOf(value: Tristate): 'n' | 'm' | 'y' {
  return LETTERS[value];
}

/** Returns the value of a text that stands for n, m or y; anything else is n, as in an expression. */
export function tristateOf(text: string): Tristate {
  return text === 'y' ? 2 : text === 'm' ? 1 : 0;
}

/** Returns `a && b`. */
export function lower(a: Tristate, b: Tristate): Tristate {
  return a < b ? a : b;
}

/** Returns `a || b`. */
export function higher(a: Tristate, b: Tristate): Tristate {
  return a > b ? a : b;
}

/** Returns `||` of many values. */
export function highest<T>(list: readonly T[], value: (one: T) => Tristate): Tristate {
  let result: Tristate = 0;
  for (const one of list) {
    if (result === 2) break;
    result = higher(result, value(one));
  }
  return result;
}

/** Splits an expression at one operator: `A && (B && C)` has three parts. */
export function partsOf(expression: Expression, operator: 'and' | 'or'): Expression[] {
  if (expression.kind !== operator) return [expression];
  return [...partsOf(expression.left, operator), ...partsOf(expression.right, operator)];
}

/** Returns every symbol in an expression, each once. */
export function symbolsIn(
  expression: Expression,
  found = new Set<KconfigSymbol>(),
): ReadonlySet<KconfigSymbol> {
  switch (expression.kind) {
    case 'symbol':
      found.add(expression.symbol);
      break;
    case 'not':
      symbolsIn(expression.operand, found);
      break;
    case 'and':
    case 'or':
    case 'compare':
      symbolsIn(expression.left, found);
      symbolsIn(expression.right, found);
      break;
    case 'constant':
    case 'macro':
  }
  return found;
}

/** How strongly an operator binds; a weaker one inside a stronger one needs brackets. */
const STRENGTH = { or: 1, and: 2, compare: 3, not: 4, symbol: 5, constant: 5, macro: 5 } as const;

/** Formats an expression as in a Kconfig file; `name` chooses how symbols appear. */
export function formatExpression(
  expression: Expression,
  name: (symbol: KconfigSymbol) => string = (symbol) => symbol.name,
): string {
  const inner = (part: Expression): string => {
    const text = formatExpression(part, name);
    return STRENGTH[part.kind] < STRENGTH[expression.kind] ? `(${text})` : text;
  };
  switch (expression.kind) {
    case 'symbol':
      return name(expression.symbol);
    case 'constant':
      return /^[ymn]$/.test(expression.text) ? expression.text : `"${expression.text}"`;
    case 'macro':
      return expression.quoted ? `"${expression.macro.source}"` : expression.macro.source;
    case 'not':
      return `!${inner(expression.operand)}`;
    case 'and':
      return `${inner(expression.left)} && ${inner(expression.right)}`;
    case 'or':
      return `${inner(expression.left)} || ${inner(expression.right)}`;
    case 'compare':
      return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`;
  }
}
