import { describe, expect, test } from 'vitest';
import type { SymbolValue } from '../../../toolkit/kconfig/diff-configs.ts';
import { linesBetween, reduceFragment } from '../../../toolkit/kconfig/reduce-fragment.ts';

type Values = Readonly<Record<string, string>>;

/**
 * A conf of a few symbols: B and C have A's value unless they are set, and are n without A; D is selected by E; HZ
 * is there with A only.
 */
function conf(base: Values, lines: readonly SymbolValue[]): Map<string, string> {
  const given: Record<string, string | undefined> = { ...base };
  for (const { symbol, value } of lines) given[symbol] = value;
  const final = new Map<string, string>();
  const a = given['A'] ?? 'n';
  final.set('A', a);
  for (const name of ['B', 'C']) final.set(name, a === 'y' ? (given[name] ?? 'y') : 'n');
  final.set('E', given['E'] ?? 'n');
  final.set('D', given['E'] === 'y' ? 'y' : 'n');
  if (a === 'y') final.set('HZ', given['HZ'] ?? '100');
  return final;
}

const asLines = (values: Values): SymbolValue[] =>
  Object.entries(values).map(([symbol, value]) => ({ symbol, value }));

/** The fragment that leads from one set of requests to another, and how often conf ran for it. */
async function reduce(from: Values, to: Values, candidates?: SymbolValue[], maxRuns = 40) {
  const wanted = conf(to, []);
  let runs = 0;
  const { lines, remaining } = await reduceFragment({
    wanted,
    candidates: candidates ?? linesBetween(conf(from, []), wanted),
    configure: (tried) => {
      runs++;
      return Promise.resolve(conf(from, tried));
    },
    maxRuns,
  });
  return { lines: lines.map(({ symbol, value }) => `${symbol}=${value}`), remaining, runs };
}

test('the lines between two configurations', () => {
  const before = new Map([
    ['OFF', 'y'],
    ['M', 'm'],
    ['TEXT', '"gone"'],
    ['HZ', '100'],
  ]);
  const after = new Map([
    ['HZ', '250'],
    ['ON', 'y'],
    ['M', 'n'],
  ]);
  // A text that is no longer mentioned cannot be requested: the symbol it depends on was switched off.
  expect(linesBetween(before, after)).toEqual(asLines({ HZ: '250', M: 'n', OFF: 'n', ON: 'y' }));
});

describe('a fragment', () => {
  test('has the symbol that was switched on, and not what came with it', async () => {
    expect(await reduce({}, { A: 'y' })).toMatchObject({ lines: ['A=y'], remaining: [] });
    expect(await reduce({}, { E: 'y' })).toMatchObject({ lines: ['E=y'], remaining: [] });
  });

  test('has the symbol that was switched off, and not what went with it', async () => {
    expect(await reduce({ A: 'y' }, {})).toMatchObject({ lines: ['A=n'], remaining: [] });
  });

  test('has everything that does not follow', async () => {
    expect(await reduce({}, { A: 'y', C: 'n', HZ: '250', E: 'y' })).toMatchObject({
      lines: ['A=y', 'C=n', 'E=y', 'HZ=250'],
      remaining: [],
    });
  });

  test('gets the lines that it lacks', async () => {
    // C is n before and after, but with A=y alone it would become y.
    expect(await reduce({}, { A: 'y', C: 'n' }, asLines({ A: 'y' }))).toMatchObject({
      lines: ['A=y', 'C=n'],
      remaining: [],
    });
  });

  test('names the symbols that come out differently all the same', async () => {
    const wanted = conf({}, []).set('D', 'y');
    const { lines, remaining } = await reduceFragment({
      wanted,
      candidates: asLines({ D: 'y' }),
      configure: (tried) => Promise.resolve(conf({}, tried)),
      maxRuns: 40,
    });
    expect(lines).toEqual(asLines({ D: 'y' }));
    expect(remaining).toEqual(['D']);
  });

  test('takes no more runs than it may, and is right all the same', async () => {
    const { lines, remaining, runs } = await reduce({}, { A: 'y' }, undefined, 1);
    expect(runs).toBeLessThanOrEqual(2);
    expect(remaining).toEqual([]);
    expect(lines).toContain('A=y');
  });

  test('keeps its only line without a trial', async () => {
    expect(await reduce({ A: 'y' }, { A: 'y', B: 'n' })).toEqual({ lines: ['B=n'], remaining: [], runs: 1 });
  });
});
