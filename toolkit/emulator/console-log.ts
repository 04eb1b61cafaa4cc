import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { KitError } from '../base/errors.ts';

const TAIL_BYTES = 32 * 1024;

/** Every line that lxc-kit itself types, and every answer it waits for, contains this. */
export const MARKER = 'LXC-KIT-';

/** Those lines, and the prompts that answer the empty ones. */
const OUR_OWN_LINE = /LXC\\?-KIT-|lxckit|^\S* ?[#$] *$/;

/** Everything the guest said, byte for byte in a file, and the end of it at hand for messages. */
export class ConsoleLog {
  readonly file: string;
  readonly #stream: WriteStream;
  #tail: Buffer = Buffer.alloc(0);
  #problem: Error | undefined;

  constructor(file: string) {
    this.file = file;
    mkdirSync(dirname(file), { recursive: true });
    this.#stream = createWriteStream(file);
    this.#stream.on('error', (error) => (this.#problem = error));
  }

  write(bytes: Buffer): void {
    this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-TAIL_BYTES);
    if (this.#problem === undefined) this.#stream.write(bytes);
  }

  /** A line of lxc-kit's own, such as the command that is run next. */
  note(line: string): void {
    this.write(Buffer.from(`\n$ ${line}\n`));
  }

  /** The last lines as a person reads them: without control characters, empty lines and our own markers. */
  lastLines(count: number): string[] {
    return this.#tail
      .toString('utf8')
      .split(/[\r\n]+/)
      .map(readable)
      .filter((line) => line.trim() !== '')
      .slice(-count);
  }

  /** Throws STEP_FAILED when something could not be written. */
  throwIfIncomplete(): void {
    if (this.#problem === undefined) return;
    throw new KitError('STEP_FAILED', `${this.file} could not be written: ${this.#problem.message}`);
  }

  /** Closes the file; a log that could not be written must not hide why a boot failed. */
  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream).catch(() => undefined);
  }
}

function readable(line: string): string {
  const text = line
    // The marker at the end of a command follows an output that need not end its line.
    .replace(/\x1eLXC-KIT-.*/, '')
    .replaceAll(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replaceAll(/[^\P{Cc}\t]/gu, '')
    .trimEnd();
  return OUR_OWN_LINE.test(text) ? '' : text;
}
