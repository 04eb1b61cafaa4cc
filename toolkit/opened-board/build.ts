import { chmod } from 'node:fs/promises';
import { KitError } from '../base/errors.ts';
import type { LoadedProfile } from '../board/load-profile.ts';
import type { Json, StepContext } from '../engine/step.ts';
import { runToolOrFail, type Argv } from '../host/run-tool.ts';
import { walkTree } from '../host/walk-tree.ts';
import type { SourceContext } from '../download/source-context.ts';
import type { Architecture } from '../toolchain/architectures.ts';
import { launchers, type LauncherName } from '../toolchain/launchers.ts';
import { shareCores } from './share-cores.ts';
import { readElf } from '../programs/elf.ts';

/** Everything about one build that is known before its first step. */
export interface Build {
  readonly loaded: LoadedProfile;
  /** Returns a host path as the user would type it. */
  readonly displayPath: (file: string) => string;
  readonly architecture: Architecture;
  /** The value of `--board`. */
  readonly boardArgument: string;
  /** `out/<board>`, absolute. */
  readonly outDir: string;
  readonly storeDir: string;
  /** `--source COMPONENT=PATH`, paths absolute. */
  readonly overrides: ReadonlyMap<string, string>;
  readonly offline: boolean;
  /** `fetch --update`: ask the mirrors again. */
  readonly update: boolean;
  /** The environment of every host tool. */
  readonly env: Readonly<Record<string, string>>;
  /** The user's own environment: proxies, and the address of a compile farm. */
  readonly userEnv: Readonly<Record<string, string | undefined>>;
  /** The timestamp of everything in the images, in seconds since 1970. */
  readonly epochSeconds: number;
  /** The program that starts the compiler: the one in the profile, or ccache if the host has it. */
  readonly launcher: { readonly name: LauncherName; readonly program: string } | undefined;
}

/** Returns the environment variables that affect compiled files. */
export function reproducibleEnvironment(build: Build): Record<string, string> {
  return {
    ...build.env,
    SOURCE_DATE_EPOCH: String(build.epochSeconds),
    // Documentation/kbuild/reproducible-builds.rst
    KBUILD_BUILD_TIMESTAMP: new Date(build.epochSeconds * 1000).toUTCString(),
    KBUILD_BUILD_USER: 'lxc-kit',
    KBUILD_BUILD_HOST: 'lxc-kit',
    KBUILD_BUILD_VERSION: '1',
    KCONFIG_NOTIMESTAMP: '1',
  };
}

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Whether it is make or ninja and may start as many processes as this step has cores. */
  readonly parallel?: boolean;
}

/** Runs a host tool in a step and returns its stdout; its output also goes to the step's log and to listeners. */
export async function runInStep(
  build: Build,
  context: Pick<StepContext, 'workDir' | 'logFile' | 'emit' | 'signal' | 'cores'>,
  argv: Argv,
  options: ToolOptions = {},
): Promise<string> {
  const step = stepOfLog(context);
  const cwd = options.cwd ?? context.workDir;
  const env = options.env ?? reproducibleEnvironment(build);
  const ask = (program: string): Promise<string> =>
    runToolOrFail([program, '--version'], { cwd, env, signal: context.signal, capture: true });
  const shared = await shareCores(argv, options.parallel === true ? context.cores : undefined, ask);
  try {
    return await runToolOrFail(shared.argv, {
      cwd,
      env,
      logFile: context.logFile,
      ...(build.launcher === undefined ? {} : { unlogged: launchers[build.launcher.name].userVariables }),
      signal: context.signal,
      onLine: (line) => {
        context.emit({ type: 'tool-line', step, line });
      },
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(shared.jobServer === undefined ? {} : { jobServer: shared.jobServer }),
    });
  } catch (error) {
    if (!(error instanceof KitError) || error.code !== 'STEP_FAILED') throw error;
    // The same tool runs in several steps.
    const { message, hint, lines, logFile } = error;
    throw new KitError('STEP_FAILED', `${step} stopped: ${message}`, {
      lines,
      ...(hint === undefined ? {} : { hint }),
      ...(logFile === undefined ? {} : { logFile }),
      cause: error,
    });
  } finally {
    shared.release();
  }
}

/** Returns the context that the sources room needs inside a step. */
export function sourceContext(
  build: Build,
  context: Pick<StepContext, 'workDir' | 'emit' | 'logFile' | 'signal'>,
): SourceContext {
  return {
    storeDir: build.storeDir,
    workDir: context.workDir,
    env: build.env,
    userEnv: build.userEnv,
    offline: build.offline,
    update: build.update,
    emit: context.emit,
    step: stepOfLog(context),
    board: build.boardArgument,
    logFile: context.logFile,
    signal: context.signal,
    neededLibraries: async (file) => (await readElf(file))?.needed ?? [],
  };
}

/** Returns a value as a step's setting; it must not contain paths. */
export function asSetting(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json;
}

export function stepOfLog(context: { readonly logFile: string }): string {
  return context.logFile.replace(/^.*\//, '').replace(/\.log$/, '');
}

/** Gives the owner write permission in a copy of a read-only tree from the store. */
export async function makeWritable(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const { path, stat } of await walkTree(dir)) {
    if (!stat.isSymbolicLink()) await chmod(path, stat.mode | 0o200);
  }
}
