import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { attemptClasses } from './attempt.ts';
import { attempts, notApplicable } from './attempts.ts';
import { guestFiles } from './guest-files.ts';

const program = shippedPath('test', 'escape', 'program');
const sources = readdirSync(program).map((name) => readFileSync(join(program, name), 'utf8'));
const inProgram = sources.flatMap((text) =>
  [...text.matchAll(/^\t\{"([\w-]+)", \w+\},$/gm)].map(([, id]) => id ?? ''),
);

test('there are at least 100 attempts, in every class', () => {
  expect(attempts.length).toBeGreaterThanOrEqual(100);
  expect([...new Set(attempts.map(({ class: cls }) => cls))].sort()).toEqual([...attemptClasses].sort());
});

test('each has a name of its own, also where the kernel cuts it off', () => {
  const short = attempts.map(({ id }) => id.slice(0, 15));
  expect(short.filter((id, index) => short.indexOf(id) !== index)).toEqual([]);
});

test('each is in the program, unless it is a script; the program has no other', () => {
  const scripts = attempts.filter(({ alone }) => alone?.includes('link_at') === true).map(({ id }) => id);
  const named = attempts.map(({ id }) => id).filter((id) => !scripts.includes(id));
  // The first half of exe-overwrite.
  expect(inProgram.filter((id) => id !== 'exe-prepare').sort()).toEqual([...named].sort());
});

test('what there is to try depends on the kernel, the root and the cgroup version', () => {
  const config = new Map([
    ['CONFIG_A', 'y'],
    ['CONFIG_B', 'm'],
  ]);
  const here = { root: 'disk', cgroup: 'v2', config } as const;
  const attempt = { id: 'a', class: 'mounts', tries: '', witness: '' } as const;
  expect(notApplicable(attempt, here)).toBeUndefined();
  expect(notApplicable({ ...attempt, needs: ['A'], root: 'disk', cgroup: 'v2' }, here)).toBeUndefined();
  expect(notApplicable({ ...attempt, needs: ['A', 'B', 'C'] }, here)).toBe(
    'not on this kernel: CONFIG_B, CONFIG_C',
  );
  expect(notApplicable({ ...attempt, root: 'initramfs' }, here)).toBe('only with the root on initramfs');
  expect(notApplicable({ ...attempt, cgroup: 'v1' }, here)).toBe('only on cgroup v1');
});

test('the device judges each one: by its witness together, by its script alone', () => {
  const files = guestFiles(attempts);
  for (const { id, alone } of attempts) {
    const text = alone === undefined ? files['witnesses'] : files[`alone.d/${id}`];
    expect(text, id).toContain(`echo "verdict ${id} escaped"; else echo "verdict ${id} inside"`);
  }
});
