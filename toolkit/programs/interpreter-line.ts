import { posix } from 'node:path';

/** The first line of a script, as the kernel reads it (execve(2), "Interpreter scripts"). */
export interface InterpreterLine {
  readonly interpreter: string;
  /** Everything after the interpreter, as one word. */
  readonly argument: string | undefined;
  /** Whether the line ends with a carriage return, which the kernel reads as part of the last word. */
  readonly carriageReturn: boolean;
}

/** BINPRM_BUF_SIZE, in bytes: the kernel reads no more of a file. */
export const INTERPRETER_LINE_BYTES = 256;

/** Reads `#!`; undefined when the file does not begin with it, or names no interpreter. */
export function readInterpreterLine(head: string): InterpreterLine | undefined {
  const [, text] = /^#![ \t]*([^\n]*)/.exec(head.slice(0, INTERPRETER_LINE_BYTES)) ?? [];
  if (text === undefined) return undefined;
  const carriageReturn = text.endsWith('\r');
  const [, interpreter, argument] = /^([^ \t\0\r]+)[ \t]*([^\0\r]*?)[ \t]*\r?$/.exec(text) ?? [];
  if (interpreter === undefined) return undefined;
  return { interpreter, argument: argument === '' ? undefined : argument, carriageReturn };
}

/**
 * Returns the program that `#!/usr/bin/env …` starts: env gets the rest of the line as one word, so it looks for a
 * program with a space in its name unless it splits the word itself (`-S`). Undefined when there is none or it is unknown.
 */
export function programOfEnv({ interpreter, argument }: InterpreterLine): string | undefined {
  if (posix.basename(interpreter) !== 'env' || argument === undefined) return undefined;
  const [, split] = /^(?:-S|--split-string=)\s*(.*)$/.exec(argument) ?? [];
  if (split === undefined) return /^[-\w]*=|^-/.test(argument) ? undefined : argument;
  const word = split.split(/[ \t]+/).find((one) => !/^-|=/.test(one));
  return word === undefined || /["'\\$]/.test(word) ? undefined : word;
}

const SHELLS = ['sh', 'ash', 'bash', 'dash', 'hush'];

/** Whether a script is a shell script, for BusyBox or another shell. */
export function isShell({ interpreter, argument }: InterpreterLine): boolean {
  const name = posix.basename(interpreter);
  if (['busybox', 'env'].includes(name)) return SHELLS.includes(argument?.split(/[ \t]/)[0] ?? '');
  return SHELLS.includes(name);
}
