/** A step that has not ended, with what an estimate of the time needs. */
export interface StepAhead {
  readonly id: string;
  /** The steps that have to end before it starts; those that are not in the list have ended. */
  readonly before: readonly string[];
  readonly compiles: boolean;
  readonly running: boolean;
  /** The remaining seconds. */
  readonly seconds: number;
}

/** The seconds until all steps have ended, with at most `compileSlots` compile steps at once. */
export function timeLeft(ahead: readonly StepAhead[], compileSlots: number): number {
  const unfinished = new Set(ahead.map(({ id }) => id));
  let waiting = ahead.filter(({ running }) => !running);
  let running = ahead.filter((step) => step.running).map((step) => ({ step, end: step.seconds }));
  let now = 0;
  for (;;) {
    for (const step of waiting) {
      const compiling = running.filter((one) => one.step.compiles).length;
      if (step.compiles && compiling >= compileSlots) continue;
      if (step.before.some((id) => unfinished.has(id))) continue;
      running = [...running, { step, end: now + step.seconds }];
    }
    waiting = waiting.filter((step) => !running.some((one) => one.step === step));
    const [next] = running.toSorted((a, b) => a.end - b.end);
    if (next === undefined) return now;
    now = next.end;
    running = running.filter((one) => one !== next);
    unfinished.delete(next.step.id);
  }
}
