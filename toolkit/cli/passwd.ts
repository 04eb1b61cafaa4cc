import { on } from 'node:events';
import { KitError } from '../base/errors.ts';
import { hashPassword } from '../accounts/hash-password.ts';
import { passwordWeakness } from '../accounts/password-weakness.ts';
import { print, printStatus } from './terminal.ts';

export interface PasswdOptions {
  readonly user: string;
}

/** `lxc-kit passwd`: prints the hash of a password for `users:` of a profile. The password itself is printed nowhere. */
export async function passwd({ user }: PasswdOptions): Promise<void> {
  const { stdin } = process;
  const password = stdin.isTTY ? await askTwice(stdin) : await readPasswordFromPipe(stdin);
  const weakness = passwordWeakness(password.toString('utf8'), [user, 'root']);
  if (weakness !== undefined)
    throw new KitError('USAGE', `this password is refused: ${weakness}`, {
      hint: 'choose a longer one, such as four words',
    });
  print(hashPassword(password));
  if (process.stdout.isTTY)
    printStatus(`write it into the profile, in quotes: users: [{ name: ${user}, password: '…' }]`);
}

async function askTwice(stdin: typeof process.stdin): Promise<Buffer> {
  const [first = '', again] = await askWithoutEcho(['Password: ', 'The same again: '], stdin, (text) => {
    process.stderr.write(text);
  });
  if (first !== again) throw new KitError('USAGE', 'the two passwords differ');
  return Buffer.from(first);
}

/** More is no password: someone has redirected another file. */
const MAX_INPUT_BYTES = 4096;

/** Keys of a terminal in raw mode. */
const KEYS = {
  interrupt: '\x03',
  end: '\x04',
  eraseLine: '\x15',
  erase: ['\x7f', '\b'],
  enter: ['\r', '\n'],
} as const;

/** Reads the one line of a pipe or a file; without its end, byte for byte. Throws USAGE when there is more, or too much. */
async function readPasswordFromPipe(stdin: NodeJS.ReadStream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stdin as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_INPUT_BYTES)
      throw new KitError('USAGE', `stdin has more than ${MAX_INPUT_BYTES} bytes: it is not a password`);
  }
  const input = Buffer.concat(pieces).toString('latin1');
  const line = input.replace(/\r?\n$/, '');
  if (line.includes('\n'))
    throw new KitError('USAGE', 'stdin has more than one line', {
      hint: 'give the password alone, in one line',
    });
  return Buffer.from(line, 'latin1');
}

/**
 * Asks on a terminal, without echo, and returns the answers. Throws INTERRUPTED at Ctrl-C, at Ctrl-D in an empty line,
 * and when the terminal is gone. The terminal gets its echo back in any case; Node.js itself does that when a signal ends
 * the process.
 */
async function askWithoutEcho(
  questions: readonly string[],
  stdin: NodeJS.ReadStream,
  ask: (text: string) => void,
): Promise<string[]> {
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  const answers: string[] = [];
  let typed: string[] = [];
  ask(questions[0] ?? '');
  try {
    for await (const [input] of on(stdin.resume(), 'data', { close: ['end'] }) as AsyncIterable<[string]>) {
      for (const key of input) {
        if (key === KEYS.interrupt || (key === KEYS.end && typed.length === 0)) throw interrupted();
        if ((KEYS.enter as readonly string[]).includes(key)) {
          answers.push(typed.join(''));
          typed = [];
          ask('\n');
          if (answers.length === questions.length) return answers;
          ask(questions[answers.length] ?? '');
        } else if ((KEYS.erase as readonly string[]).includes(key)) typed.pop();
        else if (key === KEYS.eraseLine) typed = [];
        else typed.push(key);
      }
    }
    throw interrupted();
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
  }
}

function interrupted(): KitError {
  return new KitError('INTERRUPTED', 'no password was read');
}
