import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { KitError, errorMessage } from '../base/errors.ts';
import { redactUrls } from '../base/redact-urls.ts';
import { makeDirs } from './make-dirs.ts';
import { systemTrouble } from './system-trouble.ts';

/**
 * The file that a tool's output is appended to. It is written synchronously: what a tool printed is in the log before
 * anybody is told of it, a tool that prints faster than the disk takes it has to wait, and its last line is never lost.
 * Everything throws OUT_UNWRITABLE, or STEP_FAILED when the disk is full.
 */
export class ToolLog {
  readonly #file: string;
  readonly #handle: number;

  constructor(file: string) {
    this.#file = file;
    this.#handle = this.#orFail(() => {
      makeDirs(dirname(file));
      return openSync(file, 'a');
    });
  }

  write(content: string | Buffer): void {
    const bytes = withoutLogins(content);
    this.#orFail(() => {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#handle, bytes, done);
    });
  }

  close(): void {
    closeSync(this.#handle);
  }

  #orFail<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const why = systemTrouble(error);
      const code = why?.startsWith('the disk') === true ? 'STEP_FAILED' : 'OUT_UNWRITABLE';
      throw new KitError(code, `the log ${this.#file} cannot be written: ${why ?? errorMessage(error)}`, {
        hint: `look at it: df -h ${dirname(this.#file)}; ls -ld ${dirname(this.#file)}`,
        cause: error,
      });
    }
  }
}

/** A log is for everybody to read, and tools print the addresses they were given. */
function withoutLogins(content: string | Buffer): Buffer {
  if (!content.includes('://')) return typeof content === 'string' ? Buffer.from(content) : content;
  // Every byte stays what it was, in whatever encoding the tool prints.
  if (typeof content === 'string') return Buffer.from(redactUrls(content));
  return Buffer.from(redactUrls(content.toString('latin1')).replaceAll('\u2026', '...'), 'latin1');
}
