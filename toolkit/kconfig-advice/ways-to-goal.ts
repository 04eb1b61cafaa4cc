import type { Tristate } from '../kconfig-tree/expression.ts';
import type { Expression } from '../kconfig-tree/menu-tree.ts';
import type { Operand } from '../kconfig-tree/menu-tree.ts';
import type { DefaultValue, KconfigSymbol, MenuNode, Prompt, Selection } from '../kconfig-tree/menu-tree.ts';
import type { SymbolValues } from '../kconfig-tree/symbol-values.ts';

/** A line that would be written into a fragment. */
export interface Assignment {
  readonly symbol: KconfigSymbol;
  /** `y`, `m`, `n`, or the text of a number or string. */
  readonly value: string;
}

/** A condition to reach. */
export type Goal =
  /** The symbol is at least m (1) or y (2), or it is n (0). */
  | { readonly kind: 'symbol'; readonly symbol: KconfigSymbol; readonly value: Tristate }
  /** The symbol has this text: a number or a string. */
  | { readonly kind: 'text'; readonly symbol: KconfigSymbol; readonly text: string }
  /** The expression is at least m or y, or it is n. */
  | { readonly kind: 'expression'; readonly expression: Expression; readonly value: Tristate };

/** One way to reach a goal: all of its parts have to hold, and its line has to be written. */
export interface Way {
  readonly parts: readonly Goal[];
  readonly assignment?: Assignment;
  /** How it works, for explanations. */
  readonly by:
    | { readonly kind: 'holds' }
    | { readonly kind: 'prompt'; readonly prompt: Prompt }
    | { readonly kind: 'default'; readonly default: DefaultValue }
    | { readonly kind: 'select' | 'imply'; readonly selection: Selection }
    | { readonly kind: 'parts' };
  /** Its own cost, in addition to its line and its parts. */
  readonly cost: number;
}

export interface WayOptions {
  readonly values: SymbolValues;
  /** Whether a symbol with a visible prompt gets its default: it has no request, and conf applies defaults. */
  readonly defaultCounts: (symbol: KconfigSymbol) => boolean;
  /** The cost of having a symbol selected by another instead of asking for it; Infinity forbids it. */
  readonly selectCost?: (selection: Selection) => number;
}

/** One more line in the fragment. */
const LINE = 1;
/** Going through another symbol, which brings more with it than a direct request. */
const DETOUR = 0.3;
const HOLDS: Way = { parts: [], by: { kind: 'holds' }, cost: 0 };

/** Whether a goal holds with the present values. */
export function holds(goal: Goal, values: SymbolValues): boolean {
  switch (goal.kind) {
    case 'symbol':
      return reached(values.tristate(goal.symbol), goal.value);
    case 'text':
      return values.text(goal.symbol) === goal.text;
    case 'expression':
      return reached(values.condition(goal.expression), goal.value);
  }
}

function reached(value: Tristate, wanted: Tristate): boolean {
  return wanted === 0 ? value === 0 : value >= wanted;
}

/** Returns every way to reach a goal from the present values; empty when it cannot be reached. */
export function waysTo(goal: Goal, { values, defaultCounts, selectCost }: WayOptions): Way[] {
  if (holds(goal, values)) return [HOLDS];
  switch (goal.kind) {
    case 'symbol':
      return goal.value === 0
        ? waysToUnset(goal.symbol, values)
        : waysToSet(goal.symbol, goal.value, defaultCounts, selectCost);
    case 'text':
      return waysToText(goal.symbol, goal.text);
    case 'expression':
      return waysToExpression(goal.expression, goal.value);
  }
}

/** Returns a key that is the same for equal goals. */
export function goalKey(goal: Goal, expressionId: (expression: Expression) => number): string {
  if (goal.kind === 'expression') return `${expressionId(goal.expression)}:${goal.value}`;
  return goal.kind === 'symbol' ? `${goal.symbol.name}=${goal.value}` : `${goal.symbol.name}="${goal.text}"`;
}

/** Returns the conditions for an entry to be reachable: its own and those of everything around it. */
export function conditionsAround(start: MenuNode): Expression[] {
  const found: Expression[] = [];
  for (let node: MenuNode | undefined = start; node !== undefined; node = node.parent) {
    found.push(...node.conditions.map(({ expression }) => expression));
    if (node === start || node.choice === undefined) continue;
    // A member can be reached when its choice is visible.
    for (const prompt of node.choice.prompts)
      if (prompt.node === node && prompt.condition !== undefined) found.push(prompt.condition);
  }
  return found;
}

