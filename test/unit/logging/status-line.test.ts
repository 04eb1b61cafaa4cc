import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { KitEvent } from '../../../toolkit/base/event.ts';
import { statusLine } from '../../../toolkit/logging/status-line.ts';
import { FakeTerminal } from '../../rigs/fake-terminal.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function start(columns = 80, colour = false) {
  const terminal = new FakeTerminal(columns);
  const logger = statusLine({ stream: terminal, now: Date.now, columns: terminal.columns, colour });
  const emit = (...events: KitEvent[]): void => {
    for (const event of events) logger.emit(event);
  };
  return { terminal, logger, emit };
}

const started = (step: string, title = `Doing ${step}`): KitEvent => ({
  type: 'step-started',
  step,
  title,
  logFile: `/logs/${step}.log`,
});
const built = (step: string, seconds: number): KitEvent => ({
  type: 'step-finished',
  step,
  outcome: 'built',
  seconds,
});
const line = (step: string, text: string): KitEvent => ({ type: 'tool-line', step, line: text });

describe('statusLine', () => {
  test('shows a live line per running step, with its title until the tool says something', () => {
    const { terminal, emit } = start();
    emit(started('build-kernel', 'Building Linux 6.1.192'), started('build-lxc', 'Building LXC 5.0.2'));
    vi.advanceTimersByTime(100);
    expect(terminal.screen()).toEqual([
      'build-kernel  0:00  Building Linux 6.1.192',
      'build-lxc  0:00  Building LXC 5.0.2',
    ]);
    emit(line('build-kernel', '  CC      init/main.o'));
    vi.advanceTimersByTime(83_000);
    expect(terminal.screen()).toEqual([
      'build-kernel  1:23  CC init/main.o',
      'build-lxc  1:23  Building LXC 5.0.2',
    ]);
  });

  test('moves finished steps, notes and warnings above the live lines', () => {
    const { terminal, emit } = start();
    emit(started('a'), started('b'));
    vi.advanceTimersByTime(100);
    emit(
      { type: 'note', step: 'a', message: 'from the mirror' },
      built('a', 301.4),
      { type: 'step-finished', step: 'c', outcome: 'fresh', seconds: 0 },
      { type: 'warning', message: 'one\ntwo' },
    );
    vi.advanceTimersByTime(100);
    expect(terminal.screen()).toEqual([
      'note: a: from the mirror',
      'a: built in 301 s',
      'warning: one',
      '  two',
      'b  0:00  Doing b',
    ]);
  });

  test('shows the share done', () => {
    const { terminal, emit } = start();
    emit(started('fetch-sources', 'Fetching sources'), {
      type: 'step-progress',
      step: 'fetch-sources',
      done: 45_000_000,
      total: 134_400_000,
      unit: 'bytes',
      text: 'kernel',
    });
    vi.advanceTimersByTime(100);
    expect(terminal.screen()).toEqual(['fetch-sources  0:00  kernel 45/134 MB 33 %  Fetching sources']);
  });

  test('shows how long a step took the last time, unless that was short', () => {
    const { terminal, emit } = start();
    emit({ type: 'step-started', step: 'build-kernel', title: 'Building', logFile: '/l', lastSeconds: 218 });
    emit({ type: 'step-started', step: 'short', title: 'Over soon', logFile: '/l', lastSeconds: 4.9 });
    vi.advanceTimersByTime(100);
    vi.advanceTimersByTime(72_000);
    expect(terminal.screen()).toEqual([
      'build-kernel  1:12 (last time 3:38)  Building',
      'short  1:12  Over soon',
    ]);
  });

  test.each([
    [80, ['build-kernel  0:00 (last time 3:38)  700/1200 lines 58 %  CC drivers/very/very…']],
    [50, ['build-kernel  0:00 (last time 3:38)  58 %']],
    [40, ['build-kernel  0:00  58 %  CC drivers/v…']],
    [30, ['build-kernel  0:00  58 %']],
    [10, ['build-ke…']],
    [1, []],
  ])('the last time does not wrap at %i columns', (columns, expected) => {
    const { terminal, emit } = start(columns);
    emit(
      { type: 'step-started', step: 'build-kernel', title: 'Building', logFile: '/l', lastSeconds: 218 },
      { type: 'step-progress', step: 'build-kernel', done: 700, total: 1200, unit: 'lines' },
      line('build-kernel', `  CC      drivers/${'very/'.repeat(30)}long.o`),
    );
    vi.advanceTimersByTime(100);
    expect(terminal.screen()).toEqual(expected);
  });

  test('redraws at most ten times a second, however much is printed', () => {
    const { terminal, emit } = start();
    emit(started('a'));
    vi.advanceTimersByTime(100);
    const times: number[] = [];
    const write = vi.spyOn(terminal, 'write').mockImplementation(function (this: FakeTerminal, text) {
      times.push(Date.now());
      FakeTerminal.prototype.write.call(terminal, text);
    });
    for (let i = 0; i < 1000; i++) {
      emit(line('a', `line ${i}`));
      vi.advanceTimersByTime(1);
    }
    write.mockRestore();
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(times.length).toBeGreaterThan(5);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100);
    vi.advanceTimersByTime(100);
    expect(terminal.screen()).toEqual(['a  0:01  line 999']);
  });

  test('writes nothing while nothing changes', () => {
    const { terminal, emit } = start();
    emit(started('a'));
    vi.advanceTimersByTime(150);
    const before = terminal.writes.length;
    emit(line('a', ' Doing   a '));
    vi.advanceTimersByTime(300);
    expect(terminal.writes.length).toBe(before);
  });

  test.each([
    [
      60,
      [
        'build-kernel  0:00  700/1200 commands 58 %  CC drivers/ver…',
        `build-busybox  0:00  ${'漢字'.repeat(9)}…`,
      ],
    ],
    [40, ['build-kernel  0:00  58 %  CC drivers/v…', 'build-busybox  0:00  漢字漢字漢字漢字…']],
    [26, ['build-kernel  0:00  58 %', 'build-busybox  0:00']],
    [24, ['build-kernel  0:00', 'build-busybox  0:00']],
    [10, ['build-ke…', 'build-bu…']],
    [3, ['b…', 'b…']],
    [1, []],
  ])('never wraps at %i columns', (columns, expected) => {
    const { terminal, emit } = start(columns);
    emit(
      started('build-kernel'),
      { type: 'step-progress', step: 'build-kernel', done: 700, total: 1200, unit: 'commands' },
      line('build-kernel', `  CC      drivers/${'very/'.repeat(30)}long.o`),
      started('build-busybox'),
      line('build-busybox', '漢字'.repeat(50)),
    );
    vi.advanceTimersByTime(100);
    expect(terminal.screen()).toEqual(expected);
    emit(built('build-kernel', 12));
    vi.advanceTimersByTime(100);
    emit(built('build-busybox', 3));
    vi.advanceTimersByTime(100);
    expect(terminal.screen().length).toBeLessThanOrEqual(2);
  });

  test('takes back lines that the terminal wrapped when it was made narrower', () => {
    const { terminal, emit } = start(80);
    emit({ type: 'note', message: 'stays' }, started('build-kernel'), started('build-lxc'), started('c'));
    emit(
      line('build-kernel', 'a line that is long enough to be wrapped at forty columns'),
      line('build-lxc', 'another line that is long enough to be wrapped at forty columns'),
    );
    vi.advanceTimersByTime(100);
    terminal.resize(30);
    expect(terminal.screen()).toHaveLength(8);
    vi.advanceTimersByTime(1000);
    expect(terminal.screen()).toEqual([
      'note: stays',
      'build-kernel  0:01  a line t…',
      'build-lxc  0:01  another lin…',
      'c  0:01  Doing c',
    ]);
    terminal.resize(100);
    vi.advanceTimersByTime(1000);
    expect(terminal.screen()[0]).toBe('note: stays');
    expect(terminal.screen()[1]).toMatch(/wrapped at forty columns$/);
    expect(terminal.screen()).toHaveLength(4);
  });

  test('an echoed ^C leaves no trace', () => {
    const { terminal, emit, logger } = start(40);
    emit(started('a'), line('a', 'x'.repeat(100)));
    vi.advanceTimersByTime(100);
    terminal.write('^C');
    emit({ type: 'step-finished', step: 'a', outcome: 'cancelled', seconds: 3 });
    logger.close();
    expect(terminal.screen()).toEqual(['a: cancelled']);
  });

  test('shows no more live lines than fit a small terminal', () => {
    const { terminal, emit } = start();
    for (let i = 0; i < 12; i++) emit(started(`step-${i}`));
    vi.advanceTimersByTime(100);
    expect(terminal.screen()).toHaveLength(8);
    expect(terminal.screen().at(-1)).toBe('… and 5 more steps');
  });

  test('tool output cannot move the cursor or change colours', () => {
    const { terminal, emit } = start();
    emit(started('a'), line('a', '\x1b[2J\x1b[31m10 %\r 50 %\tdone\x07\x1b[0m'));
    vi.advanceTimersByTime(100);
    expect(terminal.screen()).toEqual(['a  0:00  50 % done']);
  });

  test('close writes what is due, removes the live lines, gives the cursor back and stops all timers', () => {
    const { terminal, emit, logger } = start();
    emit(started('a'), started('b'));
    vi.advanceTimersByTime(100);
    expect(terminal.cursorVisible).toBe(false);
    emit(built('a', 2), { type: 'warning', message: 'last words' });
    logger.close();
    expect(terminal.screen()).toEqual(['a: built in 2.0 s', 'warning: last words']);
    expect(terminal.cursorVisible).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    const before = terminal.writes.length;
    emit(started('late'));
    logger.close();
    vi.advanceTimersByTime(5000);
    expect(terminal.writes.length).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('gives the cursor back when no step runs any more', () => {
    const { terminal, emit } = start();
    emit(started('a'));
    vi.advanceTimersByTime(100);
    emit(built('a', 1));
    vi.advanceTimersByTime(100);
    expect(terminal.cursorVisible).toBe(true);
  });

  test('never touches the terminal when there is nothing to show', () => {
    const { terminal, logger } = start();
    vi.advanceTimersByTime(5000);
    logger.close();
    expect(terminal.writes).toEqual([]);
  });

  test('colours only when asked', () => {
    const plain = start(80, false);
    const coloured = start(80, true);
    for (const { emit, logger } of [plain, coloured]) {
      emit(started('a'));
      vi.advanceTimersByTime(100);
      emit({ type: 'step-finished', step: 'a', outcome: 'failed', seconds: 1, reason: 'exit code 2' });
      logger.close();
    }
    expect(plain.terminal.writes.join('')).not.toMatch(/\x1b\[\d+m/);
    expect(coloured.terminal.writes.join('')).toContain('a:\x1b[31m failed after 1.0 s: exit code 2\x1b[39m');
    expect(coloured.terminal.screen()).toEqual(plain.terminal.screen());
  });

  test('a terminal that says it has 0 columns is taken for 80', () => {
    const { terminal, emit } = start(0);
    emit(started('a', 'x'.repeat(200)));
    vi.advanceTimersByTime(100);
    const drawn = terminal.writes.join('').replace(/\x1b\[[?\d]*[A-Za-z]|\r/g, '');
    expect(drawn).toHaveLength(79);
  });
});
