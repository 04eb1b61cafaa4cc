import { execFile } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { KitError } from '../../../toolkit/base/errors.ts';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { BootFailure } from '../../../toolkit/emulator/boot-failure.ts';
import {
  bootGuest,
  type BootEvent,
  type BootRequest,
  type GuestCheck,
} from '../../../toolkit/emulator/boot-guest.ts';
import { waitUntil } from '../../rigs/cli-process.ts';
import { scratchDir } from '../scratch.ts';
import { compileRooms } from './compile-rooms.ts';
import { fakeGuest, qemusLeft } from './fake-guest.ts';

/** An hour until a boot times out, and the function that lets this hour pass; no test waits for it. */
function hourOfBoot(): { readonly timeoutSeconds: number; readonly pass: () => void } {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const pass = (): void => {
    vi.advanceTimersByTime(3600_000);
    // QEMU is ended by a timer of its own.
    vi.useRealTimers();
  };
  return { timeoutSeconds: 3600, pass };
}

/** Boots a guest that must fail, and returns why it did. */
async function failureOf(request: BootRequest): Promise<BootFailure> {
  const error: unknown = await bootGuest(request).catch((error: unknown) => error);
  if (!(error instanceof BootFailure)) throw new Error(`not a BootFailure: ${String(error)}`);
  expect(error.code).toBe('BOOT_FAILED');
  expect(error.logFile).toBe(request.logFile);
  return error;
}

async function untilQemuRuns(dir: string): Promise<void> {
  for (let tries = 0; qemusLeft(dir).length === 0 && tries < 200; tries++) await sleep(50);
  expect(qemusLeft(dir)).not.toEqual([]);
}

test('runs all commands in order, also after one that failed, and leaves nothing running', async () => {
  const { request, events, dir } = fakeGuest('shell', { commands: ['echo 1; exit 4', 'echo 2'] });
  const started = performance.now();
  const result = await bootGuest(request);
  expect(result.secondsToShell).toBeGreaterThan(0);
  expect(result.secondsToShell * 1000).toBeLessThan(performance.now() - started);
  expect(result.commands).toMatchObject([
    { command: 'echo 1; exit 4', exitCode: 4, output: Buffer.from('1\n') },
    { command: 'echo 2', exitCode: 0, output: Buffer.from('2\n') },
  ]);
  expect(events.map(({ type }) => type)).toEqual([
    'shell-up',
    ...['command-started', 'output', 'command-finished'],
    ...['command-started', 'output', 'command-finished'],
  ]);
  expect(qemusLeft(dir)).toEqual([]);
});

test('a check runs once before the commands, out of sight, and they run whatever it finds', async () => {
  const { request, events } = fakeGuest('shell', {
    checks: [
      {
        name: 'the weather',
        run: async (ask) => {
          const [rain = '', wind = ''] = (await ask('echo rain; echo >&2 wind')).trim().split('\n');
          const snow = (await ask(`echo "$0 ${rain}" | sed s/.*rain/snow/`)).trim();
          return [{ name: 'outside', failures: [rain, wind, snow], warnings: ['cold'] }];
        },
      },
    ],
    commands: ['echo 1'],
  });
  const result = await bootGuest(request);
  expect(result.checks).toMatchObject([
    {
      name: 'the weather',
      cases: [{ name: 'outside', failures: ['rain', 'wind', 'snow'], warnings: ['cold'] }],
    },
  ]);
  expect(result.commands).toMatchObject([{ command: 'echo 1', output: Buffer.from('1\n') }]);
  expect(events.map(({ type }) => type)).toEqual([
    'shell-up',
    'checked',
    ...['command-started', 'output', 'command-finished'],
  ]);
});

test('a check that hangs is named', async () => {
  const { timeoutSeconds, pass } = hourOfBoot();
  const hang: GuestCheck['run'] = async (ask) => {
    const answer = ask('sleep 60');
    pass();
    await answer;
    return [];
  };
  const checks = [{ name: 'the weather', run: hang }];
  const { request } = fakeGuest('shell', { checks, commands: ['echo 1'], timeoutSeconds });
  const failure = await failureOf(request);
  expect(failure.message).toBe('a command was still running after 3600 s: the weather');
  expect(failure.progress).toMatchObject({ commands: [], unfinished: { command: 'the weather' } });
});

