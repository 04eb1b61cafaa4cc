import { describe, expect, test } from 'vitest';
import { formatExpression } from '../../../toolkit/kconfig-tree/expression.ts';
import {
  conditionsAround,
  conditionsOfPrompt,
  goalKey,
  holds,
  waysTo,
  type Goal,
  type Way,
} from '../../../toolkit/kconfig-advice/ways-to-goal.ts';
import type { KconfigTree } from '../../../toolkit/kconfig-tree/menu-tree.ts';
import { readText, symbolIn, valuesOf } from '../kconfig-tree/read-text.ts';

const shownGoal = (goal: Goal): string => {
  if (goal.kind === 'text') return `${goal.symbol.name}="${goal.text}"`;
  const what = goal.kind === 'symbol' ? goal.symbol.name : formatExpression(goal.expression);
  return `${what} is ${['n', 'm', 'y'][goal.value] ?? ''}`;
};

/** `by KIND: PARTS [and write LINE]`. */
function shownWay({ by, parts, assignment }: Way): string {
  const line = assignment === undefined ? [] : [`write ${assignment.symbol.name}=${assignment.value}`];
  return `${by.kind}: ${[...parts.map(shownGoal), ...line].join(', ')}`;
}

function ways(tree: KconfigTree, goal: Goal, requests = '', defaultCounts = false): string[] {
  const values = valuesOf(tree, requests, { unset: 'n' });
  return waysTo(goal, { values, defaultCounts: () => defaultCounts }).map(shownWay);
}

const goalOf = (tree: KconfigTree, name: string, value: 0 | 1 | 2 = 2): Goal => ({
  kind: 'symbol',
  symbol: symbolIn(tree, name),
  value,
});

/** The ways to make a condition hold, or not. */
function waysToCondition(condition: string, value: 0 | 1 | 2 = 2, requests = ''): string[] {
  const tree = readText(
    `config A\n\tbool "a"\nconfig B\n\tbool "b"\nconfig T\n\ttristate "t"\nconfig I\n\tint "i"\nconfig S\n\tstring "s"\nconfig X\n\tbool\n\tdepends on ${condition}\n`,
  );
  const expression = symbolIn(tree, 'X').nodes[0]?.conditions[0]?.expression;
  if (expression === undefined) throw new Error(`"${condition}" is no condition`);
  return ways(tree, { kind: 'expression', expression, value }, requests);
}

describe('ways to a symbol', () => {
  test('need no step when it holds already', () => {
    const tree = readText('config A\n\tdef_bool y\n');
    expect(ways(tree, goalOf(tree, 'A'))).toEqual(['holds: ']);
    expect(holds(goalOf(tree, 'A', 0), valuesOf(tree))).toBe(false);
  });

  test('over its prompt, with everything around it', () => {
    const tree = readText(
      'menu "m"\n\tvisible if V\nif I\nconfig A\n\tbool "a" if P\n\tdepends on D\nendif\nendmenu\n',
    );
    expect(ways(tree, goalOf(tree, 'A'))).toEqual(['prompt: D is y, I is y, P is y, V is y, write A=y']);
  });

  test('as m where it can be', () => {
    const tree = readText('config A\n\ttristate "a"\nconfig B\n\tbool "b"\n');
    expect(ways(tree, goalOf(tree, 'A', 1))).toEqual(['prompt: write A=m']);
    expect(ways(tree, goalOf(tree, 'B', 1))).toEqual(['prompt: write B=y']);
  });

  test('over each default, when the symbol cannot be requested', () => {
    const hidden = readText('config A\n\tbool\n\tdefault D if C\n\tdefault y if E\n\tdepends on F\n');
    expect(ways(hidden, goalOf(hidden, 'A'))).toEqual([
      'default: F is y, C is y, D is y',
      'default: F is y, E is y, y is y',
    ]);
    const asked = readText('config A\n\tbool "a"\n\tdefault y\n\tdepends on F\n');
    expect(ways(asked, goalOf(asked, 'A'))).toEqual(['prompt: F is y, write A=y']);
    // With alldefconfig a default counts though its prompt can be seen.
    expect(ways(asked, goalOf(asked, 'A'), '', true)).toContain('default: F is y, y is y');
    // A prompt that only experts see must not be seen.
    const expert = readText('config A\n\tbool "a" if EXPERT\n\tdefault y\n\tdepends on F\n');
    expect(ways(expert, goalOf(expert, 'A'))).toContain('default: F is y, y is y, EXPERT is n');
  });

  test('over every select and imply', () => {
    const tree = readText(
      'config A\n\tbool\n\tdepends on D\nconfig S\n\tbool "s"\n\tdepends on E\n\tselect A if C\nconfig I\n\tbool "i"\n\timply A\n',
    );
    expect(ways(tree, goalOf(tree, 'A'))).toEqual([
      'select: S is y, E is y, C is y',
      'imply: I is y, D is y',
    ]);
  });

  test('do not exist when nothing leads to it', () => {
    const tree = readText('config A\n\tbool\n\tdepends on UNKNOWN\n');
    expect(ways(tree, goalOf(tree, 'A'))).toEqual([]);
    expect(ways(tree, goalOf(tree, 'UNKNOWN'))).toEqual([]);
  });
});

