import type { Readable, Writable } from 'node:stream';
import { KitError } from '../base/errors.ts';
import { commandLine } from '../host/run-tool.ts';
import { describeBootFailure, describeNotStarted } from './boot-failure.ts';
import { ConsoleLog } from './console-log.ts';
import { KeyReader } from './key-reader.ts';
import { watchLastWords } from './last-words.ts';
import { openGuestShell } from './guest-shell.ts';
import { qemuCommand, type Guest } from './qemu-command.ts';
import { startQemu, type RunningQemu } from './start-qemu.ts';

/** The user's terminal: stdin and stdout, which may also be pipes. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  readonly output: Writable;
}

export interface InteractiveRequest {
  readonly guest: Guest;
  /** The side that the terminal shows once the image has started; until then it shows the console. */
  readonly shows: 'shell' | 'console';
  readonly terminal: Terminal;
  /** Gets everything the guest prints on its console; earlier content is overwritten. */
  readonly logFile: string;
  /** QEMU's complete environment; see `toolEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly inform: (line: string) => void;
}

const KEYS =
  'Ctrl-A X ends the emulator, Ctrl-A C switches between the root shell and the console of the image';

/**
 * Boots a guest with lxc-kit's root shell, or the image's own console, on the user's terminal; returns when the guest
 * powers off or the user types Ctrl-A X. Input that comes before the shell is up waits for it.
 *
 * Throws TOOL_MISSING, BOOT_FAILED when the guest panics or QEMU itself fails, and the reason of `signal` when that is
 * aborted. The terminal gets its settings back.
 */
export async function runInteractive(request: InteractiveRequest): Promise<void> {
  const { guest, signal, terminal, inform } = request;
  signal.throwIfAborted();
  const log = new ConsoleLog(request.logFile);
  log.note(commandLine(qemuCommand(guest, 'terminal')));
  inform(KEYS);
  const qemu = startQemu(guest, request.env);
  qemu.consoleBytes.on('data', log.addPort());
  const watch = watchLastWords(qemu.consoleBytes, (words) => {
    // A kernel that does not restart leaves QEMU running, and the console may be out of sight.
    if (words.kind === 'panicked') inform(`\nthe guest's kernel panicked: ${words.reason}`);
  });
  let asked = false as boolean;
  const end = (): void => {
    asked = true;
    void qemu.stop();
  };
  signal.addEventListener('abort', end, { once: true });
  const stop = new AbortController();
  const raw = terminal.input.isTTY === true ? terminal.input.setRawMode?.bind(terminal.input) : undefined;
  try {
    raw?.(true);
    const talking = new Talk(qemu, request, end).run(stop.signal);
    const ended = await qemu.ended;
    stop.abort(new Error('the guest has ended'));
    await talking;
    signal.throwIfAborted();
    if (asked) return;
    const lastWords = watch.latest();
    if (ended.kind === 'not-started') throw describeNotStarted(guest, ended.reason);
    if (lastWords?.kind === 'panicked')
      throw describeBootFailure(
        { kind: 'kernel-ended', lastWords },
        { checks: [], commands: [] },
        guest,
        log,
      );
    if (ended.kind === 'killed')
      throw new KitError('BOOT_FAILED', `${guest.program} was killed by ${ended.signal}`);
    if (ended.exitCode !== 0) {
      throw new KitError('BOOT_FAILED', `${guest.program} ended with exit code ${ended.exitCode}`, {
        lines: ended.errors.trimEnd().split('\n'),
      });
    }
  } finally {
    signal.removeEventListener('abort', end);
    raw?.(false);
    terminal.input.pause();
    await qemu.stop();
    await log.close();
  }
}

/** The terminal, the console and the shell, and which of the two the terminal shows. */
class Talk {
  readonly #qemu: RunningQemu;
  readonly #request: InteractiveRequest;
  readonly #end: () => void;
  #shown: 'console' | 'shell' = 'console';
  #shellIsUp = false;
  /** Typed for the shell before it was up. */
  readonly #early: Buffer[] = [];

  constructor(qemu: RunningQemu, request: InteractiveRequest, end: () => void) {
    this.#qemu = qemu;
    this.#request = request;
    this.#end = end;
  }

  /** Passes bytes on in both directions until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { terminal, inform, shows } = this.#request;
    const show = (side: 'console' | 'shell') => (bytes: Buffer) => {
      if (this.#shown === side) terminal.output.write(bytes);
    };
    const keys = new KeyReader({
      x: this.#end,
      c: () => this.#switch(),
      h: () => inform(`${KEYS}, Ctrl-A Ctrl-A types Ctrl-A`),
    });
    const onInput = (bytes: Buffer): void => {
      const typed = keys.read(bytes);
      if (typed.length > 0) this.#type(typed);
    };
    this.#qemu.consoleBytes.on('data', show('console'));
    terminal.input.on('data', onInput);
    try {
      const { stillRuns } = await openGuestShell(this.#qemu.commands, signal);
      if (stillRuns !== undefined) inform(`\nthe image is still starting: ${stillRuns} runs`);
      this.#shellIsUp = true;
      if (shows === 'shell') this.#switch();
      for (const bytes of this.#early.splice(0)) this.#qemu.commands.type(bytes);
      await this.#qemu.commands.forward(show('shell'), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      terminal.input.off('data', onInput);
    }
  }

  #type(typed: Buffer): void {
    if (this.#shown === 'shell') this.#qemu.commands.type(typed);
    else if (this.#shellIsUp || this.#request.shows === 'console') this.#qemu.typeOnConsole(typed);
    else this.#early.push(typed);
  }

  #switch(): void {
    if (!this.#shellIsUp) {
      this.#request.inform('\nthe root shell is not up yet');
      return;
    }
    this.#shown = this.#shown === 'shell' ? 'console' : 'shell';
    this.#request.inform(
      this.#shown === 'shell'
        ? '\nthis is a root shell of lxc-kit; Ctrl-A C shows the console of the image'
        : '\nthis is the console of the image; Ctrl-A C shows the root shell',
    );
    // An empty line makes whatever is there show its prompt again.
    this.#type(Buffer.from('\r'));
  }
}
