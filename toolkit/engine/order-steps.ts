import type { Step } from './step.ts';

/**
 * The steps with everything they need, each after what it needs. Keeps the given order where it is free.
 * A cycle, or one id for two steps, is a bug in lxc-kit's step list and is thrown as a plain Error.
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

/** Every step that has to end before this one starts. */
export function predecessors(step: Step): readonly Step[] {
  return [...readBy(step), ...(step.gates ?? [])];
}

/** Every step that leaves something this one reads. */
export function readBy(step: Step): readonly Step[] {
  return [...step.needs, ...(step.after ?? [])];
}
