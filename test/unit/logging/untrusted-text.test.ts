import { expect, test } from 'vitest';
import { toPrintable } from '../../../toolkit/logging/display-width.ts';
import { formatSummary } from '../../../toolkit/logging/summary.ts';

test('a tool’s line cannot turn the direction of what follows it', () => {
  for (const mark of '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069') {
    expect(toPrintable(`a${mark}b`)).toBe('ab');
  }
});

test('only what failed is red', () => {
  const outcomes = ['built', 'restored', 'fresh', 'failed', 'blocked', 'cancelled'] as const;
  const rows = outcomes.map((outcome) => ({ id: outcome, outcome, seconds: 1 }));
  const lines = formatSummary(rows, { columns: 80, colour: true }).split('\n');
  expect(lines.filter((line) => line.includes('\x1b['))).toEqual([expect.stringMatching(/^failed /)]);
});
