import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { execa as Execa } from 'execa';
import { KitError } from '../base/errors.ts';
import { shellWords } from '../base/shell-word.ts';
import { collectOutput } from './collect-output.ts';
import { findProgram } from './find-program.ts';
import { tailOfFile } from './log-tail.ts';
import { groupAlive, readyWatch, terminateGroup, unwatchGroup, watchGroup } from './process-groups.ts';
import { ToolLog } from './tool-log.ts';

export type Argv = readonly [string, ...string[]];

/** How a tool is told of a jobserver. */
export interface JobServerAccess {
  /** What MAKEFLAGS says of it. */
  readonly auth: string;
  /** Descriptors that the tool is given beside stdin, stdout and stderr. */
  readonly descriptors: readonly number[];
}

export interface RunOptions {
  readonly cwd: string;
  /** The tool's whole environment; nothing is inherited. See `toolEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything the tool prints is appended here, after the command line itself. */
  readonly logFile?: string;
  /** Matches the names of variables that are the person's own, a password perhaps: the log has no values of those. */
  readonly unlogged?: RegExp;
  readonly signal: AbortSignal;
  /** Bytes for the tool's stdin; without them stdin is closed. */
  readonly input?: string;
  /** Keep stdout and stderr in the result. */
  readonly capture?: boolean;
  /**
   * The jobserver that the tool shares its processes by, instead of the `-jN` among its arguments. The log and a hint
   * show that all the same: by hand there is no jobserver.
   */
  readonly jobServer?: JobServerAccess;
  /** Is told each line of stdout and stderr, without its end, when it is in the log. Very long lines are cut. */
  readonly onLine?: (line: string) => void;
}

/** How a tool ended. `output` is its stdout, `errors` its stderr, when `capture` was asked for. */
export type RunResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: string; readonly errors: string }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly reason: string };

/** How long what a tool printed may take to arrive once the tool itself has ended. */
const DRAIN_MS = 1_000;

/**
 * Runs one host tool to its end, in a process group of its own that outlives neither the tool nor lxc-kit: processes
 * that it leaves in the background are ended too, since one that keeps the tool's stdout open would hold the step for ever.
 * Throws the signal's reason when it is aborted, and what ToolLog throws.
 */
export async function runTool(argv: Argv, options: RunOptions): Promise<RunResult> {
  options.signal.throwIfAborted();
  if (!existsSync(options.cwd)) {
    // The system would say ENOENT, as for a program that is missing.
    return { kind: 'not-started', reason: `the folder it is to run in, ${options.cwd}, does not exist` };
  }
  // Only now: a command that starts no tool must not wait for a hundred modules.
  const { execa } = await import('execa');
  options.signal.throwIfAborted();
  const log = openLog(argv, options);
  const child = startTool(execa, argv, options);
  const group = child.pid;
  if (group !== undefined) watchGroup(group);
  let ending: Promise<void> | undefined;
  const endGroup = (): void => {
    if (group !== undefined) ending ??= terminateGroup(group);
  };
  options.signal.addEventListener('abort', endGroup, { once: true });
  let failure: { readonly error: unknown } | undefined;
  const collect = collectOutput(options, log);
  const take = (stream: 'stdout' | 'stderr', bytes: Buffer | undefined): void => {
    if (failure !== undefined) return;
    try {
      collect[stream](bytes);
    } catch (error) {
      failure = { error };
      endGroup();
    }
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (bytes: Buffer) => {
      take(stream, bytes);
    });
  }
  const ended = child.then((result) => result);
  child.once('exit', () => void drain(child, ended, group));
  try {
    const result = await ended;
    if (group !== undefined && groupAlive(group)) endGroup();
    // The leader may be gone before its children are; the next run must not meet them.
    await ending;
    for (const stream of ['stdout', 'stderr'] as const) take(stream, undefined);
    options.signal.throwIfAborted();
    if (failure !== undefined) throw failure.error;
    if (result.signal !== undefined) return { kind: 'killed', signal: result.signal };
    if (result.exitCode === undefined)
      return { kind: 'not-started', reason: result.originalMessage ?? 'unknown' };
    return { kind: 'exited', exitCode: result.exitCode, ...collect.captured() };
  } finally {
    options.signal.removeEventListener('abort', endGroup);
    if (group !== undefined) unwatchGroup(group);
    log?.close();
  }
}

type Child = ReturnType<typeof startTool>;

function startTool(execa: typeof Execa, argv: Argv, options: RunOptions) {
  const { args, env, descriptors } = withJobServer(argv, options);
  return execa(argv[0], args, {
    cwd: options.cwd,
    env: { ...env, ...readyWatch() },
    extendEnv: false,
    // Own process group: `make`, `sh` and friends do not pass a signal on to
    // their children, so cancelling must reach the group, not only its leader.
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    ...(options.input === undefined ? {} : { input: options.input }),
    // execa hands descriptors on, but its types know them for the first three only.
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(descriptors as never[])],
  });
}

/** GNU make and ninja take the place of a jobserver from MAKEFLAGS. */
function withJobServer(
  [, ...args]: Argv,
  { env, jobServer }: RunOptions,
): { args: string[]; env: Record<string, string>; descriptors: readonly number[] } {
  if (jobServer === undefined) return { args, env: { ...env }, descriptors: [] };
  const jobs = args.find((word) => /^-j\d+$/.test(word)) ?? '';
  return {
    // With a -j of its own the tool would not use it.
    args: args.filter((word) => word !== jobs),
    env: { ...env, MAKEFLAGS: ` ${jobs} ${jobServer.auth}` },
    descriptors: jobServer.descriptors,
  };
}

