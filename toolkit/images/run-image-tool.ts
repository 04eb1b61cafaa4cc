import { mkdir } from 'node:fs/promises';
import { KitError } from '../base/errors.ts';
import { runTool } from '../host/run-tool.ts';
import type { Argv, RunResult } from '../host/run-tool.ts';
import type { ImageRequest } from './image-request.ts';

/** The output of a tool on stdout and stderr. */
export interface ToolOutput {
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs a program that creates or fills an image in the work directory, and returns its output.
 * `env` is the request's, with the variables that this program needs.
 * Throws TOOL_MISSING when it is not installed, STEP_FAILED with its output when it fails.
 */
export async function runImageTool(
  argv: Argv,
  env: Readonly<Record<string, string>>,
  request: ImageRequest,
): Promise<ToolOutput> {
  const { workDir, logFile, signal } = request;
  await mkdir(workDir, { recursive: true });
  const result = await runTool(argv, {
    cwd: workDir,
    env: { ...env, PATH: imageToolPath(env['PATH']) },
    logFile,
    signal,
    capture: true,
  });
  if (result.kind === 'exited' && result.exitCode === 0) return result;
  if (result.kind === 'not-started' && result.reason.includes('ENOENT')) {
    throw new KitError('TOOL_MISSING', `${argv[0]} is not in PATH`, { hint: 'run: npx lxc-kit doctor' });
  }
  throw new KitError('STEP_FAILED', `${argv[0]} ${describeEnd(result)}`, {
    logFile,
    lines: result.kind === 'exited' ? printedLines(result.errors).slice(-15) : [],
  });
}

/** Returns the non-empty lines of a tool's output. */
export function printedLines(output: string): string[] {
  return output.split('\n').filter((line) => line.trim() !== '');
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

/** Returns the PATH for the tools: mke2fs and debugfs are in an sbin, which Debian leaves out of a user's PATH. */
export function imageToolPath(path: string | undefined): string {
  return [...(path === undefined ? [] : [path]), '/usr/sbin', '/sbin'].join(':');
}
