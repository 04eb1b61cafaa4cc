import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';

/** Setgid, and writable by the group. */
const OF_GROUP = 0o2020;

/**
 * Makes a directory and those above it; one that is there is left as it is. Throws what the system says. In a directory
 * of a group (group-writable, setgid) the new one is the group's too: a store that several people share stays one.
 * `mkdir` with `recursive` does not do: it never ends where a file system answers ENOENT to every new name, as /proc
 * does, and says ENOENT on a read-only one.
 */
export function makeDirs(dir: string): void {
  try {
    mkdirSync(dir);
    if (isOfGroup(dirname(dir))) chmodSync(dir, statSync(dir).mode | 0o020);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST' && statSync(dir).isDirectory()) return;
    if (code !== 'ENOENT' || existsSync(dirname(dir))) throw error;
    makeDirs(dirname(dir));
    // Another process may have been quicker.
    makeDirs(dir);
  }
}

/** Whether what is made in a directory is to be its group's. */
export function isOfGroup(dir: string): boolean {
  return (statSync(dir).mode & OF_GROUP) === OF_GROUP;
}