/** Returns the same conditions, and those for the prompt to be visible. */
export function conditionsOfPrompt({ node, condition }: Prompt): Expression[] {
  const found = conditionsAround(node);
  if (condition !== undefined) found.push(condition);
  for (let menu = node.parent; menu !== undefined; menu = menu.parent)
    found.push(...menu.visibleIf.map(({ expression }) => expression));
  return found;
}

function waysToSet(
  symbol: KconfigSymbol,
  value: Tristate,
  defaultCounts: WayOptions['defaultCounts'],
  selectCost: WayOptions['selectCost'],
): Way[] {
  const letter = value === 1 && symbol.type === 'tristate' ? 'm' : 'y';
  const isTristate = symbol.type === 'bool' || symbol.type === 'tristate';
  if (!isTristate) return [];
  const all = (expressions: readonly Expression[]): Goal[] =>
    expressions.map((expression) => ({ kind: 'expression', expression, value }));
  const costOf = (selection: Selection): number => selectCost?.(selection) ?? DETOUR;
  return [
    ...symbol.prompts.map((prompt): Way => ({
      parts: all(conditionsOfPrompt(prompt)),
      assignment: { symbol, value: letter },
      by: { kind: 'prompt', prompt },
      cost: LINE,
    })),
    ...symbol.defaults.flatMap((entry): Way[] => {
      const hidden = defaultCounts(symbol) ? [] : promptsHidden(symbol);
      if (hidden === undefined) return [];
      return [
        {
          parts: [
            ...all([...conditionsAround(entry.node), ...optional(entry.condition), entry.value]),
            ...hidden,
          ],
          by: { kind: 'default', default: entry },
          cost: DETOUR,
        },
      ];
    }),
    ...symbol.selectedBy.map((selection) => waySelected(selection, 'select', all, costOf(selection))),
    ...symbol.impliedBy.map((selection) => waySelected(selection, 'imply', all, costOf(selection))),
  ];
}

/** Returns goals that hide every prompt while the symbol is reachable; undefined when one is always visible. */
function promptsHidden(symbol: KconfigSymbol): Goal[] | undefined {
  const parts: Goal[] = [];
  for (const { condition } of symbol.prompts) {
    if (condition === undefined) return undefined;
    parts.push({ kind: 'expression', expression: condition, value: 0 });
  }
  return parts;
}

function waySelected(
  selection: Selection,
  kind: 'select' | 'imply',
  all: (expressions: readonly Expression[]) => Goal[],
  cost: number,
): Way {
  const { by, target, node, condition } = selection;
  const own = kind === 'imply' ? target.nodes.flatMap(conditionsAround) : [];
  return {
    parts: all([{ kind: 'symbol', symbol: by }, ...conditionsAround(node), ...optional(condition), ...own]),
    by: { kind, selection },
    cost,
  };
}

/** A symbol is n when nothing selects it and it is asked for as n, or when a dependency is n. */
function waysToUnset(symbol: KconfigSymbol, values: SymbolValues): Way[] {
  const selecting = symbol.selectedBy.filter((selection) => values.selection(selection) > 0);
  const unselected = selecting.map(({ by }): Goal => ({ kind: 'symbol', symbol: by, value: 0 }));
  const never = (expression: Expression): Goal => ({ kind: 'expression', expression, value: 0 });
  const ways: Way[] = [];
  const siblings = symbol.choice?.members.filter((member) => member !== symbol) ?? [];
  for (const sibling of siblings) {
    const parts: Goal[] = [...unselected, { kind: 'symbol', symbol: sibling, value: 2 }];
    ways.push({ parts, by: { kind: 'parts' }, cost: 0 });
  }
  const [prompt] = symbol.prompts;
  if (symbol.choice === undefined && prompt !== undefined && values.visibility(symbol) > 0) {
    const assignment = { symbol, value: 'n' };
    ways.push({ parts: unselected, assignment, by: { kind: 'prompt', prompt }, cost: LINE });
  }
  const [node, ...more] = symbol.nodes;
  if (node !== undefined && more.length === 0) {
    for (const expression of conditionsAround(node))
      ways.push({ parts: [...unselected, never(expression)], by: { kind: 'parts' }, cost: DETOUR });
  }
  const active = values.activeDefault(symbol);
  if (active === undefined && unselected.length > 0 && values.visibility(symbol) === 0)
    ways.push({ parts: unselected, by: { kind: 'parts' }, cost: 0 });
  if (active?.condition !== undefined && values.visibility(symbol) === 0)
    ways.push({ parts: [...unselected, never(active.condition)], by: { kind: 'parts' }, cost: DETOUR });
  return ways;
}

