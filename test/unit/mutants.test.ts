import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratchDir, writeFiles } from './scratch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The output of `npm run mutate -- --stale`, and its exit code. */
function stale(checkout: string): { readonly printed: string; readonly exitCode: number | null } {
  const program = join(root, 'test', 'mutate', 'mutate.mjs');
  const { stdout, status } = spawnSync(process.execPath, [program, '--stale', '--root', checkout], {
    encoding: 'utf8',
  });
  return { printed: stdout, exitCode: status };
}

test('every mutant can still be made: its text is in its file once, and its tests are there', () => {
  expect(stale(root)).toEqual({ printed: '', exitCode: 0 });
});

test('a mutant whose text has changed is listed with its reason', () => {
  const dir = scratchDir();
  const mutants = ['one', 'two', 'none'].map((find) => ({
    file: 'host/a.ts',
    find,
    replace: 'x',
    tests: ['unit/host/a'],
    breaks: 'it',
  }));
  writeFiles(dir, { 'toolkit/host/a.ts': 'one two two\n', 'test/unit/host/a.test.ts': '' });
  const file = join(dir, 'test', 'mutate', 'mutants', 'host.yaml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(mutants));
  expect(stale(dir)).toEqual({
    printed:
      'stale: host 2: toolkit/host/a.ts has its text 2 times\nstale: host 3: toolkit/host/a.ts has its text 0 times\n',
    exitCode: 1,
  });
});
