import { join } from 'node:path';
import { shellActive } from '../base/shell-word.ts';
import { writeAtomic } from '../host/write-atomic.ts';

/** The file of a step's work directory that holds the flags. */
const FILE = 'flags.rsp';

/**
 * Compiler flags as words that configure, make, libtool and shell scripts can split and expand without harm. Flags of
 * plain characters stay as they are. As soon as one has a blank, a quote, `$`, a backtick or the like, all of them go
 * into a response file, which only the compiler reads (GCC manual, "Overall Options", `@file`). `dir` is a step's work
 * directory, whose path make can work with.
 */
export async function carryFlags(flags: readonly string[], dir: string): Promise<readonly string[]> {
  if (flags.every((flag) => shellActive(flag) === undefined)) return flags;
  const file = join(dir, FILE);
  await writeAtomic(file, responseFile(flags));
  return [`@${file}`];
}

/** The text of a response file: blanks split it, a backslash keeps the character behind it (libiberty's buildargv). */
export function responseFile(words: readonly string[]): string {
  return words.map((word) => `${word.replace(/[\s'"\\]/g, '\\$&')}\n`).join('');
}
