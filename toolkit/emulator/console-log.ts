import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { KitError } from '../base/errors.ts';

const TAIL_BYTES = 32 * 1024;

/** A line that is longer is written in parts. */
const LINE_BYTES = 8 * 1024;

const LINE_FEED = 0x0a;

/** Every line that lxc-kit itself types, and every answer it waits for, contains this. */
export const MARKER = 'LXC-KIT-';

/** Those lines, and the prompts that answer the empty ones. */
const OUR_OWN_LINE = /LXC\\?-KIT-|lxckit|^\S* ?[#$] *$/;

/** Everything the guest said on its ports, in a file, and the end of it at hand for messages. */
export class ConsoleLog {
  readonly file: string;
  /** Whether the guest has said anything at all. */
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
   * Takes what one port says, from now on through the function that is returned.
   * Whole lines are written, so that two ports which talk at the same time do not break up each other's.
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

  /** A line of lxc-kit's own, such as the command that is run next. */
  note(line: string): void {
    this.#write(Buffer.from(`\n$ ${line}\n`));
  }

  /** The last lines as a person reads them: without control characters, empty lines and our own markers. */
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

  /** Closes the file; a log that could not be written must not hide why a boot failed. */
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
    // The marker at the end of a command follows an output that need not end its line.
    .replace(/\x1eLXC-KIT-.*/, '')
    .replaceAll(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replaceAll(/[^\P{Cc}\t]/gu, '')
    .trimEnd();
  return OUR_OWN_LINE.test(text) ? '' : text;
}
