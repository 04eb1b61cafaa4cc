import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { execa } from 'execa';
import { sha512Crypt } from '../../toolkit/accounts/sha512-crypt.ts';
import { CLI_FILE } from '../rigs/cli-path.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { TmuxTerminal } from '../rigs/tmux-terminal.ts';
import { buildWell, listTar, projectMaker, readFromTar } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

/** `lxc-kit passwd` behind a pipe. */
const piped = (input: string | Buffer, ...args: readonly string[]) =>
  execa(process.execPath, [CLI_FILE, 'passwd', ...args], { input, reject: false, cwd: project.dir });

describe('a password from a pipe', () => {
  test.each(['correct horse', 'correct horse\n', 'correct horse\r\n'])('%j is hashed', async (input) => {
    const { exitCode, stdout, stderr } = await piped(input);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(sha512Crypt('correct horse', stdout)).toBe(stdout);
  });

  test('keeps the bytes of another encoding', async () => {
    const bytes = Buffer.from('pa\xe4\xdfwort lang', 'latin1');
    const { stdout } = await piped(bytes);
    expect(sha512Crypt(bytes, stdout)).toBe(stdout);
  });

  test.each([
    ['', [], 'it is empty'],
    ['short\n', [], 'it has 5 characters; 8 is the least'],
    ['operator2\n', ['--user', 'operator'], 'it is made of the name "operator"'],
    ['rootroot\n', ['--user', 'operator'], 'it is made of the name "root"'],
    ['password1\n', [], 'tried first'],
    ['correct horse\nbattery staple\n', [], 'stdin has more than one line'],
  ])('%j is refused', async (input, args, reason) => {
    const { exitCode, stdout, stderr } = await piped(input, ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(reason);
    const [line = ''] = input.split('\n');
    if (line.length > 4) expect(stderr).not.toContain(line);
  });

  test('a file that is far too long is refused', async () => {
    const { exitCode, stderr } = await piped('x'.repeat(5000));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('stdin has more than 4096 bytes');
  });

  test('it is no argument: another process would see that', async () => {
    const { exitCode, stdout, stderr } = await piped('', 'correct-horse');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).not.toContain('correct-horse');
  });
});

describe('on a terminal', () => {
  /** Types into `lxc-kit passwd`; afterwards the shell says its exit code and whether the terminal echoes. */
  const type = async (name: string, ...keys: readonly string[]): Promise<string> => {
    const terminal = new TmuxTerminal(
      name,
      `${process.execPath} ${CLI_FILE} passwd; echo "exit $?"; stty -a | grep -o ' -\\?echo '; sleep 600`,
      project.dir,
    );
    try {
      await terminal.waitFor(/Password:/);
      terminal.press(...keys);
      await terminal.waitFor(/exit \d+\n/);
      return await terminal.waitFor(/exit \d+\n\s*-?echo/);
    } finally {
      terminal.close();
    }
  };

  test('it is asked for twice, without echo, and can be corrected', async () => {
    const screen = await type(
      'twice',
      ...['correct horsee', 'BSpace', 'Enter'],
      ...['wrong', 'C-u', 'correct horse', 'Enter'],
    );
    expect(screen).toMatch(/^Password:\nThe same again:\n\$6\$/m);
    expect(screen).not.toContain('horse');
    expect(screen).toMatch(/exit 0\n\s*echo/);
    const [hash = ''] = /\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z\n]{86,88}/.exec(screen) ?? [];
    const whole = hash.replaceAll('\n', '');
    expect(sha512Crypt('correct horse', whole)).toBe(whole.slice(0, 3 + 16 + 1 + 86));
  });

  test('two different ones are refused', async () => {
    const screen = await type('differ', 'correct horse', 'Enter', 'wrong horse', 'Enter');
    expect(screen).toContain('the two passwords differ');
    expect(screen).toMatch(/exit 2\n\s*echo/);
    expect(screen).not.toContain('$6$');
  });

  test('Ctrl-C ends it, and the terminal echoes again', async () => {
    const screen = await type('ctrl-c', 'correct', 'C-c');
    expect(screen).toMatch(/exit 130\n\s*echo/);
    expect(screen).not.toContain('$6$');
    expect(screen).not.toContain('correct');
  });
});

test('a board with users has them in its image, and nothing that a build leaves to read has a hash', async () => {
  const { stdout: hash } = await piped('correct horse');
  project.write(
    'boards/id.pub',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me@there\n',
  );
  project.writeBoard('users', {
    login: 'password',
    users: [
      { name: 'root', password: hash },
      { name: 'web', keys: ['./id.pub'], shell: '/bin/ash', groups: ['disk'] },
    ],
    images: ['tar.gz'],
  });
  const built = await buildWell(project, [], { board: 'users' });
  expect(built.stderr).not.toContain('no one can log in');
  const read = (path: string): string => readFromTar(project, path, 'users').toString();
  const tar = listTar(project, 'users');
  expect(read('/etc/shadow')).toContain(`root:${hash}::0:99999:7:::\n`);
  expect(tar['/etc/shadow']).toMatch(/^-rw------- 0\/0 /);
  expect(read('/etc/passwd')).toContain('web:x:1000:1000:web:/home/web:/bin/ash\n');
  expect(read('/etc/group')).toContain('disk:x:6:web\n');
  expect(tar['/home/web/.ssh/authorized_keys']).toMatch(/^-rw------- 1000\/1000 /);
  expect(read('/etc/inittab')).toContain('/sbin/getty -L 0 console');
  expect(read('/etc/inittab')).not.toContain('cttyhack');

  const digest = hash.split('$')[3] ?? '';
  const shown = [
    built.stderr,
    (await project.run(['plan', '--board', 'users', '--json'])).stdout,
    (await project.run(['explain', 'lay-out-rootfs', '--board', 'users'])).stdout,
  ];
  for (const text of shown) expect(text).not.toContain(digest);
  const { stdout: found } = await execa('grep', ['-rlF', '--', digest, join(project.dir, 'out', 'users')], {
    reject: false,
  });
  // Only the bytes of the root filesystem themselves.
  for (const file of found.split('\n').filter((line) => line !== ''))
    expect(file).toMatch(/\/work\/.*\/blobs\/|\/work\/.*blobs/);
  expect(found).not.toBe('');
});
