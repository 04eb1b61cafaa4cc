import { availableParallelism } from 'node:os';
import { catalog, type CatalogEntry } from '../sources/catalog.ts';
import { join } from 'node:path';
import { didYouMean } from '../base/did-you-mean.ts';
import { KitError } from '../base/errors.ts';
import type { StepOutcome } from '../base/event.ts';
import { packageVersion } from '../base/package-root.ts';
import { Places } from '../engine/places.ts';
import { orderSteps } from '../engine/order-steps.ts';
import { runSteps, type RunStepsResult } from '../engine/run-steps.ts';
import type { Step } from '../engine/step.ts';
import { StepStore } from '../engine/step-store.ts';
import { StepTimings } from '../engine/step-timings.ts';
import { JobServer } from '../host/job-server.ts';
import { makeDirs } from '../host/make-dirs.ts';
import { lockOut, unwritable } from '../host/out-lock.ts';
import type { LogFormat } from '../logging/create-logger.ts';
import { sweepTemporary } from '../host/write-atomic.ts';
import { describeCompilerCache, describeCriticalPath, formatSummary } from '../logging/summary.ts';
import { manifestHolds, removeOldImages, writeBuildManifest } from '../report/build-manifest.ts';
import { openResults } from '../results/open-results.ts';
import { proxyDispatcher } from '../sources/proxy-dispatcher.ts';
import type { Build } from '../steps/build.ts';
import { refuseToldMisfits } from '../steps/check-versions.ts';
import { describeSource } from '../steps/fetch-source.ts';
import { hostRequirements, missingOnHost, toolsOfSteps } from '../steps/host-requirements.ts';
import { createSteps, type BuildSteps } from '../steps/index.ts';
import { installHostTools, refuseMissing } from './install-host-tools.ts';
import { interruptSignal } from './interrupt.ts';
import { refuseForeignOut, refuseForMake } from './own-folders.ts';
import { buildInTurn, openBoards, withoutRepeats } from './build-in-turn.ts';
import { displayPath } from './display-path.ts';
import { type BoardOptions } from './open-build.ts';
import { colour, columns, openLogger, print, tell } from './terminal.ts';

export interface BuildOptions extends Omit<BoardOptions, 'board'> {
  readonly board: readonly string[];
  readonly all?: boolean;
  readonly jobs?: number;
  readonly until?: string;
  readonly installHostTools?: boolean;
  readonly logFormat: LogFormat;
}

/** `lxc-kit build`: everything, or everything up to one step, of one board or of several. */
export async function build(options: BuildOptions): Promise<void> {
  const signal = interruptSignal(() => {
    tell('interrupted: ending what runs; finished steps are kept');
  });
  const boards = await openBoards(options);
  for (const opened of boards) await refuseToldMisfits(opened);
  const needs = boards.map((opened) => {
    const requirements = hostRequirements(opened);
    const ids = orderSteps(wantedSteps(createSteps(opened), options)).map(({ id }) => id);
    return { ...requirements, opened, build: toolsOfSteps(requirements, ids) };
  });
  if (options.installHostTools === true) {
    const wanted = needs.flatMap(({ opened, build: own, boot, useful }) =>
      missingOnHost(opened, [...own, ...boot, ...useful]),
    );
    await installHostTools(withoutRepeats(wanted), signal);
  }
  const missing = needs.flatMap(({ opened, build: own }) => missingOnHost(opened, own));
  refuseMissing(withoutRepeats(missing), 'give --install-host-tools');
  const [only, ...others] = boards;
  if (only === undefined) return;
  if (others.length === 0) await buildBoard(only, options, signal);
  else await buildInTurn(boards, (opened) => buildBoard(opened, options, signal), signal);
}

async function buildBoard(
  opened: Build,
  options: BuildOptions,
  signal: AbortSignal,
): Promise<RunStepsResult> {
  const steps = createSteps(opened);
  const result = await runInOut(opened, steps, wantedSteps(steps, options), options, signal);
  if (options.until !== undefined) return result;
  for (const kind of opened.loaded.profile.images)
    print(displayPath(result.view.result(imageStep(steps, kind)).file));
  print(displayPath(result.view.result(steps.kernel).image));
  return result;
}

function wantedSteps(steps: BuildSteps, { until }: Pick<BuildOptions, 'until'>): readonly Step[] {
  return until === undefined ? steps.all : [findStep(steps, until)];
}

/** Where lxc-kit writes files that get their names at the end. */
const WRITTEN_FOLDERS = [
  '',
  'images',
  'emulator',
  'config',
  'containers',
  '.lxc-kit/stamps',
  '.lxc-kit/work-keys',
];

