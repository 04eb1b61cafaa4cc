import { predecessors } from './order-steps.ts';
import type { StepRecord } from './step-record.ts';
import type { Step } from './step.ts';

/**
 * The chain of steps, each waiting for the one before, that took longest: a build cannot be shorter, however many cores
 * there are. Empty when nothing ran. `steps` must be in the order that `orderSteps` returns.
 */
export function criticalPath(steps: readonly Step[], records: ReadonlyMap<string, StepRecord>): StepRecord[] {
  const longest = new Map<string, { readonly seconds: number; readonly path: readonly StepRecord[] }>();
  let best: readonly StepRecord[] = [];
  let bestSeconds = 0;
  for (const step of steps) {
    const before = predecessors(step)
      .flatMap(({ id }) => longest.get(id) ?? [])
      .reduce((a, b) => (b.seconds > a.seconds ? b : a), { seconds: 0, path: [] });
    const record = records.get(step.id);
    const ran = record !== undefined && record.outcome !== 'fresh';
    const here = ran ? { seconds: before.seconds + record.seconds, path: [...before.path, record] } : before;
    longest.set(step.id, here);
    if (here.seconds <= bestSeconds) continue;
    best = here.path;
    bestSeconds = here.seconds;
  }
  return [...best];
}
