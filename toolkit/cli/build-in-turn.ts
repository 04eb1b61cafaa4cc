import { KitError, errorMessage } from '../base/errors.ts';
import type { RunStepsResult } from '../engine/run-steps.ts';
import type { StepRecord } from '../engine/step-record.ts';
import type { HostTool } from '../host/host-tools.ts';
import { formatSeconds } from '../logging/describe-event.ts';
import type { Build } from '../opened-board/build.ts';
import { printStatus, printError } from './terminal.ts';

/**
 * Builds boards one after the other; the second takes what both have in common from the store. If one fails, the others
 * are still built, and the error is thrown at the end.
 */
export async function buildInTurn(
  boards: readonly Build[],
  buildBoard: (build: Build) => Promise<RunStepsResult>,
  signal: AbortSignal,
): Promise<void> {
  const lines: string[] = [];
  const errors: unknown[] = [];
  const width = Math.max(...boards.map(({ loaded }) => loaded.profile.name.length));
  for (const [index, build] of boards.entries()) {
    const { name } = build.loaded.profile;
    printStatus(`board ${name} (${index + 1} of ${boards.length})`);
    const started = performance.now();
    try {
      const { records } = await buildBoard(build);
      lines.push(
        `${name.padEnd(width)}  ${formatSeconds((performance.now() - started) / 1000)}: ${countOutcomes(records)}`,
      );
    } catch (error) {
      if (signal.aborted) throw error;
      printError(error);
      errors.push(error);
      lines.push(`${name.padEnd(width)}  failed: ${errorMessage(error)}`);
    }
  }
  for (const line of lines) printStatus(line);
  const [first] = errors;
  if (first === undefined) return;
  // The code of the first decides how lxc-kit exits.
  throw new KitError(
    first instanceof KitError ? first.code : 'STEP_FAILED',
    `${errors.length} of ${boards.length} boards could not be built`,
    { cause: first },
  );
}

function countOutcomes(records: readonly StepRecord[]): string {
  return (['built', 'restored', 'fresh'] as const)
    .map((outcome) => [records.filter((record) => record.outcome === outcome).length, outcome] as const)
    .filter(([count]) => count > 0)
    .map(([count, outcome]) => `${count} ${outcome}`)
    .join(', ');
}

/** The same tool may be missing for several boards. */
export function withoutRepeats(tools: readonly HostTool[]): HostTool[] {
  return [...new Map(tools.map((tool) => [tool.name, tool])).values()];
}