test('output is handed on as it comes', async () => {
  // The command goes on only when its first word has been handed on.
  const go = join(scratchDir(), 'go');
  let seen = '';
  const { request } = fakeGuest('shell', {
    commands: [`printf one; while [ ! -e ${go} ]; do sleep 0.05; done; printf two`],
    onEvent: (event) => {
      if (event.type !== 'output') return;
      seen += Buffer.from(event.bytes).toString();
      writeFileSync(go, '');
    },
  });
  await bootGuest(request);
  expect(seen).toBe('onetwo');
});

test('the console log begins with a command line that boots the same guest by hand', async () => {
  const { request } = fakeGuest('recorded', {}, 'panic-no-root');
  await failureOf(request);
  const log = readFileSync(request.logFile, 'utf8');
  expect(log).toMatch(
    /^\n\$ qemu-system-mipsel -M malta .* -nographic .*-append '[^']*rdinit=\/lxc-kit\/start'\n/,
  );
  expect(log).toContain(readFileSync(request.env['FAKE_CONSOLE'] ?? '', 'utf8'));
});

test.each([
  [
    'panic-no-root',
    'VFS: Unable to mount root fs on unknown-block(1,0)',
    'to start from an initramfs the kernel needs CONFIG_BLK_DEV_INITRD=y, CONFIG_RD_GZIP=y, and the image an executable /sbin/init',
  ],
  [
    'panic-no-init',
    'Requested init /sbin/missing failed (error -2).',
    'check /sbin/init: it is missing, not executable, for another processor, or lacks its dynamic linker',
  ],
  [
    'panic-init-died',
    'Attempted to kill init! exitcode=0x00000100',
    '/sbin/init ended or crashed; the lines above say why',
  ],
])('%s: says so at once, with its lines', async (name, reason, hint) => {
  // QEMU stays, as under a kernel that does not restart after a panic.
  for (const kind of ['recorded', 'recorded-hang']) {
    const { request } = fakeGuest(kind, { commands: ['true'] }, name);
    const failure = await failureOf(request);
    expect(failure.message).toBe(`the guest's kernel panicked before its shell came up: ${reason}`);
    expect(failure.hint).toBe(hint);
    expect(failure.lines).toHaveLength(15);
    expect(failure.lines.at(-1)).toBe(`Kernel panic - not syncing: ${reason}`);
  }
});

test('a panic during a command names both', async () => {
  const { request } = fakeGuest('shell', { commands: ['echo before', 'echo now; crash', 'echo never'] });
  const failure = await failureOf(request);
  expect(failure.message).toBe(
    "the guest's kernel panicked before the command finished: echo now; crash: sysrq triggered crash",
  );
  expect(failure.lines.slice(-4)).toEqual([
    'now',
    // The kernel goes on where the prompt of the login was.
    'fake login: [    1.595833] sysrq: Trigger a crash',
    '[    1.600327] Kernel panic - not syncing: sysrq triggered crash',
    '[    1.602544] Kernel relocated by 0x1c13d30b',
  ]);
  expect(failure.progress.commands.map(({ command }) => command)).toEqual(['echo before']);
  expect(failure.progress.unfinished?.output.toString()).toBe('now\n');
});

