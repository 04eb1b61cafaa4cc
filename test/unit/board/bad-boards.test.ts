import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DiagnosticsError, formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { loadProfile } from '../../../toolkit/board/load-profile.ts';

const fixturesDir = join(import.meta.dirname, '../../fixtures');
const badDir = join(fixturesDir, 'boards-bad');
const knownFragments = { kernel: ['cgroup-v1', 'cgroup-v2', 'lxc', 'malta'], busybox: ['lxc', 'static'] };

/** The problems as a user in test/fixtures reads them on the screen. */
async function printedProblems(name: string): Promise<string> {
  try {
    await loadProfile(join(badDir, name), {
      shippedBoardsDir: shippedPath('boards'),
      displayPath: (file) => relative(fixturesDir, file),
      knownFragments,
    });
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    expect(error.code).toBe('PROFILE_INVALID');
    return `${[error.message, ...error.diagnostics.map(formatDiagnostic)].join('\n')}\n`;
  }
  throw new Error(`${name} was accepted`);
}

describe('a profile with mistakes', () => {
  const names = readdirSync(badDir).filter((name) => name.endsWith('.yaml'));

  test('there are such profiles', () => {
    expect(names.length).toBeGreaterThan(20);
  });

  test.each(names)('%s', async (name) => {
    await expect(await printedProblems(name)).toMatchFileSnapshot(join(badDir, name.replace(/yaml$/, 'txt')));
  });
});
