import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { inOut, inStore, STATE_FOLDER } from '../host/own-folders.ts';
import type { Emit } from '../base/event.ts';
import { packageVersion } from '../base/package-root.ts';
import { PortablePaths } from '../engine/portable-paths.ts';
import { runSteps, type RunStepsResult } from '../engine/run-steps.ts';
import type { Step } from '../engine/step.ts';
import { StepStore } from '../engine/step-store.ts';
import { StepTimings } from '../engine/step-timings.ts';
import { proxyDispatcher } from '../download/proxy-dispatcher.ts';
import { JobServer } from '../host/job-server.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { lockOut, unwritable } from '../host/out-lock.ts';
import { sweepTemporary } from '../host/write-atomic.ts';
import type { Build } from '../opened-board/build.ts';
import { manifestHolds, removeOldImages, writeBuildManifest } from '../report/build-manifest.ts';
import { openResults } from '../results/open-results.ts';
import type { BuildSteps } from '../steps/index.ts';
import { displayPath } from './display-path.ts';
import { imageStep } from './find-step.ts';
import { refuseForeignOut, refuseForMake } from './guard-folders.ts';
import { resultIfDone } from './result-if-done.ts';

/** The folders with files that lxc-kit writes under a temporary name and renames. */
const WRITTEN_FOLDERS = [
  '',
  'images',
  'emulator',
  'config',
  'containers',
  '.lxc-kit/stamps',
  '.lxc-kit/work-keys',
];

/** The observer of a run. */
export interface RunReport {
  emit: Emit;
  /** Called when no more events come, before `finished`. */
  close(): void;
  /** Gets the result once the manifest is written, also of a run that failed. */
  finished(result: RunStepsResult): void;
}

export interface RunOptions {
  /** Number of processes at the same time; the number of cores by default. */
  readonly jobs?: number;
  /** Called once the out directory is locked. */
  readonly report: () => RunReport;
}

/**
 * Runs steps in the out directory: takes its lock, keeps the results of steps in the store, and writes the manifest.
 * Throws USAGE for an out directory or store that make cannot work in or that holds foreign files, OUT_LOCKED,
 * OUT_UNWRITABLE, and what a step threw.
 */
export async function runInOut(
  opened: Build,
  steps: BuildSteps,
  wanted: readonly Step[],
  { jobs = availableParallelism(), report: openReport }: RunOptions,
  signal: AbortSignal,
): Promise<RunStepsResult> {
  refuseForMake(opened.outDir, 'the out directory', 'give another directory with --out');
  refuseForMake(opened.storeDir, 'the store', 'name another directory with LXC_KIT_STORE');
  refuseForeignOut(opened.outDir);
  const unlock = lockOut(inOut(opened.outDir, STATE_FOLDER, 'lock'), displayPath(opened.outDir));
  try {
    makeStore(opened.storeDir);
    await Promise.all(WRITTEN_FOLDERS.map((folder) => sweepTemporary(join(opened.outDir, folder))));
    const report = openReport();
    const places = new PortablePaths({ out: opened.outDir, store: opened.storeDir });
    const results = await openResults({
      ...opened,
      dispatcher: () => proxyDispatcher(opened.userEnv, 10_000),
    });
    const timings = new StepTimings(timingsFile(opened));
    let result: RunStepsResult;
    try {
      result = await runSteps(wanted, {
        store: new StepStore(opened.outDir),
        places,
        ...(results.shared === undefined ? {} : { results: results.shared }),
        timings,
        emit: (event) => {
          report.emit(event);
        },
        signal,
        jobs,
        openServer: () =>
          JobServer.open({ dir: inOut(opened.outDir, STATE_FOLDER), env: opened.env, signal }),
      });
    } finally {
      report.close();
      await timings.save();
      await results.close();
    }
    const whole = wanted === steps.all;
    if (whole && result.error === undefined)
      await removeOldImages(opened.outDir, imagesOf(opened, steps, result));
    if (hasNews(opened, result, whole)) await writeManifestOf(opened, steps, result, signal);
    report.finished(result);
    if (result.error !== undefined) throw asError(result.error);
    return result;
  } finally {
    unlock();
  }
}

/** The file with the duration of the board's last steps; one per board, so that parallel builds do not share a file. */
function timingsFile({ storeDir, loaded }: Build): string {
  return inStore(storeDir, 'timings', `${loaded.profile.name}.json`);
}

function makeStore(dir: string): void {
  try {
    makeDirs(dir);
  } catch (error) {
    throw unwritable(error, `the store ${displayPath(dir)}`, 'name another directory with LXC_KIT_STORE');
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Every image that a whole build leaves. */
function imagesOf(opened: Build, steps: BuildSteps, { view }: RunStepsResult): string[] {
  const kernels = [steps.kernel, ...(steps.emulatorKernel ? [steps.emulatorKernel] : [])];
  return [
    ...opened.loaded.profile.images.map((kind) => view.result(imageStep(steps, kind)).file),
    ...kernels.map((step) => view.result(step).image),
  ];
}

/** False when nothing ran and the manifest of an earlier, whole build is still valid. */
function hasNews(opened: Build, { records, error }: RunStepsResult, whole: boolean): boolean {
  if (error !== undefined || records.some(({ outcome }) => outcome !== 'fresh')) return true;
  const ids = records.map(({ id }) => id);
  return whole && !manifestHolds(opened.outDir, ids);
}

async function writeManifestOf(
  opened: Build,
  steps: BuildSteps,
  result: RunStepsResult,
  signal: AbortSignal,
): Promise<void> {
  const { profile, files } = opened.loaded;
  try {
    await writeBuildManifest({
      outDir: opened.outDir,
      kitVersion: packageVersion(),
      board: profile.name,
      profileFiles: files.map((file) => displayPath(file)),
      cgroup: profile.cgroup,
      outcome: result.error === undefined ? 'built' : signal.aborted ? 'interrupted' : 'failed',
      sources: steps.fetches.flatMap((step) => resultIfDone(result, step) ?? []),
      corrections: Object.fromEntries(
        steps.corrected.flatMap((step) => {
          const { corrections } = resultIfDone(result, step) ?? {};
          return corrections === undefined ? [] : [[step.id.replace(/^build-/, ''), corrections]];
        }),
      ),
      lxc: resultIfDone(result, steps.lxc),
      toolchain: resultIfDone(result, steps.toolchain),
      containers: resultIfDone(result, steps.containers)?.containers,
      programs: resultIfDone(result, steps.assembled)?.programs,
      steps: result.records,
    });
  } catch (error) {
    // A full disk that stopped a step keeps the manifest from being written too; report the step's error.
    if (result.error === undefined) throw error;
  }
}
