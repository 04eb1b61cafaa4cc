import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLI_FILE } from './cli-path.ts';

/** How a run of the command line ended. */
export interface CliResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Another lxc-kit than the one of this checkout. */
  readonly cliFile?: string | undefined;
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Text for its stdin; without it stdin is closed. */
  readonly input?: string | undefined;
  /** Ends it with SIGTERM when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Kills it, and fails, when it takes longer; without it that is a minute. */
  readonly timeoutMs?: number | undefined;
}

/** Far longer than builds of the fake trees take; LXC_KIT_TIMEOUT_FACTOR is for slow machines. */
const TIMEOUT_MS = 60_000 * Number(process.env['LXC_KIT_TIMEOUT_FACTOR'] ?? '1');

/** The real command line, compiled, in a process of its own. */
export class CliProcess {
  /** Rejects only when it takes too long; any exit code is a result. */
  readonly done: Promise<CliResult>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], options: CliOptions) {
    const child = spawn(process.execPath, [options.cliFile ?? CLI_FILE, ...args], {
      cwd: options.cwd,
      env: options.env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    // A program that does not read its stdin closes it; that is its right.
    child.stdin?.on('error', () => undefined).end(options.input);
    child.stdout?.setEncoding('utf8').on('data', (part: string) => (this.#stdout += part));
    child.stderr?.setEncoding('utf8').on('data', (part: string) => (this.#stderr += part));
    options.signal?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    this.done = this.#finish(child, args, options.timeoutMs ?? TIMEOUT_MS);
    // Whoever does not wait for the end must not be killed by its failure.
    this.done.catch(() => undefined);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('lxc-kit was not started');
    return this.#child.pid;
  }

  /** Everything printed so far: stdout, then stderr. */
  get output(): string {
    return this.#stdout + this.#stderr;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until it has printed something that matches. */
  async waitFor(pattern: RegExp): Promise<void> {
    const ended = (): boolean => this.#child.exitCode !== null || this.#child.signalCode !== null;
    await waitUntil(() => pattern.test(this.output) || ended(), `output like ${String(pattern)}`);
    if (!pattern.test(this.output)) {
      throw new Error(`lxc-kit ended without printing ${String(pattern)}:\n${this.output}`);
    }
  }

  #finish(child: ChildProcess, args: readonly string[], timeoutMs: number): Promise<CliResult> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`lxc-kit ${args.join(' ')} took more than ${timeoutMs} ms:\n${this.output}`));
      }, timeoutMs);
      child.on('error', reject);
      // `close`, not `exit`: by then everything it printed has arrived.
      child.on('close', (exitCode, signal) => {
        clearTimeout(timer);
        resolve({
          exitCode: exitCode ?? undefined,
          signal: signal ?? undefined,
          stdout: this.#stdout,
          stderr: this.#stderr,
        });
      });
    });
  }
}

/** Waits until a condition is true; fails when that takes longer than any test should. */
export async function waitUntil(
  condition: () => boolean,
  what: string,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(20);
  }
}

/** Whether a process runs; one that has ended and was not waited for (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything; the state follows it: man 5 proc.
    return !/\) [ZX] [^)]*$/.test(stat);
  } catch {
    return false;
  }
}
