import type { Step } from './step.ts';

/**
 * The steps with everything they need, each after what it needs. Otherwise keeps the given order.
 * Throws a plain Error for a cycle or an id that two steps have: that is a bug in lxc-kit's step list.
 */
export function orderSteps(steps: readonly Step[]): Step[] {
  const ordered: Step[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const known = new Map<string, Step>();
  const visit = (step: Step, trail: readonly string[]): void => {
    if ((known.get(step.id) ?? step) !== step) throw new Error(`two steps are called ${step.id}`);
    known.set(step.id, step);
    const seen = state.get(step.id);
    if (seen === 'done') return;
    if (seen === 'open') throw new Error(`steps need one another: ${[...trail, step.id].join(' -> ')}`);
    state.set(step.id, 'open');
    for (const needed of predecessors(step)) visit(needed, [...trail, step.id]);
    state.set(step.id, 'done');
    ordered.push(step);
  };
  for (const step of steps) visit(step, []);
  return ordered;
}

/** The steps that have to end before this one starts. */
export function predecessors(step: Step): readonly Step[] {
  return [...readBy(step), ...(step.gates ?? [])];
}

/** The steps whose outputs this one reads. */
export function readBy(step: Step): readonly Step[] {
  return [...step.needs, ...(step.after ?? [])];
}
