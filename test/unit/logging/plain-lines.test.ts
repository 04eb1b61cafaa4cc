import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { plainLines } from '../../../toolkit/logging/plain-lines.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 5_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  let text = '';
  const stream = { write: (part: string) => (text += part) };
  const logger = plainLines({ stream, now: Date.now });
  const kernel = {
    type: 'step-started',
    step: 'build-kernel',
    title: 'Building Linux 6.1.192',
    logFile: '/l',
  } as const;
  return { logger, kernel, written: () => text };
}

describe('plainLines', () => {
  test('prints one line per start and end, notes and warnings, and no tool lines', () => {
    const { logger, kernel, written } = start();
    logger.emit(kernel);
    logger.emit({ type: 'tool-line', step: 'build-kernel', line: 'CC init/main.o' });
    logger.emit({ type: 'note', message: 'LXC comes from a tarball' });
    logger.emit({ type: 'warning', step: 'build-kernel', message: 'first\nsecond' });
    logger.emit({ type: 'step-finished', step: 'build-kernel', outcome: 'built', seconds: 301.2 });
    logger.emit({ type: 'step-finished', step: 'a', outcome: 'fresh', seconds: 0 });
    logger.emit({
      type: 'step-finished',
      step: 'b',
      outcome: 'built',
      seconds: 4.21,
      reason: 'lxc.config changed',
    });
    logger.emit({
      type: 'step-finished',
      step: 'c',
      outcome: 'failed',
      seconds: 12,
      reason: 'make ended with exit code 2',
    });
    logger.emit({ type: 'step-finished', step: 'd', outcome: 'blocked', seconds: 0 });
    logger.emit({
      type: 'step-finished',
      step: 'e',
      outcome: 'cancelled',
      seconds: 3,
      reason: 'interrupted',
    });
    expect(written().split('\n')).toEqual([
      '> build-kernel: Building Linux 6.1.192',
      'note: LXC comes from a tarball',
      'warning: build-kernel: first',
      '  second',
      '< build-kernel: built in 301 s',
      '< b: built in 4.2 s (lxc.config changed)',
      '< c: failed after 12 s: make ended with exit code 2',
      '< d: blocked',
      '< e: cancelled: interrupted',
      '',
    ]);
  });

  test('a long step says every 30 s what it is doing, and no more often', () => {
    const { logger, kernel, written } = start();
    logger.emit(kernel);
    for (let second = 1; second <= 75; second++) {
      logger.emit({ type: 'tool-line', step: 'build-kernel', line: `  CC\tfile-${second}.o` });
      vi.advanceTimersByTime(1000);
    }
    logger.emit({ type: 'step-finished', step: 'build-kernel', outcome: 'built', seconds: 75 });
    vi.advanceTimersByTime(300_000);
    expect(written().split('\n')).toEqual([
      '> build-kernel: Building Linux 6.1.192',
      '  build-kernel: 30 s, 30 lines, last: CC file-30.o',
      '  build-kernel: 60 s, 60 lines, last: CC file-60.o',
      '< build-kernel: built in 75 s',
      '',
    ]);
  });

  test('a heartbeat shows progress, and comes from a silent step too', () => {
    const { logger, kernel, written } = start();
    logger.emit(kernel);
    vi.advanceTimersByTime(30_000);
    logger.emit({
      type: 'step-progress',
      step: 'build-kernel',
      done: 45e6,
      total: 134e6,
      unit: 'bytes',
      text: 'kernel',
    });
    vi.advanceTimersByTime(30_000);
    expect(written()).toContain('\n  build-kernel: 30 s\n  build-kernel: 60 s, kernel 45/134 MB 33 %\n');
    logger.close();
  });

  test('a heartbeat says how long the step took the last time', () => {
    const { logger, kernel, written } = start();
    logger.emit({ ...kernel, lastSeconds: 71 });
    const lines = {
      type: 'step-progress',
      step: 'build-kernel',
      done: 600,
      total: 1200,
      unit: 'lines',
    } as const;
    logger.emit({ type: 'tool-line', step: 'build-kernel', line: 'CC x.o' });
    logger.emit(lines);
    vi.advanceTimersByTime(60_000);
    logger.emit({ type: 'step-progress', step: 'build-kernel', done: 1260, unit: 'lines' });
    vi.advanceTimersByTime(30_000);
    expect(written().split('\n').slice(1)).toEqual([
      '  build-kernel: 30 s (last time 71 s), 600/1200 lines 50 %, last: CC x.o',
      '  build-kernel: 60 s (last time 71 s), 600/1200 lines 50 %, last: CC x.o',
      '  build-kernel: 90 s (last time 71 s), 1260 lines, last: CC x.o',
      '',
    ]);
    logger.close();
  });

  test('has no escape sequences, whatever tools and messages contain', () => {
    const { logger, kernel, written } = start();
    logger.emit(kernel);
    logger.emit({
      type: 'tool-line',
      step: 'build-kernel',
      line: `\x1b[31mred\x1b[0m\x07 ${'x'.repeat(500)}`,
    });
    logger.emit({ type: 'warning', message: '\x1b[1mbold\x1b[0m\rover' });
    vi.advanceTimersByTime(30_000);
    logger.close();
    expect(written()).not.toMatch(/[^\n\x20-\x7e…]/);
    expect(
      Math.max(
        ...written()
          .split('\n')
          .map((text) => text.length),
      ),
    ).toBeLessThan(150);
  });

  test('close stops the heartbeats', () => {
    const { logger, kernel, written } = start();
    logger.emit(kernel);
    logger.close();
    expect(vi.getTimerCount()).toBe(0);
    const before = written();
    logger.emit(kernel);
    expect(written()).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });
});
