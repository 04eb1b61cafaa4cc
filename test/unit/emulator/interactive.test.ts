import { expect, test } from 'vitest';
import { runInteractive } from '../../../toolkit/emulator/interactive.ts';
import { fakeGuest, qemusLeft } from './fake-guest.ts';

// The terminal itself is tried in QEMU; here stdin is whatever the test run has.

test('a guest that powers off is the ordinary end', async () => {
  const { request } = fakeGuest('recorded');
  const hints: string[] = [];
  const env = { ...request.env, FAKE_CONSOLE: '/dev/null' };
  await runInteractive(request.guest, env, request.signal, (line) => hints.push(line));
  expect(hints).toEqual(['Ctrl-A X ends the emulator, Ctrl-A H lists its other commands']);
});

test('a QEMU that fails, and one that is not there', async () => {
  const { request } = fakeGuest('broken-silently');
  await expect(runInteractive(request.guest, request.env, request.signal)).rejects.toMatchObject({
    code: 'BOOT_FAILED',
    message: 'qemu-system-mipsel ended with exit code 1',
  });
  const guest = { ...request.guest, program: 'qemu-system-none' };
  await expect(runInteractive(guest, request.env, request.signal)).rejects.toMatchObject({
    code: 'TOOL_MISSING',
  });
});

test('an abort ends it', async () => {
  const controller = new AbortController();
  const { request, dir } = fakeGuest('silent');
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 500);
  await expect(runInteractive(request.guest, request.env, controller.signal)).rejects.toBe(reason);
  expect(qemusLeft(dir)).toEqual([]);
});
