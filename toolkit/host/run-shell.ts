import { spawnSync } from 'node:child_process';

export interface ShellOptions {
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

/** Longer than any probe of a compiler takes. */
const TIMEOUT_MS = 20_000;

/**
 * Runs a short shell command synchronously, for `$(shell …)` in a Kconfig file. Returns its stdout, whatever its exit
 * code; undefined when it could not be run or did not end. Use `runTool` for anything longer.
 */
export function runShell(command: string, { cwd, env }: ShellOptions): string | undefined {
  const result = spawnSync('/bin/sh', ['-c', command], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return result.error === undefined ? result.stdout : undefined;
}
