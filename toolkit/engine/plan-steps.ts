import { checkStep } from './check-step.ts';
import { fingerprintHash, type Fingerprint } from './fingerprint.ts';
import { orderSteps, readBy } from './order-steps.ts';
import { sharedFingerprint } from './shared-name.ts';
import type { Step, StepView } from './step.ts';
import type { StepStore } from './step-store.ts';

/** What a run would do with one step. */
export interface PlannedStep {
  readonly step: Step;
  /** `restore`: it would take what another board, or a step before it, made, as long as that turns out whole. */
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

/** A step's result that lies ready to be taken. */
export interface ReadyResult {
  readonly result: unknown;
  readonly digest: string;
  /** The sha256 of a file that it would put in its place, or `missing`; undefined for files that are not its own. */
  readonly hashOf: (file: string) => string | undefined;
}

/** Looks for the result of a step by the fingerprint it is kept under, without changing anything. */
export type LookUp = (fingerprint: Fingerprint, step: Step) => Promise<ReadyResult | undefined>;

/**
 * Says for each step whether it would run and why, without running any. A step behind one that would run counts as to
 * be built, though it turns out fresh if that one leaves the same bytes as before. With `lookUp` a step whose result lies
 * ready is one to be restored, and what comes after it is judged by that result.
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
  /** Under which fingerprints steps that are to be built would keep what they make. */
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
