import {
  compareFingerprints,
  fingerprintStep,
  type Fingerprint,
  type FingerprintOptions,
} from './fingerprint.ts';
import { changedOutput, observeOutputs } from './output-state.ts';
import type { Step, StepView } from './step.ts';
import type { Stamp, StepStore } from './step-store.ts';

/** Whether a step's last result is still valid, and if not, why. */
export type StepCheck =
  | { readonly fresh: true; readonly stamp: Stamp; readonly fingerprint: Fingerprint }
  | { readonly fresh: false; readonly reasons: readonly string[]; readonly fingerprint: Fingerprint };

/** Compares a step with its stamp. The steps it needs must have ended. */
export async function checkStep(
  step: Step,
  store: StepStore,
  view: StepView,
  digestOf: (needed: Step) => string,
  options?: FingerprintOptions,
): Promise<StepCheck> {
  const fingerprint = await fingerprintStep(step, await step.inputs(view), digestOf, options);
  const stamp = store.readStamp(step.id);
  if (stamp === undefined) {
    const reason = store.wasCutOff(step.id)
      ? 'its last run was cut off'
      : 'it has not run in this directory yet';
    return { fresh: false, reasons: [reason], fingerprint };
  }
  const reasons = compareFingerprints(stamp.fingerprint, fingerprint);
  if (reasons.length > 0) return { fresh: false, reasons, fingerprint };
  const changed = changedOutput(stamp.outputs, await observeOutputs(step.outputs(stamp.result, view)));
  if (changed !== undefined)
    return { fresh: false, reasons: [`${changed} was changed or removed since the step ran`], fingerprint };
  return { fresh: true, stamp, fingerprint };
}
