import { KitError, type KitErrorDetails } from '../base/errors.ts';
import type { ConsoleLog } from './console-log.ts';
import { explainPanic, type LastWords } from './last-words.ts';
import type { Guest } from './qemu-command.ts';
import type { QemuEnd } from './start-qemu.ts';

/** How many lines of the console an error shows. */
const SHOWN_LINES = 15;

/** A command that ran to its end in the guest. */
export interface CommandResult {
  readonly command: string;
  /** Exactly the bytes that it wrote to stdout and stderr, in order of arrival. */
  readonly output: Buffer;
  readonly exitCode: number;
  readonly seconds: number;
}

/** One item that a check of the guest looked at, such as a container; a test case of the JUnit report. */
export interface CheckCase {
  readonly name: string;
  /** Each one makes the boot fail. The first line is a sentence of its own; further lines are details. */
  readonly failures: readonly string[];
  /** Printed only; they do not make the boot fail. */
  readonly warnings: readonly string[];
}

/** A check of the guest that ran to its end. */
export interface CheckResult {
  readonly name: string;
  readonly seconds: number;
  readonly cases: readonly CheckCase[];
}

/** How far a boot got. */
export interface BootProgress {
  /** The script of inittab that the start of the image was last heard to run; undefined when it said nothing. */
  readonly waitsFor?: string;
  /** From the start of QEMU to a shell that takes commands; undefined when no shell came up. */
  readonly secondsToShell?: number;
  /** The checks that ran to their end. */
  readonly checks: readonly CheckResult[];
  readonly commands: readonly CommandResult[];
  /** The command that was running when the guest ended or the time ran out. */
  readonly unfinished?: Omit<CommandResult, 'exitCode'>;
}

/** Why a boot ended before its last command did. */
export type BootEnd =
  | { readonly kind: 'timeout'; readonly seconds: number }
  | { readonly kind: 'kernel-ended'; readonly lastWords: LastWords }
  | QemuEnd;

/** BOOT_FAILED, with the progress until then. */
export class BootFailure extends KitError {
  readonly progress: BootProgress;

  constructor(message: string, progress: BootProgress, details: KitErrorDetails) {
    super('BOOT_FAILED', message, details);
    this.name = 'BootFailure';
    this.progress = progress;
  }
}

/** Returns the error for a boot that ended too early: what happened, during what, and the last lines of the console. */
export function describeBootFailure(
  end: BootEnd,
  progress: BootProgress,
  guest: Guest,
  log: ConsoleLog,
): KitError {
  if (end.kind === 'not-started') return describeNotStarted(guest, end.reason);
  const { message, hint, lines } = explain(end, progress, guest, log);
  return new BootFailure(message, progress, {
    logFile: log.file,
    lines: lines ?? log.lastLines(SHOWN_LINES),
    ...(hint === undefined ? {} : { hint }),
  });
}

type StartedEnd = Exclude<BootEnd, { kind: 'not-started' }>;

interface Explanation {
  readonly message: string;
  readonly hint?: string | undefined;
  /** Shown instead of the last lines of the console. */
  readonly lines?: readonly string[];
}

function explain(end: StartedEnd, progress: BootProgress, guest: Guest, log: ConsoleLog): Explanation {
  const command = progress.unfinished?.command;
  const before =
    command === undefined ? 'before its shell came up' : `before the command finished: ${command}`;
  switch (end.kind) {
    case 'timeout':
      return command === undefined
        ? explainNoShell(end.seconds, progress.waitsFor, guest, log)
        : {
            message: `a command was still running after ${end.seconds} s: ${command}`,
            hint: 'if it is only slow, give it more time: --timeout SECONDS',
          };
    case 'kernel-ended':
      return end.lastWords.kind === 'panicked'
        ? {
            message: `the guest's kernel panicked ${before}: ${end.lastWords.reason}`,
            hint: explainPanic(end.lastWords.reason, guest.machine, guest.root),
          }
        : { message: `the guest ${end.lastWords.kind} ${before}` };
    case 'killed':
      return { message: `${guest.program} was killed by ${end.signal} ${before}` };
    case 'exited':
      // QEMU exits with 0 when the guest ends. After a signal from outside it also exits with 0, but prints a message.
      return end.exitCode === 0 && end.errors === ''
        ? { message: `the guest ended ${before}` }
        : {
            message: `${guest.program} ended with exit code ${end.exitCode} ${before}`,
            lines: end.errors.trimEnd().split('\n').slice(-SHOWN_LINES),
          };
  }
}

function explainNoShell(
  seconds: number,
  waitsFor: string | undefined,
  guest: Guest,
  log: ConsoleLog,
): Explanation {
  const message = `the guest's shell did not come up within ${seconds} s`;
  if (log.silent) {
    return {
      message: `${message}; the guest printed nothing at all`,
      hint: `check that ${guest.kernelFile} is a kernel for the machine ${guest.machine.name}, with its serial console`,
    };
  }
  const slow = 'if the machine is only slow, give it more time: --timeout SECONDS';
  if (waitsFor === undefined) {
    return {
      message: `${message}; it printed nothing on ${guest.machine.commandPort.name}`,
      hint: `the lines above say how far it came; ${slow}`,
    };
  }
  return {
    message: `${message}: ${waitsFor} was still running`,
    hint: `init waits for it, and only then has the image started; ${slow}`,
  };
}

/** Returns the error for a QEMU that is missing or cannot be started. */
export function describeNotStarted(guest: Guest, reason: string): KitError {
  if (reason.includes('ENOENT')) {
    return new KitError('TOOL_MISSING', `${guest.program} is not in PATH`, {
      hint: 'run: npx lxc-kit doctor',
    });
  }
  return new KitError('STEP_FAILED', `${guest.program} could not be started: ${reason}`);
}
