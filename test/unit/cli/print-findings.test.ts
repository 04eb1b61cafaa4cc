import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DiagnosticsError } from '../../../toolkit/base/diagnostic.ts';
import { printWithFindings } from '../../../toolkit/cli/print-findings.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';

let printed = '';
let reported = '';

beforeEach(() => {
  [printed, reported] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((reported += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const at = (line: number) => ({ file: 'a.conf', line, column: 1, sourceLine: `line ${line}` });

function someFindings(): Findings {
  const findings = new Findings();
  findings.note('left-out', at(3), 'nothing reads it', 'take it out');
  findings.note('mended', at(1), 'a prefix was added');
  findings.note('left-out', at(2), 'it is of another era');
  return findings;
}

describe('for a person', () => {
  test('the result is on stdout, what to look at on stderr, in the order of the file', async () => {
    await printWithFindings(someFindings(), false, 'config', () =>
      Promise.resolve({ value: 'x', text: 'lxc.tty.max = 4\n' }),
    );
    expect(printed).toBe('lxc.tty.max = 4\n');
    expect(reported.split('\n').filter((line) => /^a\.conf:|look at/.test(line))).toEqual([
      'a.conf:1:1 a prefix was added',
      'a.conf:2:1 it is of another era',
      'a.conf:3:1 nothing reads it',
      '3 things to look at: 1 mended, 2 left out',
    ]);
    expect(reported).toContain('help: take it out');
  });

  test('nothing to look at is no line', async () => {
    await printWithFindings(new Findings(), false, 'config', () =>
      Promise.resolve({ value: 'x', text: 'x' }),
    );
    expect([printed, reported]).toEqual(['x\n', '']);
  });

  test('shows the findings before an error, and throws the error', async () => {
    const broken = printWithFindings(someFindings(), false, 'config', () =>
      Promise.reject(new Error('broken')),
    );
    await expect(broken).rejects.toThrow('broken');
    expect(printed).toBe('');
    expect(reported).toContain('a.conf:1:1 a prefix was added');
  });
});

describe('with --json', () => {
  test('all is one object on stdout', async () => {
    await printWithFindings(someFindings(), true, 'definition', () =>
      Promise.resolve({ value: { name: 'web' }, text: 'name: web\n' }),
    );
    expect(reported).toBe('');
    expect(JSON.parse(printed)).toEqual({
      definition: { name: 'web' },
      errors: [],
      notes: [
        { outcome: 'mended', file: 'a.conf', line: 1, column: 1, message: 'a prefix was added' },
        { outcome: 'left-out', file: 'a.conf', line: 2, column: 1, message: 'it is of another era' },
        {
          outcome: 'left-out',
          file: 'a.conf',
          line: 3,
          column: 1,
          message: 'nothing reads it',
          help: 'take it out',
        },
      ],
    });
  });

  test('prints errors too, and throws them all the same', async () => {
    const wrong = new DiagnosticsError('CONTAINER_INVALID', [
      { location: at(7), message: 'no such key', help: 'write lxc.net.0.type' },
      { message: 'no name' },
    ]);
    const broken = printWithFindings(new Findings(), true, 'config', () => Promise.reject(wrong));
    await expect(broken).rejects.toBe(wrong);
    expect(JSON.parse(printed)).toEqual({
      config: null,
      errors: [
        { file: 'a.conf', line: 7, column: 1, message: 'no such key', help: 'write lxc.net.0.type' },
        { message: 'no name' },
      ],
      notes: [],
    });
  });
});
