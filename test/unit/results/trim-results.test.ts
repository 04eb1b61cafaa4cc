import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_LIMIT_BYTES, readLimit, trimResults } from '../../../toolkit/results/trim-results.ts';
import { scratchDir } from '../scratch.ts';

const DAY_SECONDS = 86_400;

/** A store with files of 100 bytes, each a day older than the one before; the first was written just now. */
function makeStore(): { storeDir: string; files: string[] } {
  const storeDir = scratchDir();
  const dir = join(storeDir, 'results', 'cas', 'aa');
  mkdirSync(dir, { recursive: true });
  const files = [0, 1, 2, 3].map((days) => {
    const file = join(dir, String(days));
    writeFileSync(file, Buffer.alloc(100));
    const seconds = Date.now() / 1000 - days * DAY_SECONDS;
    utimesSync(file, seconds, seconds);
    return file;
  });
  return { storeDir, files };
}

test('removes first what was not used for the longest time', async () => {
  const { storeDir, files } = makeStore();
  await trimResults(storeDir, 300);
  expect(files.map((file) => existsSync(file))).toEqual([true, true, false, false]);
});

test('below the limit nothing goes, and what is just being made never', async () => {
  const { storeDir, files } = makeStore();
  await trimResults(storeDir, 400);
  expect(files.every((file) => existsSync(file))).toBe(true);
  await trimResults(storeDir, 0);
  expect(files.map((file) => existsSync(file))).toEqual([true, false, false, false]);
  await trimResults(join(storeDir, 'none'), 0);
});

test('half a file that a kill left goes after a while', async () => {
  const { storeDir, files } = makeStore();
  const halves = ['.new.1-00000001.tmp', '.new.1-00000002.tmp'].map((name) =>
    join(storeDir, 'results', 'cas', name),
  );
  for (const half of halves) writeFileSync(half, 'half');
  utimesSync(halves[0] ?? '', 1_000_000_000, 1_000_000_000);
  await trimResults(storeDir, 10_000);
  expect(halves.map((half) => existsSync(half))).toEqual([false, true]);
  expect(files.every((file) => existsSync(file))).toBe(true);
});

test('a limit is a number with a unit', () => {
  expect(['', undefined, '0', '512', '3k', '2M', '1G', '1T'].map(readLimit)).toEqual([
    DEFAULT_LIMIT_BYTES,
    DEFAULT_LIMIT_BYTES,
    0,
    512,
    3072,
    2_097_152,
    1_073_741_824,
    1_099_511_627_776,
  ]);
  for (const text of ['10 G', 'lots', '-1', '1GiB', '1.5G'])
    expect(() => readLimit(text)).toThrow('LXC_KIT_STORE_LIMIT');
});
