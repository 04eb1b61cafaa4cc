import { randomBytes } from 'node:crypto';
import { MARKER } from './console-log.ts';
import type { SerialPort } from './serial-port.ts';

/** A tty in line mode takes at most 4095 bytes in one line; stay well below. */
const LINE_BYTES = 1_000;

/** The beginning of every message of guest-shell/serve. \x1e (record separator) keeps ordinary text apart. */
const MESSAGE = `\x1e${MARKER}`;

type OnBytes = (bytes: Buffer) => void;

/** The guest's shell, ready for commands. */
export interface GuestShell {
  /** The script that the image's start still runs, when the shell did not wait for its end. */
  readonly stillRuns: string | undefined;
  /**
   * Runs `command` in a new `sh -c`, with an empty stdin, and stdout and stderr in one pipe.
   * Output goes to `onOutput` as it arrives, byte for byte. Returns the exit code.
   */
  run(command: string, onOutput: OnBytes, signal: AbortSignal): Promise<number>;
}

/**
 * Waits until the shell of guest-shell/serve says that the image has started. Until then `onWait` gets what the
 * image's start still runs.
 *
 * The shell has a serial port of its own: the image's console belongs to the image, and carries what the kernel and
 * daemons print.
 */
export async function openGuestShell(
  port: SerialPort,
  signal: AbortSignal,
  onWait: (what: string) => void = ignore,
): Promise<GuestShell> {
  let stillRuns: string | undefined;
  for (;;) {
    const message = (await port.readUntil(MESSAGE, ignore, signal)).trimEnd();
    if (message === 'up') break;
    if (message.startsWith('up ')) {
      stillRuns = message.slice('up '.length);
      break;
    }
    if (message.startsWith('waits ')) onWait(message.slice('waits '.length));
  }
  const nonce = randomBytes(4).toString('hex');
  let count = 0;
  return {
    stillRuns,
    run: (command, onOutput, signal) =>
      runCommand({ port, tag: `${nonce}-${count++}` }, command, onOutput, signal),
  };
}

interface CommandContext {
  readonly port: SerialPort;
  /** Distinguishes the markers of this command from all others. */
  readonly tag: string;
}

async function runCommand(
  { port, tag }: CommandContext,
  command: string,
  onOutput: OnBytes,
  signal: AbortSignal,
): Promise<number> {
  const begin = `${MESSAGE}${tag}-begin`;
  const end = `${MESSAGE}${tag}-exit-`;
  port.type(`echo ${begin}; enter ${quote(command)} </dev/null; echo ${end}$?\n`);
  await port.readUntil(begin, ignore, signal);
  return Number.parseInt(await port.readUntil(end, onOutput, signal), 10);
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
  // Drop anything else before a marker: the console log has it.
}