describe('ways to unset a symbol', () => {
  test('by asking for n, or by what it depends on', () => {
    const tree = readText('config A\n\tbool "a"\n\tdepends on D\nconfig D\n\tbool "d"\n');
    expect(ways(tree, goalOf(tree, 'A', 0), 'CONFIG_A=y\nCONFIG_D=y')).toEqual([
      'prompt: write A=n',
      'parts: D is n',
    ]);
  });

  test('lead over everything that selects it, too', () => {
    const tree = readText(
      'config A\n\tbool "a"\nconfig S\n\tbool "s"\n\tselect A\nconfig O\n\tbool "o"\n\tselect A\n',
    );
    expect(ways(tree, goalOf(tree, 'A', 0), 'CONFIG_S=y')).toEqual(['prompt: S is n, write A=n']);
  });

  test('by another member of its choice', () => {
    const tree = readText('choice\n\tprompt "c"\nconfig A\n\tbool "a"\nconfig B\n\tbool "b"\nendchoice\n');
    expect(ways(tree, goalOf(tree, 'A', 0))).toEqual(['parts: B is y']);
  });

  test('lead only over what selects it, when it has no prompt', () => {
    const tree = readText('config A\n\tbool\nconfig S\n\tbool "s"\n\tselect A\n');
    expect(ways(tree, goalOf(tree, 'A', 0), 'CONFIG_S=y')).toEqual(['parts: S is n']);
  });

  test('by the condition of its default', () => {
    const tree = readText('config A\n\tdef_bool y if D\nconfig D\n\tbool "d"\n');
    expect(ways(tree, goalOf(tree, 'A', 0), 'CONFIG_D=y')).toEqual(['parts: D is n']);
  });
});

test('ways to a text: asking for it, or a default that has it', () => {
  const tree = readText(
    'config I\n\tint "i" if P\n\tdefault 5 if A\n\tdefault 7 if B\n\tdepends on D\nconfig S\n\tstring\n\tdefault "x" if A\n',
  );
  const text = (name: string, value: string): Goal => ({
    kind: 'text',
    symbol: symbolIn(tree, name),
    text: value,
  });
  expect(ways(tree, text('I', '7'))).toEqual([
    'prompt: D is y, P is y, write I=7',
    'default: D is y, B is y',
  ]);
  expect(ways(tree, text('I', '9'))).toEqual(['prompt: D is y, P is y, write I=9']);
  expect(ways(tree, text('S', 'x'))).toEqual(['default: A is y']);
  expect(ways(tree, text('S', 'y'))).toEqual([]);
});

