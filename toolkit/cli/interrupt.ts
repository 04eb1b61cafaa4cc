import { killAllGroups } from '../host/process-groups.ts';

/** The shell's convention: 128 and the number of the signal. */
const INTERRUPTED = 130;

/** While a program has the terminal, Ctrl-C is meant for it. */
let terminalIsLent = false;

/**
 * A signal that is aborted by Ctrl-C, SIGTERM or SIGHUP: children are ended and what is done is kept.
 * A second Ctrl-C ends everything at once.
 */
export function interruptSignal(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (name === 'SIGINT' && terminalIsLent) return;
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

/** Leaves Ctrl-C to the program that has the terminal until `run` is done; other signals abort as ever. */
export async function lendTerminal<T>(run: () => Promise<T>): Promise<T> {
  terminalIsLent = true;
  try {
    return await run();
  } finally {
    terminalIsLent = false;
  }
}
