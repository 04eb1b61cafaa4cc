import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runInteractive, type InteractiveRequest } from '../../../toolkit/emulator/interactive.ts';
import { waitUntil } from '../../rigs/cli-process.ts';
import { fakeGuest, qemusLeft } from './fake-guest.ts';

/** A run on a terminal of which the test is the person; `shown` is what stands on it. */
function atTerminal(kind: string, overrides: Partial<InteractiveRequest> = {}, console?: string) {
  const { request, dir } = fakeGuest(kind, {}, console);
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (bytes: Buffer) => (shown += bytes.toString()));
  const told: string[] = [];
  const run = runInteractive({
    guest: request.guest,
    shows: 'shell',
    terminal: { input, output },
    logFile: join(dir, 'console.log'),
    env: request.env,
    signal: request.signal,
    inform: (line) => told.push(line.trim()),
    ...overrides,
  });
  run.catch(() => undefined);
  return {
    run,
    dir,
    told,
    type: (text: string) => input.write(text),
    seen: (text: string) => waitUntil(() => shown.includes(text), text),
    heard: (text: string) => waitUntil(() => told.some((line) => line.includes(text)), text),
    log: () => readFileSync(join(dir, 'console.log'), 'utf8'),
    shown: () => shown,
  };
}

test('the console until the image has started, then a root shell, which gets what was typed before', async () => {
  const { run, dir, type, seen, told, log, shown } = atTerminal('shell-terminal');
  type('echo early $((6 * 7))\r');
  await seen('rcS: done');
  await seen('early 42');
  type('echo later $((6 * 8))\r');
  await seen('later 48');
  type('\x01x');
  await run;
  expect(told).toEqual([
    'Ctrl-A X ends the emulator, Ctrl-A C switches between the root shell and the console of the image',
    'this is a root shell of lxc-kit; Ctrl-A C shows the console of the image',
  ]);
  expect(log()).toContain('fake login: ');
  expect(log()).not.toContain('early');
  expect(shown()).not.toContain('LXC-KIT');
  expect(qemusLeft(dir)).toEqual([]);
});

test('the console of the image, as on the device, with the root shell behind a key', async () => {
  const { run, type, seen, heard, told } = atTerminal('shell-terminal', { shows: 'console' });
  await seen('fake login: ');
  type('root\r');
  // The terminal of a console echoes.
  await seen('fake login: root');
  // Until the shell is up the key says so.
  const switched = (): boolean => told.some((line) => line.startsWith('this is a root shell'));
  await waitUntil(() => {
    if (!switched()) type('\x01c');
    return switched();
  }, 'the root shell');
  type('echo in $((6 * 9))\r');
  await seen('in 54');
  type('\x01h');
  await heard('Ctrl-A Ctrl-A types Ctrl-A');
  type('\x01x');
  await run;
});

test('a guest that powers off is the ordinary end', async () => {
  const { run } = atTerminal('recorded', {
    env: { ...fakeGuest('recorded').request.env, FAKE_CONSOLE: '/dev/null' },
  });
  await run;
});

test('a panic is said, also while QEMU stays, and explained at the end', async () => {
  const { run, type, heard } = atTerminal('recorded-hang', {}, 'panic-no-init');
  await heard("the guest's kernel panicked: Requested init /sbin/missing failed");
  type('\x01x');
  await run;
  const ended = atTerminal('recorded', {}, 'panic-no-init').run;
  await expect(ended).rejects.toMatchObject({
    code: 'BOOT_FAILED',
    message: expect.stringContaining('Requested init /sbin/missing failed') as string,
  });
});

test('a QEMU that fails, and one that is not there', async () => {
  await expect(atTerminal('broken').run).rejects.toMatchObject({
    code: 'BOOT_FAILED',
    message: 'qemu-system-mipsel ended with exit code 1',
    lines: ["qemu-system-mipsel: could not load kernel 'vmlinux': The image is not ELF"],
  });
  const { request } = fakeGuest('shell');
  const guest = { ...request.guest, program: 'qemu-system-none' };
  await expect(atTerminal('shell', { guest }).run).rejects.toMatchObject({ code: 'TOOL_MISSING' });
});

test('an abort ends it', async () => {
  const controller = new AbortController();
  const { run, dir } = atTerminal('silent', { signal: controller.signal });
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 500);
  await expect(run).rejects.toBe(reason);
  expect(qemusLeft(dir)).toEqual([]);
});
