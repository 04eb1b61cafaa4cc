import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../../toolkit/base/diagnostic.ts';
import { KitError } from '../../../toolkit/base/errors.ts';
import { formatError } from '../../../toolkit/logging/format-error.ts';

const plain = { colour: false };

describe('formatError', () => {
  test('a KitError: message and code, its lines, help, log', () => {
    const error = new KitError('STEP_FAILED', 'build-lxc stopped: ninja ended with exit code 1', {
      lines: ['FAILED: src/lxc/start.o', 'two\nlines', ''],
      hint: 'run again: ninja -C build',
      logFile: 'out/stb/logs/build-lxc.log',
    });
    expect(formatError(error, plain)).toBe(
      [
        'error: build-lxc stopped: ninja ended with exit code 1 [STEP_FAILED]',
        '  FAILED: src/lxc/start.o',
        '  two',
        '  lines',
        '',
        '  help: run again: ninja -C build',
        '  log: out/stb/logs/build-lxc.log',
      ].join('\n'),
    );
  });

  test('a KitError without details is one line', () => {
    expect(formatError(new KitError('USAGE', 'no board was given'), plain)).toBe(
      'error: no board was given [USAGE]',
    );
  });

  test('a DiagnosticsError: every problem with its place, then how many', () => {
    const error = new DiagnosticsError('PROFILE_INVALID', [
      {
        location: { file: 'b.yaml', line: 7, column: 3, length: 5, sourceLine: '  imgae: vmlinux' },
        message: 'kernel has no key "imgae"',
        help: 'did you mean "image"?',
      },
      { location: { file: 'b.yaml', line: 3, column: 1 }, message: 'kernel.image is missing' },
      { message: 'no place' },
    ]);
    expect(formatError(error, plain)).toBe(
      [
        'b.yaml:7:3 kernel has no key "imgae"',
        '      imgae: vmlinux',
        '      ~~~~~',
        '  help: did you mean "image"?',
        'b.yaml:3:1 kernel.image is missing',
        'no place',
        '3 problems found',
      ].join('\n'),
    );
    expect(formatError(new DiagnosticsError('PROFILE_INVALID', [{ message: 'x' }]), plain)).toBe(
      'x\n1 problem found',
    );
  });

  test('anything else is a bug, with its stack and its causes', () => {
    const text = formatError(new TypeError('x is not a function', { cause: new Error('the root') }), plain);
    expect(text).toMatch(/^error: this is a bug in lxc-kit \d+\.\d+\.\d+: x is not a function\n/);
    expect(text).toContain('format-error.test.ts:');
    expect(text).toContain('the root');
    expect(text.split('\n').at(-1)).toBe(
      '  help: report it at https://github.com/lxc-kit/lxc-kit/issues with these lines, the command and the board profile',
    );
    expect(
      text
        .split('\n')
        .slice(1)
        .every((line) => line === '' || line.startsWith('  ')),
    ).toBe(true);
  });

  test.each([['a string'], [undefined], [null], [{ strange: true }]])('even %j thrown is shown', (thrown) => {
    expect(formatError(thrown, plain)).toContain('this is a bug in lxc-kit');
  });

  test('colour changes nothing but colour', () => {
    const errors = [
      new KitError('USAGE', 'no', { hint: 'do it', lines: ['x'] }),
      new DiagnosticsError('PROFILE_INVALID', [
        { location: { file: 'f', line: 1, column: 1, sourceLine: 'abc' }, message: 'm', help: 'h' },
      ]),
    ];
    for (const error of errors) {
      const coloured = formatError(error, { colour: true });
      expect(coloured).toContain('\x1b[');
      expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(formatError(error, plain));
    }
  });
});
