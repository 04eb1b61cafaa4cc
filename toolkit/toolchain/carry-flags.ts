import { join } from 'node:path';
import { shellActive } from '../base/shell-word.ts';
import { writeAtomic } from '../host/write-atomic.ts';

/** The file in a step's work directory that holds the flags. */
const FILE = 'flags.rsp';

/**
 * Returns compiler flags as words that configure, make, libtool and shell scripts can split and expand safely. Flags of
 * plain characters stay as they are. As soon as one has a blank, a quote, `$`, a backtick or the like, all of them go
 * into a response file, which only the compiler reads (GCC manual, "Overall Options", `@file`). `dir` is a step's work
 * directory, whose path is safe for make.
 */
export async function carryFlags(flags: readonly string[], dir: string): Promise<readonly string[]> {
  if (flags.every((flag) => shellActive(flag) === undefined)) return flags;
  const file = join(dir, FILE);
  await writeAtomic(file, responseFile(flags));
  return [`@${file}`];
}

/** Returns the text of a response file: blanks split it, a backslash escapes the next character (libiberty's buildargv). */
export function responseFile(words: readonly string[]): string {
  return words.map((word) => `${word.replace(/[\s'"\\]/g, '\\$&')}\n`).join('');
}
