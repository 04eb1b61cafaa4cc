import { inOut } from '../host/own-folders.ts';
import type { RunStepsResult } from '../engine/run-steps.ts';
import type { LogFormat } from '../logging/create-logger.ts';
import {
  describeCompilerCache,
  describeConfinement,
  describeCriticalPath,
  formatSummary,
} from '../logging/summary.ts';
import type { Build } from '../opened-board/build.ts';
import { describeSource } from '../opened-board/component-source.ts';
import { displayPath } from '../session/display-path.ts';
import { resultIfDone } from '../session/result-if-done.ts';
import type { RunReport } from '../session/run-in-out.ts';
import { catalog, type CatalogEntry } from '../sources/catalog.ts';
import type { BuildSteps } from '../steps/index.ts';
import { colour, columns, openLogger, printStatus } from './terminal.ts';

/** Shows a run on the terminal: its progress, and at the end a summary. */
export function reportRun(opened: Build, steps: BuildSteps, format: LogFormat): RunReport {
  const logger = openLogger(format);
  return {
    ...logger,
    finished(result) {
      if (format !== 'json') reportHow(opened, steps, result);
    },
  };
}

/** The same for a command that only inspects: no summary. */
export function reportLooking(): RunReport {
  return { ...openLogger('auto'), finished: () => undefined };
}

/** Prints how a run went: the steps that ran, the longest chain of them, and where each source came from. */
function reportHow(opened: Build, steps: BuildSteps, result: RunStepsResult): void {
  const ran = result.records.filter(({ outcome }) => outcome !== 'fresh');
  if (ran.length > 0) printStatus(formatSummary(ran, { columns: columns(), colour: colour() }));
  const path = describeCriticalPath(result.criticalPath);
  if (path !== undefined) printStatus(path);
  const cache = describeCompilerCache(result.records);
  if (cache !== undefined) printStatus(cache);
  const fresh = result.records.length - ran.length;
  if (fresh > 0)
    printStatus(
      ran.length === 0 ? `all ${fresh} steps are fresh: nothing to do` : `${fresh} more steps were fresh`,
    );
  if (result.error !== undefined) return;
  for (const step of steps.fetches) {
    const source = resultIfDone(result, step);
    if (source === undefined) continue;
    printStatus(`source: ${describeSource(source)}`);
    if (source.form !== 'debs' || isNeverCompiled(source.component)) continue;
    printStatus(
      `warning: ${source.component} was not compiled here: no source of it is available (give one with --source ${source.component}=PATH)`,
    );
  }
  for (const line of describeConfinement(resultIfDone(result, steps.containers)?.containers ?? []))
    printStatus(line);
  printStatus(`manifest: ${displayPath(inOut(opened.outDir, 'manifest.json'))}`);
}

function isNeverCompiled(component: string): boolean {
  return (catalog as Readonly<Record<string, CatalogEntry>>)[component]?.prebuilt?.only === true;
}
