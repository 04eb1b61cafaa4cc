import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { mergeLayers } from '../../../toolkit/kconfig/merge-fragments.ts';
import { parseConfig } from '../../../toolkit/kconfig/parse-config.ts';
import { expectLinear } from '../../rigs/growth.ts';

/** Symbols and values, `CONFIG_A=y`. */
function values(text: string): string[] {
  const { lines, problems } = parseConfig(text, 'a.config');
  expect(problems).toEqual([]);
  return lines.map(({ symbol, value }) => `${symbol}=${value}`);
}

function problems(text: string): string[] {
  return parseConfig(text, 'a.config').problems.map(formatDiagnostic);
}

test('every kind of value is read', () => {
  const text = [
    '# A comment, and an empty line',
    '',
    'CONFIG_A=y',
    'CONFIG_B=m',
    'CONFIG_C=n',
    '# CONFIG_D is not set',
    'CONFIG_E=-12',
    'CONFIG_F=0x1F',
    'CONFIG_G="console=ttyS0 \\"quoted\\" # no comment"',
    'CONFIG_H=""',
    '#CONFIG_I=y',
    '# CONFIG_J=y is what others do',
    'CONFIG_8139CP=y',
  ].join('\n');
  expect(values(text)).toEqual([
    'CONFIG_A=y',
    'CONFIG_B=m',
    'CONFIG_C=n',
    'CONFIG_D=n',
    'CONFIG_E=-12',
    'CONFIG_F=0x1F',
    'CONFIG_G="console=ttyS0 \\"quoted\\" # no comment"',
    'CONFIG_H=""',
    'CONFIG_8139CP=y',
  ]);
});

test('files from other systems are read: CRLF, byte order mark, blanks at the end', () => {
  expect(values('\uFEFFCONFIG_A=y\r\n# CONFIG_B is not set\r\nCONFIG_C="x" \t\r\n')).toEqual([
    'CONFIG_A=y',
    'CONFIG_B=n',
    'CONFIG_C="x"',
  ]);
  expect(values('')).toEqual([]);
  expect(values('CONFIG_A=y')).toEqual(['CONFIG_A=y']);
});

test('each line knows where it stands', () => {
  const { lines } = parseConfig('\n\nCONFIG_A=y\n', 'kconfig-fragments/lxc.config');
  expect(lines[0]?.location).toMatchObject({ file: 'kconfig-fragments/lxc.config', line: 3, column: 1 });
});

