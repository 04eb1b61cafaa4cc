import { accessSync, constants, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, systemErrorCode } from '../base/errors.ts';
import type { StepContext } from '../engine/step.ts';
import { isOfGroup, makeDirs } from '../host/make-dirs.ts';
import { countCompilations, launchers, type LauncherKind } from '../toolchain/launchers.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { stepOfLog, type Build } from '../opened-board/build.ts';

/** The launcher in front of the compiler in one step. */
export interface StepLauncher {
  /** The path of the launcher, to go before the compiler's name; empty when there is none. */
  readonly words: readonly string[];
  /** The launcher's variables, in addition to those of every tool. */
  readonly env: Readonly<Record<string, string>>;
  /** Reports how many objects came from its cache, once the step has compiled. */
  readonly report: () => void;
}

/** Prepares the board's launcher for one step. */
export async function stepLauncher(
  build: Pick<Build, 'launcher' | 'storeDir' | 'outDir' | 'userEnv'>,
  context: Pick<StepContext, 'workDir' | 'logFile' | 'emit'>,
): Promise<StepLauncher> {
  const { launcher, storeDir, outDir, userEnv } = build;
  if (launcher === undefined) return { words: [], env: {}, report: () => undefined };
  const kind: LauncherKind = launchers[launcher.name];
  let cacheDir = storeDir;
  if (kind.folder !== undefined) {
    cacheDir = join(storeDir, kind.folder);
    const trouble = whyNotWritable(cacheDir);
    if (trouble !== undefined) {
      // The launcher would stop at the first file that it cannot store.
      const message = `compiling without ${launcher.name}: its folder in the store is not writable (${trouble})`;
      context.emit({ type: 'warning', step: stepOfLog(context), message });
      return { words: [], env: {}, report: () => undefined };
    }
  }
  const statisticsFile = join(context.workDir, 'launcher.log');
  await rm(statisticsFile, { force: true });
  const ofUser = Object.entries(userEnv).flatMap(([name, value]) =>
    value !== undefined && kind.userVariables.test(name) ? [[name, value] as const] : [],
  );
  const places = { cacheDir, ofGroup: isOfGroup(cacheDir), outDir, statisticsFile };
  return {
    words: [launcher.program],
    env: { ...Object.fromEntries(ofUser), ...kind.environment(places) },
    report() {
      const text = readIfThere(statisticsFile);
      if (kind.counted === undefined || text === undefined) return;
      const counts = countCompilations(kind.counted, text);
      if (counts.hits + counts.misses > 0)
        context.emit({ type: 'compiler-cache', step: stepOfLog(context), ...counts });
    },
  };
}

/** Makes the make command of the kernel or BusyBox call the compiler through the launcher, with extra flags for each call. */
export function compilingMake(
  make: readonly [string, ...string[]],
  { prefix }: Toolchain,
  { words }: StepLauncher,
  flags: readonly string[] = [],
): [string, ...string[]] {
  const compiler = [...words, `${prefix}gcc`, ...flags];
  return compiler.length === 1 ? [...make] : [...make, `CC=${compiler.join(' ')}`];
}

/** Creates a folder if it is missing. Returns why nothing can be written to it, or undefined. */
function whyNotWritable(dir: string): string | undefined {
  try {
    makeDirs(dir);
    accessSync(dir, constants.W_OK);
    return undefined;
  } catch (error) {
    return systemErrorCode(error) ?? errorMessage(error);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Nothing was compiled, or this launcher is too old to write the log.
    return undefined;
  }
}
