import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';
import { runToolOrFail, type JobServerAccess } from './run-tool.ts';

export interface JobServerOptions {
  /** An existing directory whose file system can hold a named pipe. */
  readonly dir: string;
  /** The environment of mkfifo. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** stdin, stdout and stderr. */
const STANDARD_DESCRIPTORS = 3;

/** So many tokens a pipe holds wherever it is, a page (pipe(7), "Pipe capacity"); writing one more would wait for ever. */
export const MOST_TOKENS = 4096;

/** What a token looks like; GNU make puts back the byte that it took, so any will do. */
const TOKEN = '+';

/**
 * A jobserver as GNU make understands it: a pipe with one byte for each process more that may be started. Every tool
 * that takes part has one token of its own that is never in the pipe, and takes one out for each further process
 * (GNU make manual, "POSIX Jobserver Interaction").
 */
export class JobServer {
  readonly #file: string;
  readonly #reader: number;
  readonly #writer: number;

  private constructor(file: string) {
    this.#file = file;
    // Opened twice: make sets what it reads from to O_NONBLOCK, and with one description that would hold for both ends.
    this.#reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#writer = openSync(file, constants.O_WRONLY);
  }

  /** Makes an empty pipe. Throws when mkfifo is missing, or `dir` is on a file system without named pipes. */
  static async open({ dir, env, signal }: JobServerOptions): Promise<JobServer> {
    const file = join(dir, 'jobserver');
    // What a run that was killed left: nobody holds it any more.
    await rm(file, { force: true });
    await runToolOrFail(['mkfifo', '-m', '600', file], { cwd: dir, env, signal });
    return new JobServer(file);
  }

  /** For clients that inherit the pipe's descriptors: GNU make from 4.2 on; an older one knows only its -jN. */
  inherited(): JobServerAccess {
    const read = STANDARD_DESCRIPTORS;
    return { auth: `--jobserver-auth=${read},${read + 1}`, descriptors: [this.#reader, this.#writer] };
  }

  /** For clients that open it by its name: ninja from 1.13 on, which knows no other way. */
  named(): JobServerAccess {
    return { auth: `--jobserver-auth=fifo:${this.#file}`, descriptors: [] };
  }

  /** Lets so many more processes run. */
  put(count: number): void {
    if (count > 0) writeSync(this.#writer, TOKEN.repeat(count));
  }

  /** Takes up to `count` tokens, as many as nobody uses now. Whoever takes them has to `put` them back. */
  takeFree(count: number): number {
    if (count <= 0) return 0;
    try {
      return readSync(this.#reader, Buffer.alloc(count));
    } catch (error) {
      if (systemErrorCode(error) === 'EAGAIN') return 0;
      throw error;
    }
  }

  async close(): Promise<void> {
    closeSync(this.#reader);
    closeSync(this.#writer);
    await rm(this.#file, { force: true });
  }
}
