import { expect, test } from 'vitest';
import { readInterpreterLine } from '../../../toolkit/programs/interpreter-line.ts';
import { plainCommands } from '../../../toolkit/programs/plain-commands.ts';

const programs = (...lines: string[]): readonly string[] => plainCommands(lines.join('\n')).programs;

test('lines at the top level that begin with a path are started', () => {
  expect(
    programs(
      '#!/bin/sh',
      '# /bin/no',
      '/usr/bin/a one  # two',
      'echo /bin/no',
      '/usr/bin/b \\',
      '  --long &',
      'exec /usr/bin/c',
    ),
  ).toEqual(['/usr/bin/a', '/usr/bin/b', '/usr/bin/c']);
});

test.each([
  ['a condition', ['if true; then', '/bin/no', 'fi', '/bin/yes']],
  ['a loop', ['while read line', 'do', '/bin/no', 'done < /etc/list', '/bin/yes']],
  ['a function', ['start() {', '/bin/no', '}', '/bin/yes']],
  ['a choice', ['case "$1" in', 'start)', '/bin/no', ';;', 'esac', '/bin/yes']],
  ['one line of each', ['if true; then /bin/no; fi', 'for i in 1 2; do /bin/no; done', '/bin/yes']],
  ['and, or, pipes', ['/bin/no || true', '/bin/no && true', '/bin/no | cat', '/bin/no $(date)', '/bin/yes']],
  [
    'the usual mounts',
    ['mount -t proc proc /proc', '[ -e /proc/1 ] || /bin/mount -n -t sysfs sysfs /sys', '/bin/yes'],
  ],
])('%s: only what runs in any case', (_, lines) => {
  expect(programs(...lines)).toEqual(['/bin/yes']);
});

test.each([
  '[ -e /etc/on ] || exit 0',
  '. /etc/profile',
  'mount -a',
  'mount -t tmpfs tmpfs /usr/lib',
  'cp -a /opt/libs/. /lib',
  'export LD_LIBRARY_PATH=/opt/lib',
  'set -e',
  'cat <<END',
  'fi',
])('behind %j nothing is sure', (line) => {
  expect(programs('/bin/before', line, '/bin/after')).toEqual(['/bin/before']);
});

test('the files that a loop goes through', () => {
  expect(
    plainCommands('for i in /etc/init.d/S??* ;do\n$i start\ndone\nfor j in a b; do :; done').patterns,
  ).toEqual(['/etc/init.d/S??*']);
});

test.each([
  ['#!/bin/sh\n', ['/bin/sh', undefined, false]],
  ['#! \t/bin/sh  -e  \n', ['/bin/sh', '-e', false]],
  ['#!/usr/bin/env a b\n', ['/usr/bin/env', 'a b', false]],
  ['#!/bin/sh\r\n', ['/bin/sh', undefined, true]],
  ['#!/bin/awk -f\r\n', ['/bin/awk', '-f', true]],
  ['#!/bin/sh', ['/bin/sh', undefined, false]],
])('the first line %j', (text, [interpreter, argument, carriageReturn]) => {
  expect(readInterpreterLine(text)).toEqual({ interpreter, argument, carriageReturn });
});

test.each(['', '#!', '#!\n/bin/sh', 'echo #!/bin/sh', '\x7fELF'])('%j names no interpreter', (text) => {
  expect(readInterpreterLine(text)).toBeUndefined();
});