test('printing the log of a panic is no panic', async () => {
  const command = 'echo "Kernel panic - not syncing: of yesterday"; echo "reboot: Power down"; sleep 0.6';
  const { request } = fakeGuest('shell', { commands: [command, 'true'] });
  const { commands } = await bootGuest(request);
  expect(commands.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
});

test.each(['poweroff', 'poweroff -stay'])('%s: the command did not finish', async (command) => {
  const { request } = fakeGuest('shell', { commands: [command] });
  const failure = await failureOf(request);
  expect(failure.message).toBe(`the guest powered off before the command finished: ${command}`);
});

test('a command that takes too long is named', async () => {
  const { timeoutSeconds, pass } = hourOfBoot();
  const onEvent = ({ type }: BootEvent): void => {
    // A little later, so that the command is asleep: QEMU's stand-in waits for one that begins when it ends.
    if (type === 'output') void sleep(300).then(pass);
  };
  const commands = ['echo a; sleep 30', 'true'];
  const { request, dir } = fakeGuest('shell', { commands, timeoutSeconds, onEvent });
  const failure = await failureOf(request);
  expect(failure.message).toBe('a command was still running after 3600 s: echo a; sleep 30');
  expect(failure.lines.slice(-2)).toEqual(['a', 'fake login:']);
  expect(failure.progress.secondsToShell).toBeGreaterThan(0);
  expect(qemusLeft(dir)).toEqual([]);
});

test('a shell that does not come up', async () => {
  const { timeoutSeconds, pass } = hourOfBoot();
  const { request } = fakeGuest('recorded-hang', { timeoutSeconds });
  const lastLine = 'rcS: waiting for the network';
  const failing = failureOf(request);
  const printed = (): boolean =>
    existsSync(request.logFile) && readFileSync(request.logFile, 'utf8').includes(lastLine);
  await waitUntil(printed, lastLine);
  pass();
  const failure = await failing;
  expect(failure.message).toBe(
    "the guest's shell did not come up within 3600 s; it printed nothing on ttyS2",
  );
  expect(failure.lines.at(-1)).toBe(lastLine);
  expect(failure.hint).toBe(
    'the lines above say how far it came; if the machine is only slow, give it more time: --timeout SECONDS',
  );
});

test('what the start of an image still runs is named', async () => {
  const { timeoutSeconds, pass } = hourOfBoot();
  const { request } = fakeGuest('shell-stuck', { timeoutSeconds });
  const failing = failureOf(request);
  const said = (): boolean =>
    existsSync(request.logFile) && readFileSync(request.logFile, 'utf8').includes('waits /etc/init.d/rcS');
  await waitUntil(said, 'waits');
  pass();
  const failure = await failing;
  expect(failure.message).toBe(
    "the guest's shell did not come up within 3600 s: /etc/init.d/rcS was still running",
  );
});

test('a guest that prints nothing', async () => {
  const { request } = fakeGuest('silent', { timeoutSeconds: 0.5 });
  const failure = await failureOf(request);
  expect(failure.message).toBe(
    "the guest's shell did not come up within 0.5 s; the guest printed nothing at all",
  );
  expect(failure.hint).toContain('check that images/vmlinux is a kernel for the machine malta');
});

test('shows what QEMU prints on stderr', async () => {
  const { request } = fakeGuest('broken');
  const failure = await failureOf(request);
  expect(failure.message).toBe('qemu-system-mipsel ended with exit code 1 before its shell came up');
  expect(failure.lines).toEqual([
    "qemu-system-mipsel: could not load kernel 'vmlinux': The image is not ELF",
  ]);
});

test('a QEMU that is not there is a missing tool', async () => {
  const { request } = fakeGuest('shell');
  const guest = { ...request.guest, program: 'qemu-system-none' };
  const error: unknown = await bootGuest({ ...request, guest }).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(KitError);
  expect(error).toMatchObject({ code: 'TOOL_MISSING', message: 'qemu-system-none is not in PATH' });
});

test.each(['recorded-hang', 'shell'])('an abort ends %s with the reason of the signal', async (kind) => {
  const controller = new AbortController();
  const { request, dir } = fakeGuest(kind, { commands: ['sleep 100'], signal: controller.signal });
  const reason = new Error('enough');
  const booting = bootGuest(request);
  booting.catch(() => undefined);
  await untilQemuRuns(dir);
  controller.abort(reason);
  await expect(booting).rejects.toBe(reason);
  expect(qemusLeft(dir)).toEqual([]);
});

test('an exception of the caller ends the guest too', async () => {
  const { request, dir } = fakeGuest('shell', {
    commands: ['true'],
    onEvent: (event) => {
      if (event.type === 'shell-up') throw new Error('of the caller');
    },
  });
  await expect(bootGuest(request)).rejects.toThrow('of the caller');
  expect(qemusLeft(dir)).toEqual([]);
});

test('QEMU ends when lxc-kit is killed', async () => {
  const { request, dir } = fakeGuest('recorded-hang');
  // A process of its own, from the compiled sources, that can be killed.
  const compiled = join(dir, 'compiled');
  symlinkSync(shippedPath('node_modules'), join(dir, 'node_modules'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  const entry = join(dir, 'boot.js');
  const { signal: _signal, onEvent: _onEvent, ...plain } = request;
  writeFileSync(
    entry,
    `import { bootGuest } from './compiled/emulator/boot-guest.js';
     await bootGuest({ ...${JSON.stringify(plain)}, signal: new AbortController().signal });`,
  );
  await compileRooms(compiled, ['base', 'host', 'emulator']);
  const child = execFile(process.execPath, [entry]);
  await untilQemuRuns(dir);
  child.kill('SIGKILL');
  await waitUntil(() => qemusLeft(dir).length === 0, 'the end of QEMU');
});
