import { describe, expect, test } from 'vitest';
import { formatSummary } from '../../../toolkit/logging/summary.ts';

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
