import { expect, test } from 'vitest';
import { DiagnosticsError, formatDiagnostic, type Location } from '../../../toolkit/base/diagnostic.ts';

const message = 'kernel has no key "imgae"';

function printed(location: Partial<Location>, help?: string): string[] {
  const place = { file: 'boards/stb.yaml', line: 7, column: 3, ...location };
  return formatDiagnostic({ location: place, message, ...(help === undefined ? {} : { help }) }).split('\n');
}

test('place, message, source line, squiggle and help', () => {
  expect(printed({ sourceLine: '  imgae: vmlinux', length: 5 }, 'did you mean "image"?')).toEqual([
    'boards/stb.yaml:7:3 kernel has no key "imgae"',
    '      imgae: vmlinux',
    '      ~~~~~',
    '  help: did you mean "image"?',
  ]);
});

test('leaves out parts that are not known', () => {
  expect(printed({})).toEqual(['boards/stb.yaml:7:3 kernel has no key "imgae"']);
  expect(formatDiagnostic({ message })).toBe(message);
  expect(formatDiagnostic({ message, help: 'fix it' })).toBe(`${message}\n  help: fix it`);
});

test('tabs stay tabs, so that the squiggle is where the word is', () => {
  expect(printed({ sourceLine: '\tkey:\timgae', column: 7, length: 5 })).toEqual([
    expect.any(String),
    '    \tkey:\timgae',
    '    \t    \t~~~~~',
  ]);
});

test('a squiggle is never empty and never longer than the line', () => {
  expect(printed({ sourceLine: 'abc', column: 2, length: 99 })[2]).toBe('     ~~');
  expect(printed({ sourceLine: 'abc', column: 4 })[2]).toBe('       ~');
  expect(printed({ sourceLine: 'abc', column: 3, length: 0 })[2]).toBe('      ~');
  expect(printed({ sourceLine: '', column: 1 })).toEqual([expect.any(String), '    ', '    ~']);
});

test('a line that is too wide is cut, and its squiggle with it', () => {
  const wide = 'x'.repeat(300);
  const [, source, squiggle] = printed({ sourceLine: wide, column: 150, length: 100 });
  expect(source).toBe(`    ${wide.slice(0, 160)}`);
  expect(squiggle).toBe(`    ${' '.repeat(149)}${'~'.repeat(11)}`);
  // A place beyond the cut has no line at all.
  expect(printed({ sourceLine: wide, column: 200, length: 5 })).toHaveLength(1);
  expect(printed({ sourceLine: 'short', column: 9 })).toHaveLength(1);
});

test('all problems together are one error', () => {
  expect(new DiagnosticsError('PROFILE_INVALID', [{ message }]).message).toBe('1 problem found');
  const error = new DiagnosticsError('PROFILE_INVALID', [{ message }, { message }]);
  expect(error).toMatchObject({
    code: 'PROFILE_INVALID',
    message: '2 problems found',
    name: 'DiagnosticsError',
  });
});
