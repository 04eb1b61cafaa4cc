import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';

/**
 * Makes a directory and those above it; one that is there is left as it is. Throws what the system says.
 * `mkdir` with `recursive` does not do: it never ends where a file system answers ENOENT to every new name, as /proc
 * does, and says ENOENT on a read-only one.
 */
export function makeDirs(dir: string): void {
  try {
    mkdirSync(dir);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST' && statSync(dir).isDirectory()) return;
    if (code !== 'ENOENT' || existsSync(dirname(dir))) throw error;
    makeDirs(dirname(dir));
    // Another process may have been quicker.
    makeDirs(dir);
  }
}
