import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MARKER } from './console-log.ts';
import type { SerialPort } from './serial-port.ts';
import { undoOnlcr } from './undo-onlcr.ts';

/** The time between two probes of a shell that is not up yet. */
const PROBE_INTERVAL_MS = 1_000;

/** A tty in line mode takes at most 4095 bytes in one line; stay well below. */
const LINE_BYTES = 1_000;

type OnBytes = (bytes: Buffer) => void;

/** The guest's shell, ready for commands. */
export interface GuestShell {
  /** Whether commands have their own serial port, to which neither the kernel nor daemons print. */
  readonly ownPort: boolean;
  /**
   * Runs `command` in a new `sh -c`, with an empty stdin, and stdout and stderr in one pipe.
   * Output goes to `onOutput` as it arrives, byte for byte. Returns the exit code.
   */
  run(command: string, onOutput: OnBytes, signal: AbortSignal): Promise<number>;
}

/**
 * Waits until the guest's shell answers on the console, and makes it serve commands.
 *
 * It does not look for a prompt: it types a probe again and again until it sees the result.
 *
 * Then a second `sh` reads commands from the second serial port and answers there, because the console also
 * carries what the kernel and daemons print. Behind a pipe it is a plain batch shell: no prompt, no line editor,
 * no echo, and commands see a pipe instead of a terminal, as with `ssh HOST COMMAND`. (It must read the port
 * itself: BusyBox's cat moves bytes from a tty to a pipe with sendfile, and Linux before 6.5 holds the pipe's
 * lock while that waits for more, so that `cat | sh` sometimes never gets what was typed.)
 * A guest without that port gets the same on its console, with the kernel's messages turned off.
 */
export async function openGuestShell(
  ports: { readonly console: SerialPort; readonly commands: SerialPort },
  commandDevice: string,
  signal: AbortSignal,
): Promise<GuestShell> {
  const nonce = randomBytes(4).toString('hex');
  await probeShell(ports.console, `${MARKER}${nonce}-shell`, signal);

  const serving = `${MARKER}${nonce}-up`;
  // Short lines: a line editor wraps at 80 columns, and may be built for only 128 characters.
  ports.console.type(`lxckit() { stty raw -echo; ${echo(serving)}; sh 2>&1|cat; }\n`);
  ports.console.type(`{ lxckit; } <${commandDevice} >${commandDevice} || { dmesg -n 1; lxckit; }\n`);
  const answer = async (port: SerialPort): Promise<GuestShell> => {
    const lineEnd = await port.readUntil(serving, ignore, signal);
    const cooked = lineEnd === '\r';
    let count = 0;
    return {
      ownPort: port === ports.commands,
      run: (command, onOutput, signal) =>
        runCommand({ port, cooked, tag: `${nonce}-${count++}` }, command, onOutput, signal),
    };
  };
  return Promise.race([answer(ports.commands), answer(ports.console)]);
}

async function probeShell(console: SerialPort, result: string, signal: AbortSignal): Promise<void> {
  const answered = new AbortController();
  const probing = (async () => {
    // About 16 bytes typed before the kernel opens the port get lost, so type spaces first.
    console.type(' '.repeat(32));
    while (!answered.signal.aborted) {
      // The empty line wakes a console that asks for Enter first.
      console.type(`\n${echo(result)}\n`);
      await sleep(PROBE_INTERVAL_MS, undefined, { signal: answered.signal }).catch(ignore);
    }
  })();
  try {
    await console.readUntil(result, ignore, signal);
  } finally {
    answered.abort();
    await probing;
  }
}

interface CommandContext {
  readonly port: SerialPort;
  /** The tty echoes and puts a carriage return before every line feed, because no stty has turned that off. */
  readonly cooked: boolean;
  /** Distinguishes the markers of this command from all others. */
  readonly tag: string;
}

async function runCommand(
  { port, cooked, tag }: CommandContext,
  command: string,
  onOutput: OnBytes,
  signal: AbortSignal,
): Promise<number> {
  // \x1e (record separator) keeps ordinary text from looking like the start of a marker.
  const begin = `\x1e${MARKER}${tag}-begin`;
  const end = `\x1e${MARKER}${tag}-exit-`;
  const lines = `${echo(begin)}; sh -c ${quote(command)} </dev/null; ${echo(end)}$?`.split('\n');
  for (const [i, line] of lines.entries()) {
    port.type(`${line}\n`);
    // The echo of many lines at once may arrive late, in the middle of the command's output.
    if (cooked && i < lines.length - 1) await port.readUntil('', ignore, signal);
  }
  await port.readUntil(begin, ignore, signal);
  const output = cooked ? undoOnlcr(onOutput) : { write: onOutput, end: ignore };
  const exitCode = await port.readUntil(end, (bytes) => output.write(bytes), signal);
  output.end();
  return Number.parseInt(exitCode, 10);
}

/**
 * Returns the command that prints a marker. A backslash makes it differ from its own echo. (Quotes would do so too, but
 * if a probe loses some bytes, half a pair of quotes would swallow the lines after it.)
 */
function echo(marker: string): string {
  return `echo ${marker.replace('LXC-', 'LXC\\-')}`;
}

/** Quotes a text as one word for the shell, split into lines that any tty takes. */
function quote(text: string): string {
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    piece += character === "'" ? `'\\''` : character;
    if (Buffer.byteLength(piece) < LINE_BYTES) continue;
    pieces.push(piece);
    piece = '';
  }
  pieces.push(piece);
  return pieces.map((text) => `'${text}'`).join('\\\n');
}

function ignore(): void {
  // Drop the echo, boot messages and anything else before a marker: the console log has them.
}
