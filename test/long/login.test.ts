import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../toolkit/accounts/hash-password.ts';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { bootMalta, copyDisk } from '../rigs/malta-console.ts';
import { RealBoard } from '../rigs/real-board.ts';
import type { TmuxTerminal } from '../rigs/tmux-terminal.ts';

const folder = shippedPath('out', 'test', 'login-board');
const profile = join(folder, 'malta.yaml');
/** In the out directory of malta-mipsel, so that only the root filesystem is made again. */
const board = new RealBoard(profile, 'malta-mipsel');
const disk = join(folder, 'disk.ext4');
const known = join(folder, 'known_hosts');
let port = 0;
let guest: TmuxTerminal | undefined;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['root', 'web', 'other'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  writeFileSync(
    profile,
    `schema: 1
name: malta-mipsel
extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]
images: [cpio.gz, ext4]
containers: [${shippedPath('boards', 'containers', 'system1.yaml')}]
login: password
users:
  - { name: root, password: '${hashPassword('correct horse')}' }
  - { name: web, keys: [./web.pub], groups: [disk] }
ssh: { keys: [./root.pub] }
interfaces: [{ name: eth0, dhcp: true }]
emulator: { network: {} }
`,
  );
  const { exitCode, stderr } = await board.build();
  expect(stderr).not.toContain('error:');
  expect(stderr).not.toContain('no one can log in');
  expect(exitCode).toBe(0);
  copyDisk(board.outDir, disk);
  port = await freePort();
});

/** Boots the board in place of the guest before it, whose port it takes. */
function boot(name: string, onDisk: boolean): TmuxTerminal {
  guest?.close();
  guest = bootMalta(name, { outDir: board.outDir, sshPort: port, ...(onDisk ? { disk } : {}) });
  return guest;
}

