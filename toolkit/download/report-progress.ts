import type { KitEvent } from '../base/event.ts';
import type { SourceContext } from './source-context.ts';

/** Several reports a second are enough to watch and do not flood a log. */
const INTERVAL_MS = 200;

type Progress = Omit<Extract<KitEvent, { type: 'step-progress' }>, 'type' | 'step'>;

/** Returns a function that reports progress at most five times a second; `done === total` is always reported. */
export function progressReporter(
  context: Pick<SourceContext, 'emit' | 'step'>,
): (progress: Progress) => void {
  let last = 0;
  return (progress) => {
    const now = Date.now();
    if (now - last < INTERVAL_MS && progress.done !== progress.total) return;
    last = now;
    context.emit({ type: 'step-progress', step: context.step, ...progress });
  };
}
