import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
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

/** The way in which a tool gets a jobserver. */
export interface JobServerAccess {
  /** The option for MAKEFLAGS. */
  readonly auth: string;
  /** Descriptors that the tool inherits in addition to stdin, stdout and stderr. */
  readonly descriptors: readonly number[];
}

export interface RunOptions {
  readonly cwd: string;
  /** The tool's whole environment; nothing is inherited. See `toolEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything the tool prints is appended here, after the command line itself. */
  readonly logFile?: string;
  /** Matches names of the user's own variables, which may hold a password: their values are not logged. */
  readonly unlogged?: RegExp;
  readonly signal: AbortSignal;
  /** Bytes for the tool's stdin; without them stdin is closed. */
  readonly input?: string;
  /** Keep stdout and stderr in the result. */
  readonly capture?: boolean;
  /**
   * Gets the bytes of stdout, instead of log, result and listener, as fast as it takes them. It is not ended: only the
   * result says whether the tool has written everything.
   */
  readonly stdout?: Writable;
  /**
   * The jobserver through which the tool shares its processes, instead of the `-jN` among its arguments. The log and
   * the hint still show `-jN`: a command run by hand has no jobserver.
   */
  readonly jobServer?: JobServerAccess;
  /** Called with each line of stdout and stderr, without its end, once it is in the log. Very long lines are cut. */
  readonly onLine?: (line: string) => void;
}

/** How a tool ended. `output` is its stdout, `errors` its stderr, when `capture` was asked for. */
export type RunResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: string; readonly errors: string }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly reason: string };

/** How long the rest of a tool's output may take to arrive once the tool has ended. */
const DRAIN_MS = 1_000;

/**
 * Runs one host tool to its end, in a process group of its own that outlives neither the tool nor lxc-kit: background
 * processes that it leaves are ended too, since one that keeps the tool's stdout open would block the step forever.
 * Throws the signal's reason when it is aborted, and what ToolLog throws.
 */
export async function runTool(argv: Argv, options: RunOptions): Promise<RunResult> {
  options.signal.throwIfAborted();
  if (!existsSync(options.cwd)) {
    // The system would report ENOENT, as for a missing program.
    return { kind: 'not-started', reason: `its working directory, ${options.cwd}, does not exist` };
  }
  // Imported here, so that a command without tools does not wait for a hundred modules.
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
    if (stream === 'stdout' && options.stdout !== undefined) {
      child.stdout.pipe(options.stdout, { end: false });
      continue;
    }
    child[stream].on('data', (bytes: Buffer) => {
      take(stream, bytes);
    });
  }
  const ended = child.then((result) => result);
  // A reader of stdout may be slower than the tool.
  if (options.stdout === undefined) child.once('exit', () => void drain(child, ended, group));
  try {
    const result = await ended;
    if (group !== undefined && groupAlive(group)) endGroup();
    // The leader may end before its children; they must be gone before the next run.
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
    // execa passes descriptors on, but its types only allow the first three.
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(descriptors as never[])],
  });
}

/** GNU make and ninja find the jobserver in MAKEFLAGS. */
function withJobServer(
  [, ...args]: Argv,
  { env, jobServer }: RunOptions,
): { args: string[]; env: Record<string, string>; descriptors: readonly number[] } {
  if (jobServer === undefined) return { args, env: { ...env }, descriptors: [] };
  const jobs = args.find((word) => /^-j\d+$/.test(word)) ?? '';
  return {
    // With a -j of its own the tool would ignore the jobserver.
    args: args.filter((word) => word !== jobs),
    env: { ...env, MAKEFLAGS: ` ${jobs} ${jobServer.auth}` },
    descriptors: jobServer.descriptors,
  };
}

/** Waits for the rest of a tool's output, but not for its background processes. */
async function drain(child: Child, ended: Promise<unknown>, group: number | undefined): Promise<void> {
  const inTime = async (): Promise<boolean> =>
    Promise.race([ended.then(() => true), sleep(DRAIN_MS, false, { ref: false })]);
  if (await inTime()) return;
  if (group !== undefined) await terminateGroup(group);
  if (await inTime()) return;
  // A process that started a session of its own is not ended, but its output is no longer read.
  child.stdout.destroy();
  child.stderr.destroy();
}

/** How a tool on the user's terminal ended. */
export type TerminalRun =
  { readonly kind: 'exited'; readonly exitCode: number } | Exclude<RunResult, { readonly kind: 'exited' }>;

export interface TerminalOptions extends Pick<RunOptions, 'cwd' | 'env' | 'signal'> {
  /** The file descriptor of lxc-kit that is the terminal it writes to; stdout may be a pipe. */
  readonly terminal: 1 | 2;
}

/**
 * Runs a tool on the user's terminal and restores the terminal's settings. The tool stays in lxc-kit's own process
 * group, as a shell would run it: otherwise it would not get Ctrl-C and changes of the window size. The caller has to
 * make lxc-kit ignore Ctrl-C meanwhile.
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
  // make passes SIGTERM on to its children.
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
 * Throws STEP_FAILED with the log's last lines, or TOOL_MISSING when the tool is missing.
 */
export async function runToolOrFail(argv: Argv, options: RunOptions): Promise<string> {
  const result = await runTool(argv, options);
  if (result.kind === 'exited' && result.exitCode === 0) return result.output;
  if (result.kind === 'not-started' && isMissing(argv[0], result.reason, options)) {
    const where = argv[0].includes('/') ? 'missing' : 'not in PATH';
    throw new KitError('TOOL_MISSING', `${argv[0]} is ${where}`, { hint: 'run: npx lxc-kit doctor' });
  }
  throw new KitError('STEP_FAILED', `${argv[0]} ${describeEnd(result)}`, {
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    lines: await lastLines(result, options),
    hint: `run it again by hand: cd ${commandLine([options.cwd])} && ${commandLine(argv)}`,
  });
}

/** The system also reports ENOENT for a script whose interpreter is missing. */
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

/** A command line that can be pasted into a shell. */
export function commandLine(argv: readonly string[]): string {
  return shellWords(argv);
}

function openLog(argv: Argv, options: RunOptions): ToolLog | undefined {
  if (options.logFile === undefined) return undefined;
  const log = new ToolLog(options.logFile);
  const environment = Object.entries(options.env)
    .filter(([name]) => !['HOME', 'TMPDIR', 'USER', 'LOGNAME'].includes(name))
    .map(([name, value]) =>
      // The user's own shell has the value.
      options.unlogged?.test(name) === true ? `${name}="$${name}"` : commandLine([`${name}=${value}`]),
    );
  log.write(
    `$ cd ${commandLine([options.cwd])} && ${['env', ...environment, commandLine(argv)].join(' ')}\n`,
  );
  return log;
}