function waysToText(symbol: KconfigSymbol, text: string): Way[] {
  const all = (expressions: readonly Expression[]): Goal[] =>
    expressions.map((expression) => ({ kind: 'expression', expression, value: 2 }));
  const fitting = symbol.defaults.filter(({ value }) => textOf(value) === text);
  return [
    ...symbol.prompts.map((prompt): Way => ({
      parts: all(conditionsOfPrompt(prompt)),
      assignment: { symbol, value: text },
      by: { kind: 'prompt', prompt },
      cost: LINE,
    })),
    ...fitting.map((entry): Way => ({
      parts: all([...conditionsAround(entry.node), ...optional(entry.condition)]),
      by: { kind: 'default', default: entry },
      cost: DETOUR,
    })),
  ];
}

function waysToExpression(expression: Expression, value: Tristate): Way[] {
  const way = (...parts: Goal[]): Way => ({ parts, by: { kind: 'parts' }, cost: 0 });
  const part = (of: Expression, wanted = value): Goal => ({
    kind: 'expression',
    expression: of,
    value: wanted,
  });
  switch (expression.kind) {
    case 'symbol':
      return [way({ kind: 'symbol', symbol: expression.symbol, value })];
    case 'constant':
    case 'macro':
      return [];
    case 'not':
      return [way(part(expression.operand, value === 0 ? 2 : 0))];
    case 'and':
    case 'or':
      // One of the two is enough to make "A && B" n, or "A || B" y.
      return (expression.kind === 'and') === (value !== 0)
        ? [way(part(expression.left), part(expression.right))]
        : [way(part(expression.left)), way(part(expression.right))];
    case 'compare':
      return waysToComparison(expression, value !== 0);
  }
}

/** Only comparisons with a fixed value can be solved; the user can still read `>` and `<` in the explanation. */
function waysToComparison(
  { operator, left, right }: Extract<Expression, { kind: 'compare' }>,
  wanted: boolean,
): Way[] {
  const equal = operator === '=' ? wanted : operator === '!=' ? !wanted : undefined;
  const reaches = operator === '>=' || operator === '<=';
  const symbol = left.kind === 'symbol' ? left.symbol : undefined;
  const text = textOf(right);
  if (symbol === undefined) return [];
  const way = (...parts: Goal[]): Way[] => [{ parts, by: { kind: 'parts' }, cost: 0 }];
  if (text === undefined) {
    const goal = (of: Operand, value: Tristate): Goal => ({ kind: 'expression', expression: of, value });
    if (equal === true) return [...way(goal(left, 2), goal(right, 2)), ...way(goal(left, 0), goal(right, 0))];
    // Between two tristates, y on the upper side or n on the lower one settles it.
    if (!reaches || !wanted) return [];
    const [lower, upper] = operator === '<=' ? [left, right] : [right, left];
    return [...way(goal(upper, 2)), ...way(goal(lower, 0))];
  }
  if (symbol.type === 'bool' || symbol.type === 'tristate') {
    if (equal === undefined) return [];
    const value = text === 'n' ? 0 : text === 'm' ? 1 : 2;
    return way({ kind: 'symbol', symbol, value: equal ? value : value === 0 ? 2 : 0 });
  }
  return equal === true || (reaches && wanted) ? way({ kind: 'text', symbol, text }) : [];
}

function textOf(expression: Expression | Operand): string | undefined {
  if (expression.kind === 'constant') return expression.text;
  if (expression.kind !== 'symbol') return undefined;
  return expression.symbol.nodes.length === 0 ? expression.symbol.name : undefined;
}

function optional(expression: Expression | undefined): Expression[] {
  return expression === undefined ? [] : [expression];
}
