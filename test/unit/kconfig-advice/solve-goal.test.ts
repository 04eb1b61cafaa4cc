import { expect, test } from 'vitest';
import { linesOf, solveGoal, type SolveOptions } from '../../../toolkit/kconfig-advice/solve-goal.ts';
import { readText, symbolIn, valuesOf } from '../kconfig-tree/read-text.ts';

/** The lines of the cheapest way to a symbol, or undefined when nothing leads there. */
function solve(
  kconfig: string,
  name: string,
  lineCost: SolveOptions['lineCost'] = () => 0,
): string[] | undefined {
  const tree = readText(kconfig);
  const solved = solveGoal(
    { kind: 'symbol', symbol: symbolIn(tree, name), value: 2 },
    { values: valuesOf(tree, '', { unset: 'n' }), defaultCounts: () => false, lineCost },
  );
  expect(solved.cost === Infinity).toBe(solved.best === undefined);
  return solved.best && linesOf(solved).map(({ symbol, value }) => `${symbol.name}=${value}`);
}

const bool = (name: string, ...options: string[]): string =>
  [`config ${name}`, `\tbool "${name}"`, ...options.map((option) => `\t${option}`), ''].join('\n');

test('puts a needed symbol before the one that needs it', () => {
  expect(solve(bool('A', 'depends on B') + bool('B', 'depends on C') + bool('C'), 'A')).toEqual([
    'C=y',
    'B=y',
    'A=y',
  ]);
});

test('takes the shorter side of "or"', () => {
  const kconfig = bool('A', 'depends on B || C') + bool('B', 'depends on D') + bool('C') + bool('D');
  expect(solve(kconfig, 'A')).toEqual(['C=y', 'A=y']);
});

test('a line of its own is cheaper than a detour, and a detour cheaper than two', () => {
  expect(solve(bool('A') + bool('S', 'select A'), 'A')).toEqual(['A=y']);
  expect(
    solve(
      'config A\n\tbool\n' + bool('S', 'select A') + bool('T', 'select A', 'depends on X') + bool('X'),
      'A',
    ),
  ).toEqual(['S=y']);
  expect(solve(bool('A', 'depends on B') + bool('B') + bool('S', 'select A'), 'A')).toEqual(['S=y']);
});

test('writes a symbol that two parts need only once', () => {
  const kconfig =
    bool('A', 'depends on B && C') + bool('B', 'depends on D') + bool('C', 'depends on D') + bool('D');
  expect(solve(kconfig, 'A')).toEqual(['D=y', 'B=y', 'C=y', 'A=y']);
});

test('lines that cost too much are left, lines that are forbidden never taken', () => {
  const kconfig = bool('A', 'depends on B || C') + bool('B') + bool('C');
  const costs =
    (b: number, c: number): SolveOptions['lineCost'] =>
    ({ symbol }) =>
      symbol.name === 'B' ? b : symbol.name === 'C' ? c : 0;
  expect(solve(kconfig, 'A', costs(5, 0))).toEqual(['C=y', 'A=y']);
  expect(solve(kconfig, 'A', costs(5, Infinity))).toEqual(['B=y', 'A=y']);
  expect(solve(kconfig, 'A', costs(Infinity, Infinity))).toBeUndefined();
});

test('gives up on a symbol that needs itself, unless there is another way', () => {
  expect(solve(bool('A', 'depends on B') + bool('B', 'depends on A'), 'A')).toBeUndefined();
  expect(solve(bool('A', 'depends on A'), 'A')).toBeUndefined();
  expect(solve(bool('A', 'depends on B || C') + bool('B', 'depends on A') + bool('C'), 'A')).toEqual([
    'C=y',
    'A=y',
  ]);
});

test('gives up on a symbol that nothing defines, or that has neither prompt nor default', () => {
  expect(solve(bool('A', 'depends on UNKNOWN'), 'A')).toBeUndefined();
  expect(solve('config A\n\tbool\n', 'A')).toBeUndefined();
});

test('solves a dependency on an n', () => {
  const kconfig = bool('A', 'depends on !ON') + 'config ON\n\tdef_bool y if SWITCH\n' + bool('SWITCH');
  expect(solve(kconfig, 'A')).toEqual(['A=y']);
});

test('chains that are longer than any kernel has come to an end', () => {
  const length = 6_000;
  const links = Array.from({ length }, (_, index) => bool(`S${index}`, `depends on S${index + 1}`));
  expect(solve(`${links.join('')}${bool(`S${length}`)}`, 'S0')).toHaveLength(length + 1);
  // Beyond the limit there is no answer, and no end of the stack.
  const more = Array.from({ length: 40_000 }, (_, index) => bool(`S${index}`, `depends on S${index + 1}`));
  expect(solve(more.join(''), 'S0')).toBeUndefined();
});
