import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { KitError } from '../base/errors.ts';

const TAIL_BYTES = 32 * 1024;

/** A longer line is written in parts. */
const LINE_BYTES = 8 * 1024;

const LINE_FEED = 0x0a;

/** Part of every line that lxc-kit itself types and of every answer it waits for. */
export const MARKER = 'LXC-KIT-';

/** Matches these lines, and the prompts that answer the empty ones. */
const OUR_OWN_LINE = /LXC\\?-KIT-|lxckit|^\S* ?[#$] *$/;

/** Writes everything the guest prints on its ports to a file, and keeps the end of it for messages. */
export class ConsoleLog {
  readonly file: string;
  /** Whether the guest has printed nothing yet. */
  silent = true;
  readonly #stream: WriteStream;
  readonly #ports: { begun: Buffer }[] = [];
  #tail: Buffer = Buffer.alloc(0);
  #problem: Error | undefined;

  constructor(file: string) {
    this.file = file;
    mkdirSync(dirname(file), { recursive: true });
    this.#stream = createWriteStream(file);
    this.#stream.on('error', (error) => (this.#problem = error));
  }

  /**
   * Returns a function that takes the output of one port.
   * Writes whole lines, so that two ports which print at the same time do not break up each other's.
   */
  addPort(): (bytes: Buffer) => void {
    const port = { begun: Buffer.alloc(0) as Buffer };
    this.#ports.push(port);
    return (bytes) => {
      this.silent = false;
      const all = Buffer.concat([port.begun, bytes]);
      const whole = all.length > LINE_BYTES ? all.length : all.lastIndexOf(LINE_FEED) + 1;
      this.#write(all.subarray(0, whole));
      port.begun = all.subarray(whole);
    };
  }

  /** Writes a line of lxc-kit's own, such as the command that runs next. */
  note(line: string): void {
    this.#write(Buffer.from(`\n$ ${line}\n`));
  }

  /** Returns the last lines for the user: without control characters, empty lines and our own markers. */
  lastLines(count: number): string[] {
    return Buffer.concat([this.#tail, ...this.#ports.map(({ begun }) => begun)])
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

  /** Closes the file. An error here is ignored, since it must not hide why a boot failed. */
  async close(): Promise<void> {
    for (const { begun } of this.#ports) this.#write(begun);
    this.#stream.end();
    await finished(this.#stream).catch(() => undefined);
  }

  #write(bytes: Buffer): void {
    this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-TAIL_BYTES);
    if (this.#problem === undefined) this.#stream.write(bytes);
  }
}

function readable(line: string): string {
  const text = line
    // The marker at the end of a command may follow output that does not end its line.
    .replace(/\x1eLXC-KIT-.*/, '')
    .replaceAll(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replaceAll(/[^\P{Cc}\t]/gu, '')
    .trimEnd();
  return OUR_OWN_LINE.test(text) ? '' : text;
}