describe('ways to a condition', () => {
  test.each([
    ['A && B', 2, ['parts: A is y, B is y']],
    ['A || B', 2, ['parts: A is y', 'parts: B is y']],
    ['!A || B', 0, ['parts: !A is n, B is n']],
    ['T = y', 2, ['parts: T is y']],
    ['T = m', 2, ['parts: T is m']],
    ['T != n', 2, ['parts: T is y']],
    ['I = 5', 2, ['parts: I="5"']],
    ['I >= 5', 2, ['parts: I="5"']],
    ['S = "x"', 2, ['parts: S="x"']],
    ['I > 5', 2, []],
    ['A = B && T', 2, ['parts: A = B is y, T is y']],
    ['n', 2, []],
    ['y', 0, []],
  ] as const)('%s', (condition, value, expected) => {
    expect(waysToCondition(condition, value)).toEqual(expected);
  });

  test('lead over either symbol of a comparison', () => {
    expect(waysToCondition('A <= B', 2, 'CONFIG_A=y')).toEqual(['parts: B is y', 'parts: A is n']);
    expect(waysToCondition('A >= B', 2, 'CONFIG_B=y')).toEqual(['parts: A is y', 'parts: B is n']);
  });

  test('to break one', () => {
    expect(waysToCondition('A && B', 0, 'CONFIG_A=y\nCONFIG_B=y')).toEqual([
      'parts: A is n',
      'parts: B is n',
    ]);
    expect(waysToCondition('A || B', 0, 'CONFIG_A=y\nCONFIG_B=y')).toEqual(['parts: A is n, B is n']);
    expect(waysToCondition('!A', 2, 'CONFIG_A=y')).toEqual(['parts: A is n']);
    expect(waysToCondition('!A', 0)).toEqual(['parts: A is y']);
    expect(waysToCondition('T = y', 0, 'CONFIG_T=y')).toEqual(['parts: T is n']);
    expect(waysToCondition('T != n', 0, 'CONFIG_T=y')).toEqual(['parts: T is n']);
    expect(waysToCondition('T = n', 0)).toEqual(['parts: T is y']);
  });
});

describe('the conditions around an entry', () => {
  test('also the condition of the prompt of its choice, before Linux 6.11', () => {
    const kconfig = 'choice\n\tprompt "c" if P\n\tdepends on D\nconfig A\n\tbool "a" if Q\nendchoice\n';
    const around = (version: string): string[] => {
      const [prompt] = symbolIn(readText(kconfig, { version }), 'A').prompts;
      return prompt === undefined ? [] : conditionsOfPrompt(prompt).map((one) => formatExpression(one));
    };
    expect(around('6.1')).toEqual(['D', 'P', 'Q']);
    expect(around('6.12')).toEqual(['D', 'Q']);
  });

  test('not what hides its prompt, when it is about the entry itself', () => {
    const tree = readText('menu "m"\n\tvisible if V\n\tdepends on D\nconfig A\n\tbool "a" if P\nendmenu\n');
    const [node] = symbolIn(tree, 'A').nodes;
    expect(node === undefined ? [] : conditionsAround(node).map((one) => formatExpression(one))).toEqual([
      'D',
    ]);
  });
});

test('goals that are the same have the same key', () => {
  const tree = readText('config A\n\tint "a"\n\tdepends on B && C\n');
  const ids = new Map<unknown, number>();
  const idOf = (expression: unknown): number => {
    ids.set(expression, ids.get(expression) ?? ids.size);
    return ids.get(expression) ?? -1;
  };
  const symbol = symbolIn(tree, 'A');
  const expression = symbol.nodes[0]?.conditions[0]?.expression;
  if (expression === undefined) throw new Error('A has no condition');
  const keys = [
    goalKey({ kind: 'symbol', symbol, value: 2 }, idOf),
    goalKey({ kind: 'symbol', symbol, value: 1 }, idOf),
    goalKey({ kind: 'text', symbol, text: '2' }, idOf),
    goalKey({ kind: 'expression', expression, value: 2 }, idOf),
    goalKey({ kind: 'expression', expression, value: 0 }, idOf),
  ];
  expect(new Set(keys).size).toBe(5);
  expect(goalKey({ kind: 'expression', expression, value: 2 }, idOf)).toBe(keys[3]);
});
