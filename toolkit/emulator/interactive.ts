import { execa } from 'execa';
import { KitError } from '../base/errors.ts';
import { readyWatch, terminateGroup, unwatchGroup, watchGroup } from '../host/process-groups.ts';
import { describeNotStarted } from './boot-failure.ts';
import { qemuCommand, type Guest } from './qemu-command.ts';

/**
 * Boots a guest with its console on the user's terminal; returns when the guest powers off or the user types Ctrl-A X.
 * Restores the terminal's settings. Throws TOOL_MISSING, BOOT_FAILED when QEMU itself fails, and the reason of
 * `signal` when that is aborted.
 */
export async function runInteractive(
  guest: Guest,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
  inform?: (line: string) => void,
): Promise<void> {
  signal.throwIfAborted();
  const terminalState = await stty(['-g'], env);
  inform?.('Ctrl-A X ends the emulator, Ctrl-A H lists its other commands');
  const [program, ...args] = qemuCommand(guest, 'terminal');
  // A process group of its own, so that the watchdog can end it. Ctrl-C does not
  // depend on that: QEMU reads it as a character and types it to the guest.
  const child = execa(program, args, {
    env: { ...env, ...readyWatch() },
    extendEnv: false,
    stdio: 'inherit',
    detached: true,
    cleanup: false,
    reject: false,
  });
  const group = child.pid;
  const abort = (): void => {
    if (group !== undefined) void terminateGroup(group);
  };
  if (group !== undefined) watchGroup(group);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const result = await child;
    signal.throwIfAborted();
    if (result.signal !== undefined) {
      throw new KitError('BOOT_FAILED', `${program} was killed by ${result.signal}`);
    }
    if (result.exitCode === undefined) throw describeNotStarted(guest, result.originalMessage ?? 'unknown');
    if (result.exitCode !== 0) {
      throw new KitError('BOOT_FAILED', `${program} ended with exit code ${result.exitCode}`);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (group !== undefined) unwatchGroup(group);
    // QEMU does this itself, unless it was killed.
    if (terminalState !== undefined) await stty([terminalState], env);
  }
}

/** Runs stty on the user's terminal; returns undefined when stdin is not a terminal. */
async function stty(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { exitCode, stdout } = await execa('stty', args, {
    env: { ...env },
    extendEnv: false,
    stdin: 'inherit',
    reject: false,
  });
  return exitCode === 0 ? stdout : undefined;
}
