import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { KitError, errorMessage } from '../base/errors.ts';
import { redactUrls } from '../base/redact-urls.ts';
import { makeDirs } from './make-dirs.ts';
import { systemTrouble } from './system-trouble.ts';

/**
 * The file that a tool's output is appended to. It is written synchronously: output is in the log before anyone else
 * sees it, a tool that prints faster than the disk can write has to wait, and its last line is never lost.
 * All methods throw OUT_UNWRITABLE, or STEP_FAILED when the disk is full.
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

/** Anyone may read a log, and tools print the URLs that they were given. */
function withoutLogins(content: string | Buffer): Buffer {
  if (!content.includes('://')) return typeof content === 'string' ? Buffer.from(content) : content;
  // Every other byte stays the same, whatever the encoding.
  if (typeof content === 'string') return Buffer.from(redactUrls(content));
  return Buffer.from(redactUrls(content.toString('latin1')).replaceAll('\u2026', '...'), 'latin1');
}
