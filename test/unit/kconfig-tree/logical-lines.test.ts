import { describe, expect, test } from 'vitest';
import { LogicalLines } from '../../../toolkit/kconfig-tree/logical-lines.ts';

/** `NUMBER:TEXT` of every line; after a line with the word help a help text is stepped over. */
function lines(text: string): string[] {
  const reader = new LogicalLines(text);
  const found: string[] = [];
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    found.push(`${line.line}:${line.text}`);
    if (/^\s*(?:help|---help---)/.test(line.text)) reader.skipHelp();
  }
  return found;
}

test('empty lines and comments are left out, numbers stay', () => {
  expect(lines('config A\n\n# config B\n  \t \n\t# more\n\tbool\n')).toEqual(['1:config A', '6:\tbool']);
});

test('a missing newline at the end, and nothing at all', () => {
  expect(lines('config A\n\tbool')).toEqual(['1:config A', '2:\tbool']);
  expect(lines('')).toEqual([]);
  expect(lines('\n')).toEqual([]);
});

test('a backslash at the end joins lines under the number of the first', () => {
  expect(lines('depends on A && \\\n\tB && \\\n\tC\nbool')).toEqual([
    '1:depends on A &&  \tB &&  \tC',
    '4:bool',
  ]);
  expect(lines('depends on A \\')).toEqual(['1:depends on A \\']);
  // A comment goes on no further.
  expect(lines('# a comment \\\nbool')).toEqual(['2:bool']);
});

test('CRLF and a byte order mark', () => {
  expect(lines('\uFEFFconfig A\r\n\tbool\r\n\r\n# B\r\nconfig C \\\r\n\tD\r\n')).toEqual([
    '1:config A',
    '2:\tbool',
    '5:config C  \tD',
  ]);
});

describe('a help text', () => {
  /** Whether the line behind the help text is read as a line, and nothing of the text. */
  const helpOf = (help: string): string[] => lines(`config A\n${help}config B\n`).slice(2);

  test.each([
    ['with tabs', '\thelp\n\t  Text.\n\t  config X\n'],
    ['with blanks', '  help\n    Text.\n    config X\n'],
    ['at the indentation of its word', '\thelp\n\tText.\n\tconfig X\n'],
    ['as ---help---', '\t---help---\n\t  Text.\n\t  config X\n'],
    ['with empty lines in it', '\thelp\n\n\t  Text.\n\n\n\t  config X\n\n'],
    ['with further indentation', '\thelp\n\t  Text.\n\t\t  config X\n'],
    ['that never begins', '\thelp\n\n'],
    ['with what looks like quotes and macros', '\thelp\n\t  "Text $(shell,false) \\\n\t  it\'s\n'],
    ['with tabs and blanks for the same column', '\thelp\n\t  Text.\n          config X\n'],
  ])('%s', (_name, help) => {
    expect(helpOf(help)).toEqual([`${help.split('\n').length + 1}:config B`]);
  });

  test('ends at a line that is less indented than its first', () => {
    expect(helpOf('\thelp\n\t  Text.\n\tdefault y\n')).toEqual(['4:\tdefault y', '5:config B']);
    expect(helpOf('\thelp\n\t\tText.\n\t  Less.\n')).toEqual(['4:\t  Less.', '5:config B']);
  });

  test('goes to the end of the file', () => {
    expect(lines('config A\n\thelp\n\t  Text.')).toEqual(['1:config A', '2:\thelp']);
  });

  test('a joined line does not reach into it', () => {
    expect(lines('\thelp\n\t  Text \\\nconfig B')).toEqual(['1:\thelp', '3:config B']);
  });
});
