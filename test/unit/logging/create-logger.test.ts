import { describe, expect, test } from 'vitest';
import {
  type LoggerEnvironment,
  type LogFormat,
  createLogger,
  wantsColour,
} from '../../../toolkit/logging/create-logger.ts';

const finished = { type: 'step-finished', step: 'a', outcome: 'built', seconds: 1 } as const;

function shown(format: LogFormat, isTty: boolean, env: LoggerEnvironment): string {
  let text = '';
  const stream = { write: (part: string) => (text += part) };
  const logger = createLogger({ format, stream, isTty, columns: () => 80, env, now: () => 0 });
  logger.emit(finished);
  logger.close();
  return text;
}

const PLAIN = '< a: built in 1.0 s\n';
const STATUS = 'a: built in 1.0 s\n';
const COLOURED_STATUS = 'a:\x1b[32m built in 1.0 s\x1b[39m\n';

describe('createLogger', () => {
  test.each<[string, LogFormat, boolean, LoggerEnvironment, string]>([
    ['a terminal', 'auto', true, { TERM: 'xterm' }, COLOURED_STATUS],
    ['a terminal with NO_COLOR', 'auto', true, { TERM: 'xterm', NO_COLOR: '1' }, STATUS],
    ['a terminal with an empty NO_COLOR', 'auto', true, { TERM: 'xterm', NO_COLOR: '' }, COLOURED_STATUS],
    ['a terminal and CI=false', 'auto', true, { TERM: 'xterm', CI: 'false' }, COLOURED_STATUS],
    ['a dumb terminal', 'auto', true, { TERM: 'dumb' }, PLAIN],
    ['a terminal of no known kind', 'auto', true, {}, PLAIN],
    ['a pipe', 'auto', false, { TERM: 'xterm' }, PLAIN],
    ['CI', 'auto', true, { TERM: 'xterm', CI: 'true' }, PLAIN],
    ['GitHub', 'auto', true, { TERM: 'xterm', GITHUB_ACTIONS: 'true' }, PLAIN],
    ['GitLab', 'auto', true, { TERM: 'xterm', GITLAB_CI: 'true' }, PLAIN],
    ['plain on a terminal', 'plain', true, { TERM: 'xterm' }, PLAIN],
    [
      'json on a terminal',
      'json',
      true,
      { TERM: 'xterm' },
      `${JSON.stringify({ timeMs: 0, ...finished })}\n`,
    ],
  ])('%s', (_name, format, isTty, env, expected) => {
    expect(shown(format, isTty, env)).toBe(expected);
  });

  test('wantsColour follows the terminal, CI and NO_COLOR', () => {
    expect(wantsColour(true, { TERM: 'xterm' })).toBe(true);
    expect(wantsColour(false, { TERM: 'xterm' })).toBe(false);
    expect(wantsColour(true, { TERM: 'xterm', NO_COLOR: '1' })).toBe(false);
  });
});
