import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { execa } from 'execa';
import { KitError } from '../base/errors.ts';
import { tailOfFile } from './log-tail.ts';
import { terminateGroup, unwatchGroup, watchGroup } from './process-groups.ts';

export type Argv = readonly [string, ...string[]];

export interface RunOptions {
  readonly cwd: string;
  /** The tool's whole environment; nothing is inherited. See `toolEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything the tool prints is appended here, after the command line itself. */
  readonly logFile?: string;
  readonly signal: AbortSignal;
  /** Bytes for the tool's stdin; without them stdin is closed. */
  readonly input?: string;
  /** Keep stdout in the result. */
  readonly capture?: boolean;
  readonly onLine?: (line: string) => void;
}

/** How a tool ended. `output` is its stdout, when `capture` was asked for. */
export type RunResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: string; readonly errors: string }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly reason: string };

/** Runs one host tool to its end, in a process group of its own that never outlives lxc-kit. */
export async function runTool(argv: Argv, options: RunOptions): Promise<RunResult> {
  options.signal.throwIfAborted();
  const [file, ...args] = argv;
  const log = openLog(argv, options);
  // Own process group: `make`, `sh` and friends do not pass a signal on to
  // their children, so cancelling must reach the group, not only its leader.
  const child = execa(file, args, {
    cwd: options.cwd,
    env: { ...options.env },
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    all: true,
    stripFinalNewline: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  const group = child.pid;
  if (group !== undefined) watchGroup(group);
  let ending: Promise<void> | undefined;
  const abort = (): void => {
    if (group !== undefined) ending = terminateGroup(group);
  };
  options.signal.addEventListener('abort', abort, { once: true });
  const output: string[] = [];
  const errors: string[] = [];
  if (options.capture === true)
    child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  if (options.capture === true)
    child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  if (log !== undefined) child.all.pipe(log);
  try {
    for await (const line of child.iterable({ from: 'all' })) options.onLine?.(line);
    const result = await child;
    // A caller that prints the log's tail must find the last line in it.
    if (log !== undefined) await finished(log.end());
    options.signal.throwIfAborted();
    if (result.signal !== undefined) return { kind: 'killed', signal: result.signal };
    if (result.exitCode === undefined)
      return { kind: 'not-started', reason: result.originalMessage ?? 'unknown' };
    return { kind: 'exited', exitCode: result.exitCode, output: output.join(''), errors: errors.join('') };
  } finally {
    options.signal.removeEventListener('abort', abort);
    // The leader may be gone before its children are; the next run must not meet them.
    await ending;
    if (group !== undefined) unwatchGroup(group);
  }
}

/**
 * Runs a tool that has to succeed and returns its stdout (with `capture`).
 * Throws STEP_FAILED with the log's last lines, or TOOL_MISSING when it is not there.
 */
export async function runToolOrFail(argv: Argv, options: RunOptions): Promise<string> {
  const result = await runTool(argv, options);
  if (result.kind === 'exited' && result.exitCode === 0) return result.output;
  const shown = commandLine(argv);
  const details = {
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    ...(options.logFile === undefined
      ? result.kind === 'exited'
        ? { lines: result.errors.trimEnd().split('\n').slice(-15) }
        : {}
      : { lines: await tailOfFile(options.logFile, 15) }),
    hint: `run it again by hand: cd ${options.cwd} && ${shown}`,
  };
  switch (result.kind) {
    case 'exited':
      throw new KitError('STEP_FAILED', `${argv[0]} ended with exit code ${result.exitCode}`, details);
    case 'killed':
      throw new KitError('STEP_FAILED', `${argv[0]} was killed by ${result.signal}`, details);
    case 'not-started':
      if (result.reason.includes('ENOENT')) {
        throw new KitError('TOOL_MISSING', `${argv[0]} is not in PATH`, { hint: 'run: npx lxc-kit doctor' });
      }
      throw new KitError('STEP_FAILED', `${argv[0]} could not be started: ${result.reason}`, details);
  }
}

/**
 * The environment every tool gets: a path, a home and a fixed locale, plus `extra`.
 * Everything else of the user's environment stays out, so that it cannot change what is built.
 */
export function toolEnvironment(
  user: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'USER', 'LOGNAME']) {
    const value = user[name];
    if (value !== undefined) kept[name] = value;
  }
  return { ...kept, LC_ALL: 'C', TZ: 'UTC', ...extra };
}

/** A command line as a person can paste it into a shell. */
export function commandLine(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

function openLog(argv: Argv, options: RunOptions): ReturnType<typeof createWriteStream> | undefined {
  if (options.logFile === undefined) return undefined;
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  const environment = Object.entries(options.env)
    .filter(([name]) => !['HOME', 'TMPDIR', 'USER', 'LOGNAME'].includes(name))
    .map(([name, value]) => commandLine([`${name}=${value}`]));
  log.write(`$ cd ${commandLine([options.cwd])} && env ${environment.join(' ')} ${commandLine(argv)}\n`);
  return log;
}