afterAll(() => {
  guest?.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

/** Runs OpenSSH's client against the guest; `key` is a file of the folder, or none. */
async function ssh(key: string | undefined, user: string, ...rest: readonly string[]) {
  const { exitCode, stdout, stderr } = await execa(
    'ssh',
    [
      ...['-F', '/dev/null', '-p', String(port), '-o', `UserKnownHostsFile=${known}`, '-o', 'BatchMode=yes'],
      ...['-o', 'IdentitiesOnly=yes', '-o', 'ConnectTimeout=60', '-o', 'ConnectionAttempts=3'],
      ...(key === undefined ? ['-o', 'PubkeyAuthentication=no'] : ['-i', join(folder, key)]),
      ...rest.slice(0, -1),
      `${user}@127.0.0.1`,
      ...rest.slice(-1),
    ],
    { reject: false, env: { SSH_AUTH_SOCK: '' } },
  );
  return { exitCode, stdout, stderr };
}

const FIRST_CONTACT = ['-o', 'StrictHostKeyChecking=accept-new'];
const AGAIN = ['-o', 'StrictHostKeyChecking=yes'];

/** A prompt that waits for keys is the last thing on the screen. */
const PROMPT = /malta login:\s*$/;
const SHELL = /malta:~# *\s*$/;

/** Waits for getty; the kernel and programs may print behind its prompt, and after Enter it prints another one. */
async function prompt(terminal: TmuxTerminal): Promise<string> {
  const screen = await terminal.waitFor(/malta login:/);
  await terminal.pressUntil(PROMPT, 'Enter');
  return screen;
}

async function logIn(terminal: TmuxTerminal, password: string): Promise<void> {
  await prompt(terminal);
  terminal.press('root', 'Enter');
  await terminal.waitFor(/Password:\s*$/);
  terminal.press(password, 'Enter');
}

describe('on a disk', () => {
  test('the console asks for name and password, and takes the right one alone', async () => {
    const console = boot('login-disk', true);
    await logIn(console, 'wrong horse');
    await console.waitFor(/Login incorrect[^]*malta login:\s*$/);
    await logIn(console, 'correct horse');
    await console.waitFor(SHELL);
    console.press('clear; echo "I am $(id -un) on $(tty)"; sleep 100', 'Enter');
    expect(await console.waitFor(/^I am /m)).toContain('I am root on /dev/console');
    // Job control: Ctrl-C reaches what runs there.
    console.press('C-c');
    await console.waitFor(SHELL);
    expect(console.screen()).not.toContain('horse');
  });

  test('a key opens SSH for its user, and no one is in by a password or another key', async () => {
    expect(
      await ssh('root', 'root', ...FIRST_CONTACT, 'id -un; ls -ld /root/.ssh /etc/shadow'),
    ).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^root\n.*drwx------.*\/root\/\.ssh|^root\n-rw-------/) as string,
    });
    expect(await ssh('web', 'web', ...AGAIN, 'id -un; id -Gn; pwd; cat /etc/shadow')).toMatchObject({
      stdout: 'web\nweb disk\n/home/web',
      stderr: expect.stringContaining('Permission denied') as string,
    });
    for (const [key, user, ...options] of [
      ['web', 'root'],
      ['other', 'root'],
      ['root', 'web'],
      ['root', 'nobody'],
      [undefined, 'root', '-o', 'PreferredAuthentications=password,keyboard-interactive'],
      [undefined, 'root', '-o', 'PreferredAuthentications=none'],
    ] as const) {
      const tried = await ssh(key, user, ...AGAIN, ...options, 'id');
      expect(tried, `${String(key)} as ${user}`).toMatchObject({ exitCode: 255, stdout: '' });
      expect(tried.stderr).toMatch(/Permission denied \(publickey\)/);
    }
  });

  test('nothing is forwarded', async () => {
    const through = await execa(
      'ssh',
      [
        ...[
          '-F',
          '/dev/null',
          '-p',
          String(port),
          '-o',
          `UserKnownHostsFile=${known}`,
          '-o',
          'BatchMode=yes',
        ],
        ...['-i', join(folder, 'root'), '-o', 'IdentitiesOnly=yes', '-W', '127.0.0.1:22', 'root@127.0.0.1'],
      ],
      { reject: false, input: '' },
    );
    expect(through.exitCode).not.toBe(0);
    expect(through.stderr).toMatch(/open failed|forwarding failed/);
    expect(through.stdout).not.toContain('SSH-2.0');
  });

  test('passwords that are set on the device are SHA-512, and the host key outlives a boot', async () => {
    const set = await ssh(
      'root',
      'root',
      ...AGAIN,
      "echo 'web:staple battery' | chpasswd; grep -c '^web:[$]6[$]' /etc/shadow",
    );
    expect(set.stdout).toMatch(/1$/);
    const first = await ssh('root', 'root', ...AGAIN, 'ls -l /etc/dropbear; netstat -ltn | grep -c :');
    expect(first.stdout).toMatch(/^-rw------- .* ed25519$/m);
    // Nothing but dropbear listens, on IPv4 and IPv6 or both at once.
    expect(Number(/(\d+)$/.exec(first.stdout)?.[1])).toBeLessThanOrEqual(2);
    guest?.press('poweroff', 'Enter');
    await guest?.waitFor(/qemu ended with 0/);
    const again = boot('login-again', true);
    expect(await prompt(again)).not.toContain('another one after each boot');
    expect(await ssh('root', 'root', ...AGAIN, 'hostname')).toMatchObject({ exitCode: 0, stdout: 'malta' });
  });
});

test('in memory the console says that the host key does not stay, and SSH works all the same', async () => {
  rmSync(known);
  const screen = await prompt(boot('login-memory', false));
  expect(screen).toContain('/etc/dropbear is in memory: the host key is another one after each boot');
  expect(await ssh('root', 'root', ...FIRST_CONTACT, 'hostname')).toMatchObject({
    exitCode: 0,
    stdout: 'malta',
  });
});