describe('reports a line that Kconfig would misread or drop:', () => {
  test.each([
    [
      'CONFIG_A = y',
      'a.config:1:1 a symbol and its value are joined by "=" without blanks',
      'write CONFIG_A=y',
    ],
    [
      'CONFIG_A= y',
      'a.config:1:10 a symbol and its value are joined by "=" without blanks',
      'write CONFIG_A=y',
    ],
    ['CONFIG_A =y', 'a.config:1:1 a symbol and its value', 'write CONFIG_A=y'],
    ['CONFIG_A: y', 'a.config:1:1 a symbol and its value', 'write CONFIG_A=y'],
    ['CONFIG_A y', 'a.config:1:1 a symbol and its value', 'write CONFIG_A=y'],
    ['CONFIG_A=yes', 'a.config:1:10 CONFIG_A is "yes", which Kconfig does not accept', 'write CONFIG_A=y'],
    ['CONFIG_A=True', 'a.config:1:10 CONFIG_A is "True"', 'write CONFIG_A=y'],
    ['CONFIG_A=off', 'a.config:1:10 CONFIG_A is "off"', 'write CONFIG_A=n'],
    ['CONFIG_A=Y', 'a.config:1:10 CONFIG_A is "Y"', 'write CONFIG_A=y'],
    ['CONFIG_A=M', 'a.config:1:10 CONFIG_A is "M"', 'write CONFIG_A=m'],
    ['CONFIG_A=', 'a.config:1:10 CONFIG_A has no value', 'write CONFIG_A=y, or # CONFIG_A is not set'],
    [
      'CONFIG_A=y # why',
      'a.config:1:10 CONFIG_A has the value y # why',
      'put the comment on a line of its own',
    ],
    [
      'CONFIG_A=ttyS0',
      'a.config:1:10 CONFIG_A has the value ttyS0',
      'put a string in quotes: CONFIG_A="ttyS0"',
    ],
    [
      "CONFIG_A='x y'",
      "a.config:1:10 CONFIG_A has the value 'x y'",
      'put a string in quotes: CONFIG_A="x y"',
    ],
    [
      'CONFIG_A="open',
      'a.config:1:10 CONFIG_A has the value "open',
      'put a string in quotes: CONFIG_A="open"',
    ],
    ['CONFIG_A=constructor', 'a.config:1:10 CONFIG_A has the value constructor', 'CONFIG_A="constructor"'],
    [
      'CONFIG_A=8a000000',
      'a.config:1:10 CONFIG_A has the value 8a000000',
      'write a hexadecimal number with 0x: CONFIG_A=0x8a000000',
    ],
    ['CONFIG_A=cafe', 'a.config:1:10 CONFIG_A has the value cafe', 'put a string in quotes: CONFIG_A="cafe"'],
    ['CONFIG_x y', 'a.config:1:1 a symbol and its value are joined by "="', 'write CONFIG_x=y'],
    ['VETH=y', 'a.config:1:1 a symbol starts with CONFIG_', 'write CONFIG_VETH=y'],
    ['CNOFIG_VETH=y', 'a.config:1:1 a symbol starts with CONFIG_', 'did you mean CONFIG_VETH=y?'],
    ['config_VETH=m', 'a.config:1:1 a symbol starts with CONFIG_', 'did you mean CONFIG_VETH=m?'],
    ['CONFIGFS_FS=y', 'a.config:1:1 a symbol starts with CONFIG_', 'write CONFIG_CONFIGFS_FS=y'],
    [
      '# CONIFG_VETH is not set',
      'a.config:1:1 Kconfig takes this line for a comment',
      'did you mean # CONFIG_VETH is not set?',
    ],
    [
      '  CONFIG_A=y',
      'a.config:1:1 the line is indented, so Kconfig would skip it',
      'from the first column: CONFIG_A=y',
    ],
    [
      '\t# CONFIG_A is not set',
      'a.config:1:1 the line is indented',
      'from the first column: # CONFIG_A is not set',
    ],
    [
      '# CONFIG_A  is not set',
      'a.config:1:1 Kconfig takes this line for a comment',
      'write exactly: # CONFIG_A is not set',
    ],
    ['#CONFIG_A is not set', 'a.config:1:1 Kconfig takes this line for a comment', '# CONFIG_A is not set'],
    ['# CONFIG_A not set', 'a.config:1:1 Kconfig takes this line for a comment', '# CONFIG_A is not set'],
    ['# CONFIG_A is Not Set', 'a.config:1:1 Kconfig takes this line for a comment', '# CONFIG_A is not set'],
    ['<<<<<<< HEAD', 'a.config:1:1 a merge conflict was left in the file', 'choose one side'],
    ['=======', 'a.config:1:1 a merge conflict was left in the file', 'choose one side'],
    ['||||||| base', 'a.config:1:1 a merge conflict was left in the file', 'choose one side'],
    ['>>>>>>> theirs', 'a.config:1:1 a merge conflict was left in the file', 'choose one side'],
    ['enable veth', 'a.config:1:1 is neither "CONFIG_NAME=value" nor', 'put a # before a comment'],
    ['CONFIG_A-B=y', 'a.config:1:1 is neither', 'put a # before a comment'],
  ])('%s', (line, message, help) => {
    const [first, ...more] = problems(`${line}\nCONFIG_GOOD=y\n`);
    expect(more).toEqual([]);
    expect(first).toContain(message);
    expect(first?.split('  help: ')[1]).toContain(help);
    expect(values('CONFIG_GOOD=y')).toEqual(['CONFIG_GOOD=y']);
  });
});

test('the squiggle is under the value', () => {
  expect(problems('CONFIG_CMDLINE=quiet')).toEqual([
    [
      'a.config:1:16 CONFIG_CMDLINE has the value quiet, which is neither y, m, n nor a number nor a quoted string',
      '    CONFIG_CMDLINE=quiet',
      '                   ~~~~~',
      '  help: put a string in quotes: CONFIG_CMDLINE="quiet"',
    ].join('\n'),
  ]);
});

