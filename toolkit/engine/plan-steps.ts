import { checkStep } from './check-step.ts';
import { orderSteps, readBy } from './order-steps.ts';
import type { Step, StepView } from './step.ts';
import type { Stamp, StepStore } from './step-store.ts';

/** What a run would do with one step. */
export interface PlannedStep {
  readonly step: Step;
  readonly fresh: boolean;
  /** Why it would run; empty when it is fresh. */
  readonly reasons: readonly string[];
}

export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** Results of the fresh steps. */
  readonly view: StepView;
  resultOf<T>(step: Step<T>): T | undefined;
}

/**
 * Says for each step whether it would run and why, without running any. A step behind one that would run counts as to
 * be built, though it turns out fresh if that one leaves the same bytes as before.
 */
export async function planSteps(wanted: readonly Step[], store: StepStore): Promise<Plan> {
  const fresh = new Map<string, Stamp>();
  const stampOf = (step: Step): Stamp => {
    const stamp = fresh.get(step.id);
    if (stamp === undefined) throw new Error(`the result of ${step.id} was asked for, but it is not fresh`);
    return stamp;
  };
  const view: StepView = { result: <T>(step: Step<T>): T => stampOf(step).result as T };
  const steps: PlannedStep[] = [];
  for (const step of orderSteps(wanted)) {
    const stale = [...new Set(readBy(step))].filter((needed) => !fresh.has(needed.id));
    if (stale.length > 0) {
      steps.push({ step, fresh: false, reasons: [`comes after ${stale.map(({ id }) => id).join(', ')}`] });
      continue;
    }
    const check = await checkStep(step, store, view, (needed) => stampOf(needed).digest);
    if (check.fresh) fresh.set(step.id, check.stamp);
    steps.push({ step, fresh: check.fresh, reasons: check.fresh ? [] : check.reasons });
  }
  return { steps, view, resultOf: <T>(step: Step<T>) => fresh.get(step.id)?.result as T | undefined };
}
