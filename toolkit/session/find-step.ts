import { didYouMean } from '../base/did-you-mean.ts';
import { KitError } from '../base/errors.ts';
import type { Step } from '../engine/step.ts';
import type { BuildSteps } from '../steps/index.ts';

/** The step with this name. Throws USAGE with the existing names. */
export function findStep(steps: BuildSteps, id: string): Step {
  const found = steps.all.find((step) => step.id === id);
  if (found !== undefined) return found;
  const ids = steps.all.map((step) => step.id);
  const meant = didYouMean(id, ids);
  throw new KitError('USAGE', `there is no step "${id}"`, {
    hint: meant === undefined ? `steps: ${ids.join(', ')}` : `did you mean "${meant}"?`,
  });
}

/** The step that packs an image format. */
export function imageStep(steps: BuildSteps, kind: string): Step<{ readonly file: string }> {
  return findStep(steps, `pack-${kind}`) as Step<{ readonly file: string }>;
}
