import { checkStep } from './check-step.ts';
import { fingerprintHash, type Fingerprint } from './fingerprint.ts';
import { orderSteps, readBy } from './order-steps.ts';
import { sharedFingerprint } from './shared-name.ts';
import type { Step, StepView } from './step.ts';
import type { StepStore } from './step-store.ts';

/** One step and what a run would do with it. */
export interface PlannedStep {
  readonly step: Step;
  /** `restore`: it would take the result of another board or of an earlier step, provided that it is complete. */
  readonly outcome: 'fresh' | 'restore' | 'build';
  /** Why it is not fresh; empty when it is. */
  readonly reasons: readonly string[];
}

export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** Results of the steps that are fresh or would be restored. */
  readonly view: StepView;
  resultOf<T>(step: Step<T>): T | undefined;
}

/** A result that a step could be restored from. */
export interface ReadyResult {
  readonly result: unknown;
  readonly digest: string;
  /** The sha256 of a file that it would restore, or `missing`; undefined for files that it does not contain. */
  readonly hashOf: (file: string) => string | undefined;
}

/** Looks for the stored result of a step by its fingerprint, without changing anything. */
export type LookUp = (fingerprint: Fingerprint, step: Step) => Promise<ReadyResult | undefined>;

/**
 * Returns for each step whether it would run and why, without running any. A step that needs one that would run counts
 * as to be built, although it turns out fresh if that one leaves the same bytes as before. With `lookUp` a step with a
 * stored result counts as to be restored, and later steps are planned with that result.
 */
export async function planSteps(wanted: readonly Step[], store: StepStore, lookUp?: LookUp): Promise<Plan> {
  const known = new Map<string, Pick<ReadyResult, 'result' | 'digest'>>();
  const ready: ReadyResult[] = [];
  const knownOf = (step: Step): Pick<ReadyResult, 'result' | 'digest'> => {
    const found = known.get(step.id);
    if (found === undefined) throw new Error(`the result of ${step.id} was asked for, but it is not known`);
    return found;
  };
  const hashOf = (file: string): string | undefined => {
    for (const one of ready) {
      const hash = one.hashOf(file);
      if (hash !== undefined) return hash;
    }
    return undefined;
  };
  const view: StepView = { result: <T>(step: Step<T>): T => knownOf(step).result as T };
  const steps: PlannedStep[] = [];
  /** The fingerprints under which the steps that are to be built would store their results. */
  const promised = new Set<string>();
  for (const step of orderSteps(wanted)) {
    const unknown = [...new Set(readBy(step))].filter((needed) => !known.has(needed.id));
    if (unknown.length > 0) {
      const reasons = [`comes after ${unknown.map(({ id }) => id).join(', ')}`];
      steps.push({ step, outcome: 'build', reasons });
      continue;
    }
    const check = await checkStep(step, store, view, (needed) => knownOf(needed).digest, { hashOf });
    if (check.fresh) {
      known.set(step.id, check.stamp);
      steps.push({ step, outcome: 'fresh', reasons: [] });
      continue;
    }
    const { reasons } = check;
    if (step.shared !== true || lookUp === undefined) {
      steps.push({ step, outcome: 'build', reasons });
      continue;
    }
    const key = sharedFingerprint(step, check.fingerprint);
    const found = await lookUp(key, step);
    if (found !== undefined) {
      known.set(step.id, found);
      ready.push(found);
    }
    const hash = fingerprintHash(key);
    steps.push({ step, outcome: found !== undefined || promised.has(hash) ? 'restore' : 'build', reasons });
    promised.add(hash);
  }
  return { steps, view, resultOf: <T>(step: Step<T>) => known.get(step.id)?.result as T | undefined };
}