test('all problems are found at once, and the good lines are kept', () => {
  const { lines, problems: found } = parseConfig('CONFIG_A=yes\nCONFIG_B=y\nfoo\n', 'a.config');
  expect(found.map(({ location }) => location?.line)).toEqual([1, 3]);
  expect(lines.map(({ symbol }) => symbol)).toEqual(['CONFIG_B']);
});

test('refuses a file that is not text', () => {
  expect(problems('CONFIG_A=y\nCONFIG_B=\0y\n')).toEqual([
    'a.config:2:10 is not a text file: it holds NUL bytes',
  ]);
});

test.each([
  ['little endian', 'CONFIG_A=y\n'],
  ['with a byte order mark', '\uFEFFCONFIG_A=y\n# CONFIG_B is not set\n'],
])('UTF-16 is named: %s', (_name, text) => {
  const [problem, ...more] = problems(Buffer.from(text, 'utf16le').toString('utf8'));
  expect(more).toEqual([]);
  expect(problem).toContain('is not a text file as Kconfig reads them: it is UTF-16');
  expect(problem).toContain('help: save it as UTF-8: iconv -f UTF-16 -t UTF-8 a.config');
});

describe('a symbol that stands in a file twice', () => {
  const warnings = (text: string): string[] => parseConfig(text, 'a.config').warnings.map(formatDiagnostic);

  test('with two values is a warning with both lines, not an error', () => {
    const text = 'CONFIG_A=y\n\n# CONFIG_A is not set\n';
    expect(problems(text)).toEqual([]);
    expect(warnings(text)).toEqual([
      [
        'a.config:3:1 CONFIG_A is =y in line 1 and =n here; the last one counts',
        '    # CONFIG_A is not set',
        '    ~~~~~~~~~~~~~~~~~~~~~',
        '  help: remove line 1 or this one',
      ].join('\n'),
    ]);
  });

  test('with the same value is a warning too', () => {
    expect(warnings('CONFIG_A=y\nCONFIG_A=y\n')[0]).toMatch(
      /^a.config:2:1 CONFIG_A is =y in line 1 already\n/,
    );
  });

  test('or three times is a warning each time', () => {
    expect(warnings('CONFIG_A=y\nCONFIG_A=m\nCONFIG_A=y\n').map((text) => text.split('\n')[0])).toEqual([
      'a.config:2:1 CONFIG_A is =y in line 1 and =m here; the last one counts',
      'a.config:3:1 CONFIG_A is =m in line 2 and =y here; the last one counts',
    ]);
  });

  test('is none when one of them is a comment', () => {
    expect(warnings('#CONFIG_A=y\nCONFIG_A=m\n# CONFIG_A=n\nCONFIG_AB=y\n')).toEqual([]);
  });
});

test('ten thousand lines cost ten thousand times one, also when all are for one symbol', async () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `CONFIG_S${index}=y`).join('\r\n');
  expect(parseConfig(many, 'a.config').lines).toHaveLength(10_000);
  const oneSymbol = (count: number): void => {
    const same = parseConfig('CONFIG_A=y\n'.repeat(count), 'a.config');
    expect(same.warnings).toHaveLength(count - 1);
    expect(mergeLayers([same]).size).toBe(1);
  };
  await expectLinear(oneSymbol, 10_000);
});

test.each(['kconfig-fragments', 'busybox-config'])('every shipped fragment of %s is clean', (folder) => {
  const names = readdirSync(shippedPath(folder)).filter((name) => name.endsWith('.config'));
  expect(names).not.toEqual([]);
  for (const name of names) {
    const parsed = parseConfig(readFileSync(shippedPath(folder, name), 'utf8'), `${folder}/${name}`);
    expect(parsed.problems.map(formatDiagnostic)).toEqual([]);
    const symbols = parsed.lines.map(({ symbol }) => symbol);
    expect(symbols).toEqual([...new Set(symbols)]);
  }
});
