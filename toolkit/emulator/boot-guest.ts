import { commandLine } from '../host/run-tool.ts';
import {
  describeBootFailure,
  type BootEnd,
  type BootProgress,
  type CheckCase,
  type CheckResult,
  type CommandResult,
} from './boot-failure.ts';
import { ConsoleLog } from './console-log.ts';
import { openGuestShell, type GuestShell } from './guest-shell.ts';
import { watchLastWords } from './last-words.ts';
import { qemuCommand, type Guest } from './qemu-command.ts';
import { startQemu, type RunningQemu } from './start-qemu.ts';

/** After its last words a kernel may still print its state, and QEMU may end by itself: wait so that errors show more. */
const LAST_WORDS_GRACE_MS = 300;

/** Runs a script in the guest's shell and returns its output, which is not printed anywhere. */
export type AskGuest = (script: string) => Promise<string>;

/** A condition that every guest must meet before commands are of any use. */
export interface GuestCheck {
  /** A noun phrase for what is checked. */
  readonly name: string;
  /** Asks the guest as often as it needs to. */
  readonly run: (ask: AskGuest) => Promise<readonly CheckCase[]>;
}

export interface BootRequest {
  readonly guest: Guest;
  /** Run once, before the commands. The commands run whatever the checks find, so that the user can investigate. */
  readonly checks?: readonly GuestCheck[];
  /** Run in this order; a failing command does not stop the next. */
  readonly commands: readonly string[];
  /** For the whole boot, from the start of QEMU to the end of the last command. */
  readonly timeoutSeconds: number;
  /** Gets everything the guest prints; earlier content is overwritten. */
  readonly logFile: string;
  /** QEMU's complete environment; see `toolEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: BootEvent) => void;
}

export type BootEvent =
  | { readonly type: 'shell-up'; readonly seconds: number }
  | { readonly type: 'checked'; readonly result: CheckResult }
  | { readonly type: 'command-started'; readonly command: string }
  /** Output of the running command, as it arrives; a character may be split between two chunks. */
  | { readonly type: 'output'; readonly bytes: Buffer }
  | { readonly type: 'command-finished'; readonly result: CommandResult };

/** A boot in which every command ended, whatever its exit code. */
export interface BootResult {
  readonly secondsToShell: number;
  readonly checks: readonly CheckResult[];
  readonly commands: readonly CommandResult[];
}

/**
 * Boots a guest, runs commands in its shell, and ends it. Nothing is left running, even on errors.
 *
 * Throws BootFailure (BOOT_FAILED) when the guest panics, ends, or takes too long before its last command has
 * finished; TOOL_MISSING when there is no QEMU; the reason of `signal` when that is aborted.
 */
export async function bootGuest(request: BootRequest): Promise<BootResult> {
  const { guest, signal, timeoutSeconds } = request;
  signal.throwIfAborted();
  const log = new ConsoleLog(request.logFile);
  // This line lets the user boot the same guest by hand.
  log.note(commandLine(qemuCommand(guest, 'terminal')));
  const qemu = startQemu(guest, request.env);
  for (const port of [qemu.consoleBytes, qemu.commandBytes]) port.on('data', log.addPort());

  const stop = new AbortController();
  let end: BootEnd | undefined;
  const finish = (why: BootEnd): void => {
    end ??= why;
    stop.abort(new Error(`the boot ended: ${end.kind}`));
  };
  const timer = setTimeout(() => finish({ kind: 'timeout', seconds: timeoutSeconds }), timeoutSeconds * 1000);
  const watch = watchLastWords(qemu.consoleBytes, (lastWords) => {
    setTimeout(() => finish({ kind: 'kernel-ended', lastWords }), LAST_WORDS_GRACE_MS);
  });
  void qemu.ended.then((qemuEnd) => {
    const lastWords = qemuEnd.kind === 'exited' ? watch.latest() : undefined;
    finish(lastWords === undefined ? qemuEnd : { kind: 'kernel-ended', lastWords });
  });

  const session: Session = {
    request,
    qemu,
    log,
    checks: [],
    commands: [],
    signal: AbortSignal.any([signal, stop.signal]),
  };
  try {
    const result = await runCommands(session);
    log.throwIfIncomplete();
    return result;
  } catch (error) {
    // The last bytes it printed belong in the message.
    await qemu.stop();
    signal.throwIfAborted();
    if (error !== stop.signal.reason || end === undefined) throw error;
    throw describeBootFailure(end, progressOf(session), guest, log);
  } finally {
    clearTimeout(timer);
    await qemu.stop();
    await log.close();
  }
}

/** A boot in progress. */
interface Session {
  readonly request: BootRequest;
  readonly qemu: RunningQemu;
  readonly log: ConsoleLog;
  /** Aborted when the guest cannot go on, or when the user interrupts. */
  readonly signal: AbortSignal;
  /** The script that the start of the image ran last, as far as it is known. */
  waitsFor?: string;
  secondsToShell?: number;
  readonly checks: CheckResult[];
  readonly commands: CommandResult[];
  running?: { readonly command: string; readonly output: Buffer[]; readonly since: number };
}

async function runCommands(session: Session): Promise<BootResult> {
  const { request, qemu, signal } = session;
  const since = performance.now();
  const shell = await openGuestShell(qemu.commands, signal, (what) => (session.waitsFor = what));
  const secondsToShell = (session.secondsToShell = secondsSince(since));
  request.onEvent?.({ type: 'shell-up', seconds: secondsToShell });
  for (const check of request.checks ?? []) await runCheck(session, shell, check);
  for (const command of request.commands) await runCommand(session, shell, command);
  const { checks, commands } = session;
  return { secondsToShell, checks, commands };
}

async function runCheck(session: Session, shell: GuestShell, check: GuestCheck): Promise<void> {
  const { request, log, signal } = session;
  const { name } = check;
  const running = (session.running = { command: name, output: [] as Buffer[], since: performance.now() });
  log.note(name);
  const cases = await check.run(async (script) => {
    const answer: Buffer[] = [];
    const keep = (bytes: Buffer): void => {
      answer.push(bytes);
      running.output.push(bytes);
    };
    await shell.run(script, keep, signal);
    return Buffer.concat(answer).toString('utf8');
  });
  const result = { name, seconds: secondsSince(running.since), cases };
  session.checks.push(result);
  delete session.running;
  request.onEvent?.({ type: 'checked', result });
}

async function runCommand(session: Session, shell: GuestShell, command: string): Promise<void> {
  const { request, log, signal } = session;
  const running = (session.running = { command, output: [] as Buffer[], since: performance.now() });
  log.note(command);
  request.onEvent?.({ type: 'command-started', command });
  const onOutput = (bytes: Buffer): void => {
    running.output.push(bytes);
    request.onEvent?.({ type: 'output', bytes });
  };
  const exitCode = await shell.run(command, onOutput, signal);
  const output = Buffer.concat(running.output);
  const result = { command, output, exitCode, seconds: secondsSince(running.since) };
  delete session.running;
  session.commands.push(result);
  request.onEvent?.({ type: 'command-finished', result });
}

function progressOf({ waitsFor, secondsToShell, checks, commands, running }: Session): BootProgress {
  return {
    checks,
    commands,
    ...(waitsFor === undefined ? {} : { waitsFor }),
    ...(secondsToShell === undefined ? {} : { secondsToShell }),
    ...(running === undefined
      ? {}
      : {
          unfinished: {
            command: running.command,
            output: Buffer.concat(running.output),
            seconds: secondsSince(running.since),
          },
        }),
  };
}

function secondsSince(since: number): number {
  return (performance.now() - since) / 1000;
}
