import { describe, expect, test } from 'vitest';
import {
  describeCompilerCache,
  describeConfinement,
  describeCriticalPath,
  formatSummary,
} from '../../../toolkit/logging/summary.ts';

const rows = [
  { id: 'fetch-sources', outcome: 'fresh', seconds: 0.04 },
  { id: 'build-kernel-for-the-emulator', outcome: 'built', seconds: 301.24 },
  { id: 'build-lxc', outcome: 'failed', seconds: 12 },
  { id: 'pack-images', outcome: 'blocked', seconds: 312.9 },
] as const;

describe('formatSummary', () => {
  test('is an aligned table', () => {
    expect(formatSummary(rows, { columns: 80, colour: false }).split('\n')).toEqual([
      'step                           outcome  seconds',
      'fetch-sources                  fresh        0.0',
      'build-kernel-for-the-emulator  built      301.2',
      'build-lxc                      failed      12.0',
      'pack-images                    blocked        -',
    ]);
  });

  test('shortens step names to fit 40 columns', () => {
    const lines = formatSummary(rows, { columns: 40, colour: false }).split('\n');
    expect(lines[2]).toBe('build-kernel-for-the-…  built      301.2');
    expect(lines.map((line) => line.length)).toEqual([40, 40, 40, 40, 40]);
  });

  test('stays a table on a very narrow terminal and without rows', () => {
    expect(formatSummary(rows, { columns: 5, colour: false }).split('\n')[1]).toBe('fet…  fresh        0.0');
    expect(formatSummary([], { columns: 80, colour: false })).toBe('step  outcome  seconds');
  });

  test('colours the failed outcome without moving the columns', () => {
    const coloured = formatSummary(rows, { columns: 80, colour: true });
    expect(coloured).toContain('\x1b[31mfailed \x1b[39m');
    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(formatSummary(rows, { columns: 80, colour: false }));
  });
});

describe('the longest chain', () => {
  const chain = (...seconds: number[]): ReturnType<typeof describeCriticalPath> =>
    describeCriticalPath(
      seconds.map((took, index) => ({ id: `s${index}`, outcome: 'built', seconds: took })),
    );

  test('is named with its slowest step and that step’s share', () => {
    expect(chain(10, 30, 20)).toBe('longest chain: s0 > s1 > s2, 60 s; slowest: s1, 50 % of it');
  });

  test('leaves out steps that took less than a hundredth of it', () => {
    expect(chain(0.5, 1, 98.5)).toBe('longest chain: s1 > s2, 100 s; slowest: s2, 99 % of it');
  });

  test('appears only from one second on', () => {
    expect(chain(0.5, 0.49)).toBeUndefined();
    expect(chain(0.5, 0.5)).toMatch(/^longest chain: s0 > s1/);
    expect(chain()).toBeUndefined();
  });
});

test('counts cached objects over all steps, and rounds down', () => {
  const counts = [{ compilerCache: { hits: 2, misses: 1 } }, {}, { compilerCache: { hits: 0, misses: 0 } }];
  expect(describeCompilerCache(counts)).toBe('compiler cache: 2 of 3 objects were cached (66 %)');
  expect(describeCompilerCache([{}, { compilerCache: { hits: 0, misses: 0 } }])).toBeUndefined();
});

describe('describeConfinement', () => {
  const missing = { measure: 'user-namespace', why: '', open: [] };

  test('warns of what a container lacks without a word of its definition', () => {
    const lines = describeConfinement([
      { missing: [{ ...missing, chosen: true, message: 'web is as wanted' }] },
      { missing: [] },
      { missing: [{ ...missing, chosen: false, message: 'app is open' }] },
    ]);
    expect(lines).toEqual(['web is as wanted', 'warning: app is open']);
  });
});
