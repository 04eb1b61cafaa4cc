import { killAllGroups } from '../host/process-groups.ts';

/** The shell's convention: 128 and the number of the signal. */
const INTERRUPTED = 130;

/**
 * A signal that is aborted by Ctrl-C, SIGTERM or SIGHUP: children are ended and what is done is kept.
 * A second Ctrl-C ends everything at once.
 */
export function interruptSignal(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) {
      killAllGroups();
      process.exit(INTERRUPTED);
    }
    onFirst();
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  process.on('exit', killAllGroups);
  return controller.signal;
}
