import { accessSync, constants, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, systemErrorCode } from '../base/errors.ts';
import type { StepContext } from '../engine/step.ts';
import { isOfGroup, makeDirs } from '../host/make-dirs.ts';
import { countCompilations, launchers, type LauncherKind } from '../toolchain/launchers.ts';
import type { Toolchain } from '../toolchain/probe-toolchain.ts';
import { stepOfLog, type Build } from './build.ts';

/** What stands before the compiler in one step. */
export interface StepLauncher {
  /** Empty, or the path of the launcher: the words before the compiler's name. */
  readonly words: readonly string[];
  /** Its variables, beside those of every tool. */
  readonly env: Readonly<Record<string, string>>;
  /** Tells how many objects came out of its cache, once the step has compiled. */
  readonly tell: () => void;
}

/** Makes the board's launcher ready for one step. */
export async function stepLauncher(
  build: Pick<Build, 'launcher' | 'storeDir' | 'outDir' | 'userEnv'>,
  context: Pick<StepContext, 'workDir' | 'logFile' | 'emit'>,
): Promise<StepLauncher> {
  const { launcher, storeDir, outDir, userEnv } = build;
  if (launcher === undefined) return { words: [], env: {}, tell: () => undefined };
  const kind: LauncherKind = launchers[launcher.name];
  let cacheDir = storeDir;
  if (kind.folder !== undefined) {
    cacheDir = join(storeDir, kind.folder);
    const trouble = whyNotWritable(cacheDir);
    if (trouble !== undefined) {
      // It would stop at the first file that it cannot keep.
      const message = `compiling without ${launcher.name}: its folder in the store cannot be written to (${trouble})`;
      context.emit({ type: 'warning', step: stepOfLog(context), message });
      return { words: [], env: {}, tell: () => undefined };
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
    tell() {
      const text = readIfThere(statisticsFile);
      if (kind.counted === undefined || text === undefined) return;
      const counts = countCompilations(kind.counted, text);
      if (counts.hits + counts.misses > 0)
        context.emit({ type: 'compiler-cache', step: stepOfLog(context), ...counts });
    },
  };
}

/** A make of the kernel or of BusyBox that calls the compiler through the launcher, with flags that all of its calls get. */
export function compilingMake(
  make: readonly [string, ...string[]],
  { prefix }: Toolchain,
  { words }: StepLauncher,
  flags: readonly string[] = [],
): [string, ...string[]] {
  const compiler = [...words, `${prefix}gcc`, ...flags];
  return compiler.length === 1 ? [...make] : [...make, `CC=${compiler.join(' ')}`];
}

/** Makes a folder where there is none; says why nothing can be made in it, or undefined. */
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
    // Nothing was compiled, or the launcher is older than its log.
    return undefined;
  }
}
