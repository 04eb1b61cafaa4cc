import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from '../base/errors.ts';

/** Setgid, and writable by the group. */
const OF_GROUP = 0o2020;

/**
 * Makes a directory and its parents; an existing one is left unchanged. Throws the system's error. In a directory of a
 * group (group-writable, setgid) the new one belongs to the group too, so that a store of several people stays shared.
 * `mkdir` with `recursive` does not work: it never ends on a file system that answers ENOENT to every new name, such as
 * /proc, and reports ENOENT on a read-only one.
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
    // Another process may have been faster.
    makeDirs(dir);
  }
}

/** Whether new files in a directory should belong to its group. */
export function isOfGroup(dir: string): boolean {
  return (statSync(dir).mode & OF_GROUP) === OF_GROUP;
}
