import { expect, test } from 'vitest';
import type { Wanted } from '../../../toolkit/kconfig-advice/fix-input.ts';
import { predictValues } from '../../../toolkit/kconfig-advice/predict-changes.ts';
import { proveFix } from '../../../toolkit/configuration/prove-fix.ts';
import type { ReadTree } from '../../../toolkit/configuration/read-kconfig-tree.ts';
import { fixInput } from '../kconfig-tree/read-text.ts';

/** A tree whose conf is our own computation. */
function readTree(kconfig: string, asked = ''): ReadTree {
  const input = fixInput(kconfig, { asked });
  const configureWith = (lines: readonly Wanted[]): Promise<ReadonlyMap<string, string>> => {
    const values = predictValues(input, lines);
    const written = [...input.tree.symbols.values()].filter((symbol) => values.written(symbol));
    return Promise.resolve(new Map(written.map((symbol) => [symbol.name, values.text(symbol)])));
  };
  return { ...input, configureWith } as ReadTree;
}

async function prove(kconfig: string, ...symbols: string[]): Promise<Record<string, unknown>> {
  const wanted = symbols.map((symbol) => ({ symbol, value: 'y' }));
  const { results, lines } = await proveFix(readTree(kconfig), wanted);
  return {
    ...Object.fromEntries(results.map(({ proposal, outcome }) => [proposal.wanted.symbol, outcome])),
    lines: lines.map(({ symbol, value }) => `${symbol}=${value}`).join(' '),
  };
}

const bool = (name: string, ...options: string[]): string =>
  [`config ${name}`, `\tbool "${name}"`, ...options.map((option) => `\t${option}`), ''].join('\n');

test('a symbol that excludes an earlier one is a conflict, one that nothing gives is blocked', async () => {
  const kconfig =
    bool('A', 'depends on !C') + bool('B', 'depends on C') + bool('C') + bool('D', 'depends on GONE');
  expect(await prove(kconfig, 'A', 'B', 'D')).toEqual({
    A: 'proven',
    B: 'conflict',
    D: 'blocked',
    lines: 'A=y',
  });
  expect(await prove(kconfig, 'B')).toEqual({ B: 'proven', lines: 'C=y B=y' });
});

test('where the shortest way excludes an earlier symbol, a longer one is found', async () => {
  const kconfig =
    bool('A', 'depends on !C') + bool('B', 'depends on C || (D && E)') + bool('C') + bool('D') + bool('E');
  expect(await prove(kconfig, 'B')).toEqual({ B: 'proven', lines: 'C=y B=y' });
  expect(await prove(kconfig, 'A', 'B')).toEqual({ A: 'proven', B: 'proven', lines: 'A=y D=y E=y B=y' });
});

test('the ways to a symbol are compared beside what the others bring', async () => {
  // Alone, FEW changes least; HEAVY is there anyway.
  const helpers = ['H1', 'H2', 'H3'].map((name) => `config ${name}\n\tbool\n`).join('');
  const kconfig =
    helpers +
    bool('A', 'depends on HEAVY || FEW') +
    bool('HEAVY', 'select H1', 'select H2', 'select H3') +
    bool('FEW') +
    bool('B', 'depends on HEAVY');
  expect(await prove(kconfig, 'A')).toEqual({ A: 'proven', lines: 'FEW=y A=y' });
  expect(await prove(kconfig, 'A', 'B')).toEqual({ A: 'proven', B: 'proven', lines: 'HEAVY=y A=y B=y' });
});

test('lines with which conf leaves out what a fragment asks for are refused', async () => {
  const tree = readTree(bool('A') + bool('B'), 'CONFIG_B=y');
  const configureWith = async (lines: readonly Wanted[]): Promise<ReadonlyMap<string, string>> => {
    const final = new Map(await tree.configureWith(lines));
    final.delete('B');
    return final;
  };
  const outcomes = async (read: ReadTree): Promise<string[]> =>
    (await proveFix(read, [{ symbol: 'A', value: 'y' }])).results.map(({ outcome }) => outcome);
  expect(await outcomes(tree)).toEqual(['proven']);
  expect(await outcomes({ ...tree, configureWith })).toEqual(['refused']);
});

test('lines with which conf leaves out what a fragment asks for are refused', async () => {
  const tree = readTree(bool('A') + bool('B'), 'CONFIG_B=y');
  const configureWith = async (lines: readonly Wanted[]): Promise<ReadonlyMap<string, string>> => {
    const final = new Map(await tree.configureWith(lines));
    final.delete('B');
    return final;
  };
  const outcomes = async (read: ReadTree): Promise<string[]> =>
    (await proveFix(read, [{ symbol: 'A', value: 'y' }])).results.map(({ outcome }) => outcome);
  expect(await outcomes(tree)).toEqual(['proven']);
  expect(await outcomes({ ...tree, configureWith })).toEqual(['refused']);
});
