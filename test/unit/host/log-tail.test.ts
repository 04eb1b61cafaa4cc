import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tailOfFile, tailOfFileSync } from '../../../toolkit/host/log-tail.ts';
import { scratchDir } from '../scratch.ts';

async function tailOf(content: string | Buffer, count: number): Promise<string[]> {
  const file = join(scratchDir(), 'a.log');
  writeFileSync(file, content);
  const lines = await tailOfFile(file, count);
  expect(tailOfFileSync(file, count)).toEqual(lines);
  return lines;
}

test('gives the last lines', async () => {
  expect(await tailOf('one\ntwo\nthree\n', 2)).toEqual(['two', 'three']);
  expect(await tailOf('one\n\nno end', 5)).toEqual(['one', '', 'no end']);
  expect(await tailOf('', 5)).toEqual([]);
});

test('a log that is not there has none', async () => {
  expect(await tailOfFile('/no/such.log', 5)).toEqual([]);
  expect(await tailOfFile('/', 5)).toEqual([]);
  for (const file of ['/no/such.log', '/']) expect(tailOfFileSync(file, 5)).toEqual([]);
});

test('reads only the end of a long log, and shows no half of a line', async () => {
  const line = `${'x'.repeat(99)}\n`;
  const lines = await tailOf(line.repeat(10_000), 5_000);
  expect(lines.length).toBe(655);
  expect(new Set(lines)).toEqual(new Set(['x'.repeat(99)]));
});

test('a long line is cut, and what drives a terminal is taken out', async () => {
  expect(await tailOf('x'.repeat(200_000), 3)).toEqual([`${'x'.repeat(500)}…`]);
  expect(await tailOf('\x1b[31mred\x07\x1b[0m\r\n\ttab\n', 3)).toEqual(['[31mred[0m', '\ttab']);
});
