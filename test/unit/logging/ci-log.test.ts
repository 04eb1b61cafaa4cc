import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ciLog, type CiEnvironment, type CiLog } from '../../../toolkit/logging/ci-log.ts';
import { plainLines } from '../../../toolkit/logging/plain-lines.ts';
import { scratchDir } from '../scratch.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_300_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function of(env: CiEnvironment): CiLog {
  const log = ciLog(env);
  if (log === undefined) throw new Error('no service');
  return log;
}

const github = of({ GITHUB_ACTIONS: 'true' });
const gitlab = of({ GITLAB_CI: 'true' });

test.each<CiEnvironment>([{}, { GITHUB_ACTIONS: 'false' }, { GITLAB_CI: '' }])('%j is no service', (env) => {
  expect(ciLog(env)).toBeUndefined();
});

const built = {
  step: 'build-lxc',
  header: '< build-lxc: built in 12 s',
  failed: false,
  reason: undefined,
  seconds: 12,
} as const;
const failed = {
  step: 'build-kernel',
  header: '< build-kernel: failed after 3.0 s: make ended with exit code 2',
  failed: true,
  reason: 'make ended with exit code 2',
  seconds: 3,
} as const;

describe('GitHub', () => {
  test('a step is a group with its outcome as the title', () => {
    expect(github.step({ ...built, lines: ['one', 'two'] })).toEqual([
      '::group::< build-lxc: built in 12 s',
      'one',
      'two',
      '::endgroup::',
    ]);
    expect(github.step({ ...built, lines: [] })).toEqual(['< build-lxc: built in 12 s']);
  });

  test('puts the error above the group of a failed step, with the place that the compiler named', () => {
    const lines = [
      'drivers/a.c:7:1: warning: unused',
      'drivers/fake,1.c:42:9: error: 100 % implicit: x()',
      'drivers/b.c:1:1: error: later',
    ];
    expect(github.step({ ...failed, lines })).toEqual([
      failed.header,
      '::error title=build-kernel,file=drivers/fake%2C1.c,line=42,col=9::100 %25 implicit: x()',
      '::group::the end of the log of build-kernel',
      ...lines,
      '::endgroup::',
    ]);
  });

  test.each([
    ['a.h:3:10: fatal error: x.h: No such file', 'file=a.h,line=3,col=10::x.h: No such file'],
    ['a.y:3: error: no column', 'file=a.y,line=3::no column'],
    ['ld: error: undefined symbol', undefined],
    ['make: *** [Makefile:3: all] Error 2', undefined],
  ])('%j is annotated with its place, if it has one', (line, expected) => {
    const [, command] = github.step({ ...failed, lines: [line] });
    expect(command).toBe(
      expected === undefined
        ? '::error title=build-kernel::make ended with exit code 2'
        : `::error title=build-kernel,${expected}`,
    );
  });

  test('a step that failed before any tool said something is annotated as well', () => {
    expect(github.step({ ...failed, lines: [] })).toEqual([
      failed.header,
      '::error title=build-kernel::make ended with exit code 2',
    ]);
  });

  test.each([
    ['::set-env name=A::b', ': :set-env name=A::b'],
    ['  \u00a0::endgroup::', '  \u00a0: :endgroup::'],
    ['text ##[add-mask]e', 'text ## [add-mask]e'],
    ['harmless\r::stop-commands::x', 'harmless ::stop-commands::x'],
    ['std::string a::b', 'std::string a::b'],
  ])('%j is written as %j', (line, expected) => {
    expect(github.line(line)).toBe(expected);
    expect(github.step({ ...built, lines: [line] })[1]).toBe(expected);
  });
});

describe('GitLab', () => {
  const CLEAR = '\x1b[0K';
  const named = (lines: readonly string[]): string[] =>
    lines.map((line) => line.replace(/lxc_kit_\d+_/, 'lxc_kit_N_'));

  test('a step is a section that lasts as long as the step, folded', () => {
    expect(named(gitlab.step({ ...built, lines: ['one'] }))).toEqual([
      `${CLEAR}section_start:1700000288:lxc_kit_N_build-lxc[collapsed=true]\r${CLEAR}< build-lxc: built in 12 s`,
      'one',
      `${CLEAR}section_end:1700000300:lxc_kit_N_build-lxc\r${CLEAR}`,
    ]);
    expect(gitlab.step({ ...built, lines: [] })).toEqual(['< build-lxc: built in 12 s']);
  });

  test('leaves a failed step unfolded, and uses no name twice', () => {
    const [first, second] = [1, 2].map(() => gitlab.step({ ...failed, lines: ['x'] })[0]);
    expect(first).not.toContain('collapsed');
    expect(first).not.toBe(second);
  });

  test('a tool cannot end a section', () => {
    const line = `${CLEAR}section_end:1:a\r${CLEAR}`;
    expect(gitlab.step({ ...built, lines: [line] })[1]).not.toContain('section_end');
  });
});

test('a step that ends is written whole, with the end of its log, and others are as before', () => {
  const writes: string[] = [];
  const stream = { write: (text: string) => writes.push(text) };
  const logger = plainLines({ stream, now: Date.now, ci: github });
  const logFile = join(scratchDir(), 'build-lxc.log');
  const start = { type: 'step-started', title: 'Building' } as const;
  logger.emit({ ...start, step: 'build-lxc', logFile });
  logger.emit({ ...start, step: 'silent', logFile: '/no/such.log' });
  writeFileSync(logFile, Array.from({ length: 300 }, (_, i) => `::line ${i}::\n`).join(''));
  logger.emit({ type: 'tool-line', step: 'build-lxc', line: '##[error]x' });
  vi.advanceTimersByTime(30_000);
  logger.emit({ type: 'step-finished', step: 'silent', outcome: 'built', seconds: 30 });
  logger.emit({ type: 'step-finished', step: 'build-lxc', outcome: 'built', seconds: 30 });
  logger.emit({ type: 'step-finished', step: 'other', outcome: 'fresh', seconds: 0 });
  logger.emit({ type: 'note', message: 'one\n::warning::two' });
  logger.close();
  expect(writes.slice(2, 5)).toEqual([
    '  build-lxc: 30 s, 1 line, last: ## [error]x\n',
    '  silent: 30 s\n',
    '< silent: built in 30 s\n',
  ]);
  const group = (writes[5] ?? '').split('\n');
  expect(group).toHaveLength(203);
  expect(group.slice(0, 2)).toEqual(['::group::< build-lxc: built in 30 s', ': :line 100::']);
  expect(group.slice(-3)).toEqual([': :line 299::', '::endgroup::', '']);
  expect(writes.slice(6)).toEqual(['note: one\n  : :warning::two\n']);
});
