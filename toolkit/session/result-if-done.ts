import type { StepOutcome } from '../base/event.ts';
import type { RunStepsResult } from '../engine/run-steps.ts';
import type { Step } from '../engine/step.ts';

const DONE: readonly StepOutcome[] = ['built', 'restored', 'fresh'];

/** The result of a step, or undefined when the run did not get that far. */
export function resultIfDone<T>(result: RunStepsResult, step: Step<T>): T | undefined {
  const record = result.records.find(({ id }) => id === step.id);
  return record !== undefined && DONE.includes(record.outcome) ? result.view.result(step) : undefined;
}
