import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderTemplate } from '../../../toolkit/base/render-template.ts';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { scratchDir } from '../scratch.ts';

/** Which of its descriptors are a terminal, its arguments, and the name of its terminal. */
const PROGRAM = `#!/bin/sh
line=
for fd in 0 1 2; do [ -t $fd ] && line="\${line}terminal $fd, "; done
for word; do line="$line<$word>"; done
# In one piece, so that the warning does not come into it.
echo "$line at $(tty)"
echo warning >&2
exit 7
`;

const WORDS = ['-n', 'a b', "it's", '$HOME', ''];
const SHELL_WORDS = `-n 'a b' "it's" '$HOME' ''`;

/** The traces of line ends and of the end of an empty input at a terminal. */
const ECHOES = /[\r\0\x04\b]|\^[@D]/g;

/** Runs shell lines at a terminal, with the script in front of a program of LXC. */
async function atTerminal(lines: string): Promise<{ terminal: string; printed: string }> {
  const dir = scratchDir();
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin', 'lxc-start'), PROGRAM, { mode: 0o755 });
  const source = shippedPath('rootfs-skeleton', 'base', 'usr', 'libexec', 'lxc-kit', 'own-terminal.hbs');
  const text = await renderTemplate(readFileSync(source, 'utf8'), { lxcBindir: join(dir, 'bin') });
  writeFileSync(join(dir, 'lxc-start'), text, { mode: 0o755 });
  const session = join(dir, 'session');
  writeFileSync(session, `PATH=${dir}:$PATH\necho "terminal is $(tty)"\n${lines}\n`);
  const { stdout } = spawnSync('script', ['-q', '-c', `sh ${session}`, '/dev/null'], {
    input: '',
    encoding: 'utf8',
  });
  const [first = '', ...rest] = stdout.replace(ECHOES, '').split('\n');
  return { terminal: first.replace('terminal is ', ''), printed: rest.join('\n') };
}

test('a program gets a terminal of its own, its words, and its exit code comes back', async () => {
  const { terminal, printed } = await atTerminal(`lxc-start ${SHELL_WORDS}; echo exit code $?`);
  expect(terminal).toMatch(/^\/dev\/pts\//);
  const words = WORDS.map((word) => `<${word}>`).join('');
  expect(printed).toMatch(/terminal 0, terminal 1, terminal 2, /);
  expect(printed).toContain(`${words} at /dev/pts/`);
  expect(printed).not.toContain(`at ${terminal}\n`);
  expect(printed).toMatch(/warning\nexit code 7\n$/);
});

test('without input it needs none, and its output gets there all the same', async () => {
  const { printed } = await atTerminal(`lxc-start ${SHELL_WORDS} < /dev/null; echo exit code $?`);
  expect(printed.split('\n').sort()).toEqual(
    ['', `${WORDS.map((word) => `<${word}>`).join('')} at not a tty`, 'exit code 7', 'warning'].sort(),
  );
});

test('in the background, where LXC lets go of the terminal, nothing is between them', async () => {
  for (const option of ['-d', '--daemon']) {
    const { terminal, printed } = await atTerminal(`lxc-start ${option}; echo exit code $?`);
    expect(printed).toContain(`terminal 0, terminal 1, terminal 2, <${option}> at ${terminal}\n`);
    expect(printed).toContain('exit code 7');
  }
  // Behind "--" it is a word of the container's program.
  const { terminal, printed } = await atTerminal('lxc-start -- ls -d');
  expect(printed).toContain('<--><ls><-d> at /dev/pts/');
  expect(printed).not.toContain(`at ${terminal}\n`);
});

test('without a terminal it is the program itself', async () => {
  const { printed } = await atTerminal('out=$(lxc-start x < /dev/null 2>&1); echo exit code $?; echo "$out"');
  expect(printed).toBe('exit code 7\n<x> at not a tty\nwarning\n');
});
