import type { Duplex, Readable } from 'node:stream';
import { execa } from 'execa';
import { readyWatch, terminateGroup, unwatchGroup, watchGroup } from '../host/process-groups.ts';
import { COMMAND_SOCKET_FD, qemuCommand, type Guest } from './qemu-command.ts';
import { SerialPort } from './serial-port.ts';

/** How QEMU ended; `errors` is what it printed on stderr. */
export type QemuEnd =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly errors: string }
  | { readonly kind: 'killed'; readonly signal: string; readonly errors: string }
  | { readonly kind: 'not-started'; readonly reason: string };

export interface RunningQemu {
  /** The guest's console output. */
  readonly consoleBytes: Readable;
  readonly commandBytes: Readable;
  typeOnConsole(bytes: Uint8Array): void;
  readonly commands: SerialPort;
  /** Resolves when QEMU has ended and everything it printed has been read. */
  readonly ended: Promise<QemuEnd>;
  /** Ends QEMU, whatever the guest is doing; returns when it has ended. */
  stop(): Promise<void>;
}

/** Starts QEMU without a window, in its own process group, which never outlives lxc-kit. */
export function startQemu(guest: Guest, env: Readonly<Record<string, string>>): RunningQemu {
  const [program, ...args] = qemuCommand(guest, 'ports');
  const child = execa(program, args, {
    env: { ...env, ...readyWatch() },
    extendEnv: false,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
  });
  const group = child.pid;
  if (group !== undefined) watchGroup(group);
  // Node.js makes this "pipe" a connected Unix socket, which is what QEMU expects there.
  const socket = child.stdio[COMMAND_SOCKET_FD] as unknown as Duplex;
  // `ended` reports a guest that is gone; writing to it may fail earlier.
  for (const port of [child.stdin, socket]) port.on('error', () => undefined);

  let running = true;
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-8192)));
  const ended = child.then((result): QemuEnd => {
    running = false;
    if (group !== undefined) unwatchGroup(group);
    if (result.signal !== undefined) return { kind: 'killed', signal: result.signal, errors };
    if (result.exitCode !== undefined) return { kind: 'exited', exitCode: result.exitCode, errors };
    return { kind: 'not-started', reason: result.originalMessage ?? 'unknown' };
  });
  return {
    consoleBytes: child.stdout,
    commandBytes: socket,
    typeOnConsole: (bytes) => void child.stdin.write(bytes),
    commands: new SerialPort(socket, socket),
    ended,
    async stop() {
      if (running && group !== undefined) await terminateGroup(group);
      await ended;
    },
  };
}
