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

/** A pipe holds at least this many tokens, a page (pipe(7), "Pipe capacity"); writing one more could block forever. */
export const MOST_TOKENS = 4096;

/** A token; GNU make puts back the byte that it took, so any byte will do. */
const TOKEN = '+';

/**
 * A jobserver as GNU make understands it: a pipe with one byte for each further process that may be started. Every
 * client has one token of its own that is never in the pipe, and takes one out for each further process
 * (GNU make manual, "POSIX Jobserver Interaction").
 */
export class JobServer {
  readonly #file: string;
  readonly #reader: number;
  readonly #writer: number;

  private constructor(file: string) {
    this.#file = file;
    // Opened twice: make sets O_NONBLOCK on its read end, which would affect both ends of a shared file description.
    this.#reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#writer = openSync(file, constants.O_WRONLY);
  }

  /** Makes an empty pipe. Throws when mkfifo is missing, or `dir` is on a file system without named pipes. */
  static async open({ dir, env, signal }: JobServerOptions): Promise<JobServer> {
    const file = join(dir, 'jobserver');
    // Left by a killed run; no process has it open any more.
    await rm(file, { force: true });
    await runToolOrFail(['mkfifo', '-m', '600', file], { cwd: dir, env, signal });
    return new JobServer(file);
  }

  /** For clients that inherit the pipe's descriptors: GNU make from 4.2 on; older ones only know -jN. */
  inherited(): JobServerAccess {
    const read = STANDARD_DESCRIPTORS;
    return { auth: `--jobserver-auth=${read},${read + 1}`, descriptors: [this.#reader, this.#writer] };
  }

  /** For clients that open it by name: ninja from 1.13 on, which only supports that. */
  named(): JobServerAccess {
    return { auth: `--jobserver-auth=fifo:${this.#file}`, descriptors: [] };
  }

  /** Allows `count` more processes. */
  put(count: number): void {
    if (count > 0) writeSync(this.#writer, TOKEN.repeat(count));
  }

  /** Takes up to `count` tokens that are free now. The caller has to `put` them back. */
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
