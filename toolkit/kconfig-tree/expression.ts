import type { KconfigSymbol } from './menu-tree.ts';

/** A word of an expression whose text is not known before a command of the tree ran: `$(cc-option,-foo)`. */
export interface MacroText {
  /** As it stands in the file. */
  readonly source: string;
  /** Runs what has to be run, once. */
  readonly expand: () => string;
}

/** What can stand on either side of a comparison. */
export type Operand =
  | { readonly kind: 'symbol'; readonly symbol: KconfigSymbol }
  | { readonly kind: 'constant'; readonly text: string }
  | { readonly kind: 'macro'; readonly macro: MacroText; readonly quoted: boolean };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** An expression of the Kconfig language (Documentation/kbuild/kconfig-language.rst, "Menu dependencies"). */
export type Expression =
  | Operand
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Operand;
      readonly right: Operand;
    };

/** n, m and y, in the order in which `&&` takes the lower and `||` the higher. */
export type Tristate = 0 | 1 | 2;

const LETTERS = ['n', 'm', 'y'] as const;

/** `n`, `m` or `y`. */
export function letterOf(value: Tristate): 'n' | 'm' | 'y' {
  return LETTERS[value];
}

/** The value of a text that stands for n, m or y; anything else is n, as in an expression. */
export function tristateOf(text: string): Tristate {
  return text === 'y' ? 2 : text === 'm' ? 1 : 0;
}

/** What `&&` makes of two values. */
export function lower(a: Tristate, b: Tristate): Tristate {
  return a < b ? a : b;
}

/** What `||` makes of two values. */
export function higher(a: Tristate, b: Tristate): Tristate {
  return a > b ? a : b;
}

/** What `||` makes of many. */
export function highest<T>(list: readonly T[], value: (one: T) => Tristate): Tristate {
  let result: Tristate = 0;
  for (const one of list) {
    if (result === 2) break;
    result = higher(result, value(one));
  }
  return result;
}

/** The parts of an expression that are joined by one operator: `A && (B && C)` has three. */
export function partsOf(expression: Expression, operator: 'and' | 'or'): Expression[] {
  if (expression.kind !== operator) return [expression];
  return [...partsOf(expression.left, operator), ...partsOf(expression.right, operator)];
}

/** Every symbol that an expression names, each once. */
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

/** How tightly an operator binds; a weaker one inside a stronger one takes brackets. */
const STRENGTH = { or: 1, and: 2, compare: 3, not: 4, symbol: 5, constant: 5, macro: 5 } as const;

/** An expression as it would be written in a Kconfig file; `name` chooses how symbols appear. */
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
