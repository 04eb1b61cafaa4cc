import { expect, test } from 'vitest';
import type { KitEvent } from '../../../toolkit/base/event.ts';
import { jsonLines } from '../../../toolkit/logging/json-lines.ts';

test('jsonLines writes every event as one object on one line, with the time since the start', () => {
  const written: string[] = [];
  let clock = 70_000;
  const logger = jsonLines({ stream: { write: (text) => written.push(text) }, now: () => clock });
  const events: KitEvent[] = [
    { type: 'step-started', step: 'a', title: 'Doing a', logFile: '/l' },
    { type: 'tool-line', step: 'a', line: 'two\nlines "quoted" \x1b[0m' },
    { type: 'step-finished', step: 'a', outcome: 'built', seconds: 1.5 },
  ];
  for (const event of events) {
    clock += 250.4;
    logger.emit(event);
  }
  logger.close();
  logger.emit({ type: 'note', message: 'too late' });
  expect(written.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  expect(written.map((line): unknown => JSON.parse(line))).toEqual([
    { timeMs: 250, ...events[0] },
    { timeMs: 501, ...events[1] },
    { timeMs: 751, ...events[2] },
  ]);
});