/** Waits for the rest of a tool's output, and no longer than that for what it left in the background. */
async function drain(child: Child, ended: Promise<unknown>, group: number | undefined): Promise<void> {
  const inTime = async (): Promise<boolean> =>
    Promise.race([ended.then(() => true), sleep(DRAIN_MS, false, { ref: false })]);
  if (await inTime()) return;
  if (group !== undefined) await terminateGroup(group);
  if (await inTime()) return;
  // What made itself a session of its own is nobody's to end; what it prints is not read any more.
  child.stdout.destroy();
  child.stderr.destroy();
}

/** How a tool ended that had the person's terminal. */
export type TerminalRun =
  { readonly kind: 'exited'; readonly exitCode: number } | Exclude<RunResult, { readonly kind: 'exited' }>;

export interface TerminalOptions extends Pick<RunOptions, 'cwd' | 'env' | 'signal'> {
  /** Which of lxc-kit's own file descriptors the terminal is that it writes to; stdout may be a pipe. */
  readonly terminal: 1 | 2;
}

/**
 * Runs a tool on the person's terminal, which is then set again as it was. The tool stays in lxc-kit's own process
 * group, as the shell would run it: only so it is told of Ctrl-C and of a window that changes its size. Whoever calls
 * has to see to it that lxc-kit itself minds no Ctrl-C meanwhile.
 */
export async function runOnTerminal(argv: Argv, options: TerminalOptions): Promise<TerminalRun> {
  options.signal.throwIfAborted();
  const [file, ...args] = argv;
  const { cwd, terminal } = options;
  const env = { ...options.env };
  const { execa } = await import('execa');
  const settings = await execa('stty', ['-g'], { env, extendEnv: false, stdin: 'inherit', reject: false });
  const child = execa(file, args, {
    cwd,
    env,
    extendEnv: false,
    stdin: 'inherit',
    stdout: terminal,
    stderr: 'inherit',
    cleanup: false,
    reject: false,
    buffer: false,
  });
  // make hands SIGTERM on to what it runs.
  const end = (): void => void child.kill('SIGTERM');
  options.signal.addEventListener('abort', end, { once: true });
  try {
    const result = await child;
    options.signal.throwIfAborted();
    if (result.signal !== undefined) return { kind: 'killed', signal: result.signal };
    if (result.exitCode !== undefined) return { kind: 'exited', exitCode: result.exitCode };
    return { kind: 'not-started', reason: result.originalMessage ?? 'unknown' };
  } finally {
    options.signal.removeEventListener('abort', end);
    if (settings.exitCode === 0)
      await execa('stty', [settings.stdout], { env, extendEnv: false, stdin: 'inherit', reject: false });
  }
}

/**
 * Runs a tool that has to succeed and returns its stdout (with `capture`).
 * Throws STEP_FAILED with the log's last lines, or TOOL_MISSING when it is not there.
 */
export async function runToolOrFail(argv: Argv, options: RunOptions): Promise<string> {
  const result = await runTool(argv, options);
  if (result.kind === 'exited' && result.exitCode === 0) return result.output;
  if (result.kind === 'not-started' && isMissing(argv[0], result.reason, options)) {
    const where = argv[0].includes('/') ? 'not there' : 'not in PATH';
    throw new KitError('TOOL_MISSING', `${argv[0]} is ${where}`, { hint: 'run: npx lxc-kit doctor' });
  }
  throw new KitError('STEP_FAILED', `${argv[0]} ${describeEnd(result)}`, {
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    lines: await lastLines(result, options),
    hint: `run it again by hand: cd ${commandLine([options.cwd])} && ${commandLine(argv)}`,
  });
}

/** ENOENT is also what the system says of a script whose interpreter is missing. */
function isMissing(program: string, reason: string, { env }: RunOptions): boolean {
  return reason.includes('ENOENT') && findProgram(program, env['PATH'] ?? '') === undefined;
}

function describeEnd(result: RunResult): string {
  switch (result.kind) {
    case 'exited':
      return `ended with exit code ${result.exitCode}`;
    case 'killed':
      return `was killed by ${result.signal}`;
    case 'not-started':
      return `could not be started: ${result.reason}`;
  }
}

const SHOWN_LINES = 15;

async function lastLines(result: RunResult, { logFile }: RunOptions): Promise<string[]> {
  if (result.kind === 'not-started') return [];
  if (logFile !== undefined) return tailOfFile(logFile, SHOWN_LINES);
  if (result.kind === 'killed' || result.errors.trim() === '') return [];
  return result.errors.trimEnd().split('\n').slice(-SHOWN_LINES);
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
  return shellWords(argv);
}

function openLog(argv: Argv, options: RunOptions): ToolLog | undefined {
  if (options.logFile === undefined) return undefined;
  const log = new ToolLog(options.logFile);
  const environment = Object.entries(options.env)
    .filter(([name]) => !['HOME', 'TMPDIR', 'USER', 'LOGNAME'].includes(name))
    .map(([name, value]) =>
      // As the person's own shell has it.
      options.unlogged?.test(name) === true ? `${name}="$${name}"` : commandLine([`${name}=${value}`]),
    );
  log.write(
    `$ cd ${commandLine([options.cwd])} && ${['env', ...environment, commandLine(argv)].join(' ')}\n`,
  );
  return log;
}
