import type { RunStepsResult } from '../engine/run-steps.ts';
import type { Step } from '../engine/step.ts';
import type { LogFormat } from '../logging/create-logger.ts';
import type { Build } from '../opened-board/build.ts';
import { hostRequirements, missingOnHost } from '../opened-board/host-requirements.ts';
import { displayPath } from '../session/display-path.ts';
import { findStep, imageStep } from '../session/find-step.ts';
import { openBoards } from '../session/open-boards.ts';
import type { BoardOptions } from '../session/open-build.ts';
import { runInOut, type RunReport } from '../session/run-in-out.ts';
import { refuseIncompatibleVersions } from '../steps/check-versions.ts';
import { createSteps, type BuildSteps } from '../steps/index.ts';
import { buildInTurn, withoutRepeats } from './build-in-turn.ts';
import { refuseMissing, toolsFor } from '../session/refuse-missing.ts';
import { installHostTools } from './install-host-tools.ts';
import { interruptSignal } from './interrupt.ts';
import { reportRun } from './report-run.ts';
import { print, printStatus } from './terminal.ts';

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
    printStatus('interrupted: stopping the running steps; finished steps are kept');
  });
  const boards = await openBoards(options);
  for (const opened of boards) await refuseIncompatibleVersions(opened);
  const needs = boards.map((opened) => ({
    ...hostRequirements(opened),
    opened,
    build: toolsFor(opened, wantedSteps(createSteps(opened), options)),
  }));
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
  const report = (): RunReport => reportRun(opened, steps, options.logFormat);
  const jobs = options.jobs === undefined ? {} : { jobs: options.jobs };
  const result = await runInOut(opened, steps, wantedSteps(steps, options), { ...jobs, report }, signal);
  if (options.until !== undefined) return result;
  for (const kind of opened.loaded.profile.images)
    print(displayPath(result.view.result(imageStep(steps, kind)).file));
  print(displayPath(result.view.result(steps.kernel).image));
  return result;
}

function wantedSteps(steps: BuildSteps, { until }: Pick<BuildOptions, 'until'>): readonly Step[] {
  return until === undefined ? steps.all : [findStep(steps, until)];
}
