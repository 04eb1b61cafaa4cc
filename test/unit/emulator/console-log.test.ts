import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConsoleLog } from '../../../toolkit/emulator/console-log.ts';

function openLog(): ConsoleLog {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-console-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return new ConsoleLog(join(dir, 'logs', 'console.log'));
}

test('the file has every byte, the begun last line too', async () => {
  const log = openLog();
  const port = log.addPort();
  const all = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 256));
  for (let at = 0; at < all.length; at += 7) port(all.subarray(at, at + 7));
  await log.close();
  expect(readFileSync(log.file).equals(all)).toBe(true);
});

test('two ports do not break up the lines of each other', async () => {
  const log = openLog();
  const [console, commands] = [log.addPort(), log.addPort()];
  console(Buffer.from('[ 1.0] Kernel panic - not syn'));
  commands(Buffer.from('output\nmore'));
  log.note('next command');
  console(Buffer.from('cing: x\r\n'));
  expect(log.lastLines(9)).toEqual([
    'output',
    '$ next command',
    '[ 1.0] Kernel panic - not syncing: x',
    'more',
  ]);
  await log.close();
  expect(readFileSync(log.file, 'utf8')).toBe(
    'output\n\n$ next command\n[ 1.0] Kernel panic - not syncing: x\r\nmore',
  );
});

test('a line without an end does not pile up in memory', async () => {
  const log = openLog();
  const port = log.addPort();
  port(Buffer.alloc(100_000, 'x'));
  expect(log.lastLines(1)[0]?.length).toBeLessThan(40_000);
  await log.close();
  expect(readFileSync(log.file)).toHaveLength(100_000);
});

test('last lines are what a person can read', () => {
  const log = openLog();
  const port = log.addPort();
  expect(log.silent).toBe(true);
  port(Buffer.from('lost beginning\r\n\r\nrcS: d\x1b[1;31mone\x1b[0m\x07\r\n/ # \x1b[6n\r\n'));
  port(Buffer.from('/ # echo LXC\\-KIT-0a-shell\r\nLXC-KIT-0a-shell\r\n/ # lxckit() { stty raw\r\n'));
  port(Buffer.from('no end of line\x1eLXC-KIT-0a-1-exit-0\n\x1eLXC-KIT-0a-2-begin\nümlaut\ttab\nlogin: '));
  expect(log.silent).toBe(false);
  expect(log.lastLines(5)).toEqual([
    'lost beginning',
    'rcS: done',
    'no end of line',
    'ümlaut\ttab',
    'login:',
  ]);
  expect(log.lastLines(1)).toEqual(['login:']);
});

test('a file that cannot be written is said when all went well, and never hides another error', async () => {
  const log = new ConsoleLog('/dev/full');
  log.addPort()(Buffer.from('line\n'));
  await log.close();
  expect(() => log.throwIfIncomplete()).toThrow(/^\/dev\/full could not be written: ENOSPC/);
});
