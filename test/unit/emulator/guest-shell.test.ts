import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bootGuest } from '../../../toolkit/emulator/boot-guest.ts';
import { fakeGuest } from './fake-guest.ts';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const octal = [...everyByte].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
const awkward = `it's "$HOME" \`no\` \\n !! %s \t tab äöü 漢字 €`;
const numbers = Array.from({ length: 160_000 }, (_, i) => `${i + 1}\n`).join('');

/** Commands a shell protocol stumbles over, and what exactly they must give. */
const cases: readonly { command: string; output: string | Buffer; exitCode?: number }[] = [
  { command: 'echo hello', output: 'hello\n' },
  { command: 'printf "no line end"', output: 'no line end' },
  { command: 'true', output: '' },
  { command: 'exit 77', output: '', exitCode: 77 },
  { command: 'sh -c "kill -TERM \\$\\$"; exit $?', output: 'Terminated\n', exitCode: 143 },
  { command: 'echo out; echo err >&2; echo again', output: 'out\nerr\nagain\n' },
  { command: `echo one\n\necho 'two'\n# the end`, output: 'one\ntwo\n' },
  { command: `printf %s '${awkward.replaceAll("'", `'\\''`)}'`, output: awkward },
  { command: 'printf "a\\r\\nb\\r\\n\\rc\\r"', output: 'a\r\nb\r\n\rc\r' },
  { command: `printf '${octal}'`, output: everyByte },
  { command: 'printf "\\036LXC-KIT-"', output: '\x1eLXC-KIT-' },
  { command: `printf %s '${'8k'.repeat(4096)}' | wc -c | tr -d ' '`, output: '8192\n' },
  { command: `printf %s '${'€'.repeat(20_000)}'`, output: '€'.repeat(20_000) },
  { command: 'seq 1 160000', output: numbers },
  { command: 'cat; echo no input', output: 'no input\n' },
  { command: 'test -t 0 || test -t 1 || test -t 2; echo $?', output: '1\n' },
  { command: 'sleep 100 & echo left behind', output: 'left behind\n' },
  { command: 'cd /usr; pwd', output: '/usr\n' },
  { command: 'pwd', output: '/\n' },
  { command: 'if', output: 'sh: 1: Syntax error: end of file unexpected (expecting "then")\n', exitCode: 2 },
];

test('gives back exactly what commands print, and their exit codes', async () => {
  const { request } = fakeGuest('shell', { commands: cases.map(({ command }) => command) });
  const { commands } = await bootGuest(request);
  expect(commands).toHaveLength(cases.length);
  for (const [i, { command, output, exitCode = 0 }] of cases.entries()) {
    const result = commands[i];
    const shown = command.slice(0, 60);
    expect([shown, result?.output.toString('latin1')]).toEqual([
      shown,
      Buffer.from(output).toString('latin1'),
    ]);
    expect([shown, result?.exitCode]).toEqual([shown, exitCode]);
  }
});

test('a daemon that prints to the console does not get into the output', async () => {
  const { request } = fakeGuest('shell-noisy', { commands: ['sleep 0.2; echo alone', 'printf x'] });
  const { commands } = await bootGuest(request);
  expect(commands.map(({ output }) => output.toString())).toEqual(['alone\n', 'x']);
  expect(readFileSync(request.logFile, 'utf8')).toContain('noise of a daemon');
});

test('nothing is typed on the console, which may ask for a password', async () => {
  const { request } = fakeGuest('shell', { commands: ['echo one'] });
  await bootGuest(request);
  const log = readFileSync(request.logFile, 'utf8');
  expect(log).toMatch(/^fake login: $/m);
});