/** Runs steps in the out directory: takes its lock, shows progress, writes the manifest, and tells how it went. */
export async function runInOut(
  opened: Build,
  steps: BuildSteps,
  wanted: readonly Step[],
  options: Pick<BuildOptions, 'jobs' | 'logFormat'> & { readonly summary?: boolean },
  signal: AbortSignal,
): Promise<RunStepsResult> {
  refuseForMake(opened.outDir, 'the out directory', 'give another directory with --out');
  refuseForMake(opened.storeDir, 'the store', 'name another directory with LXC_KIT_STORE');
  refuseForeignOut(opened.outDir);
  const unlock = lockOut(join(opened.outDir, '.lxc-kit', 'lock'), displayPath(opened.outDir));
  try {
    makeStore(opened.storeDir);
    await Promise.all(WRITTEN_FOLDERS.map((folder) => sweepTemporary(join(opened.outDir, folder))));
    const logger = openLogger(options.logFormat);
    const places = new Places({ out: opened.outDir, store: opened.storeDir });
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
          // A command that only looks at something does not tell what it did not have to do.
          const idle = event.type === 'step-finished' && event.outcome === 'fresh';
          if (options.summary !== false || !idle) logger.emit(event);
        },
        signal,
        jobs: options.jobs ?? availableParallelism(),
        openServer: () => JobServer.open({ dir: join(opened.outDir, '.lxc-kit'), env: opened.env, signal }),
      });
    } finally {
      logger.close();
      await timings.save();
      await results.close();
    }
    const whole = wanted === steps.all;
    if (whole && result.error === undefined)
      await removeOldImages(opened.outDir, imagesOf(opened, steps, result));
    if (hasNews(opened, result, whole)) await writeManifestOf(opened, steps, result, signal);
    if (options.logFormat !== 'json' && options.summary !== false) tellHow(opened, steps, result);
    if (result.error !== undefined) throw asError(result.error);
    return result;
  } finally {
    unlock();
  }
}

/** What the board's steps took when they last ran; a board's file, so that builds of several do not meet in one. */
function timingsFile({ storeDir, loaded }: Build): string {
  return join(storeDir, 'timings', `${loaded.profile.name}.json`);
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

/** The step with this name. Throws USAGE with the names there are. */
export function findStep(steps: BuildSteps, id: string): Step {
  const found = steps.all.find((step) => step.id === id);
  if (found !== undefined) return found;
  const ids = steps.all.map((step) => step.id);
  const meant = didYouMean(id, ids);
  throw new KitError('USAGE', `there is no step "${id}"`, {
    hint: meant === undefined ? `steps: ${ids.join(', ')}` : `did you mean "${meant}"?`,
  });
}

function imageStep(steps: BuildSteps, kind: string): Step<{ readonly file: string }> {
  return findStep(steps, `pack-${kind}`) as Step<{ readonly file: string }>;
}

/** Every image that a whole build leaves. */
function imagesOf(opened: Build, steps: BuildSteps, { view }: RunStepsResult): string[] {
  const kernels = [steps.kernel, ...(steps.emulatorKernel ? [steps.emulatorKernel] : [])];
  return [
    ...opened.loaded.profile.images.map((kind) => view.result(imageStep(steps, kind)).file),
    ...kernels.map((step) => view.result(step).image),
  ];
}

const DONE: readonly StepOutcome[] = ['built', 'restored', 'fresh'];

/** What a run knows of a step, or undefined when it did not get that far. */
function resultIfDone<T>(result: RunStepsResult, step: Step<T>): T | undefined {
  const record = result.records.find(({ id }) => id === step.id);
  return record !== undefined && DONE.includes(record.outcome) ? result.view.result(step) : undefined;
}

/** False when nothing ran: what an earlier run wrote into the manifest is still true, if that was a whole build. */
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
      lxc: resultIfDone(result, steps.lxc),
      toolchain: resultIfDone(result, steps.toolchain),
      steps: result.records,
    });
  } catch (error) {
    // A full disk that stopped a step keeps the manifest from being written too; the step's error is the one to tell.
    if (result.error === undefined) throw error;
  }
}

function isNeverCompiled(component: string): boolean {
  return (catalog as Readonly<Record<string, CatalogEntry>>)[component]?.prebuilt?.only === true;
}

function tellHow(opened: Build, steps: BuildSteps, result: RunStepsResult): void {
  const ran = result.records.filter(({ outcome }) => outcome !== 'fresh');
  if (ran.length > 0) tell(formatSummary(ran, { columns: columns(), colour: colour() }));
  const path = describeCriticalPath(result.criticalPath);
  if (path !== undefined) tell(path);
  const cache = describeCompilerCache(result.records);
  if (cache !== undefined) tell(cache);
  const fresh = result.records.length - ran.length;
  if (fresh > 0)
    tell(ran.length === 0 ? `all ${fresh} steps are fresh: nothing to do` : `${fresh} more steps were fresh`);
  if (result.error !== undefined) return;
  for (const step of steps.fetches) {
    const source = resultIfDone(result, step);
    if (source === undefined) continue;
    tell(`source: ${describeSource(source)}`);
    if (source.form !== 'debs' || isNeverCompiled(source.component)) continue;
    tell(
      `warning: ${source.component} was not compiled here: no source of it could be had (--source ${source.component}=PATH gives one)`,
    );
  }
  tell(`manifest: ${displayPath(join(opened.outDir, 'manifest.json'))}`);
}
