import { killAllGroups } from '../host/process-groups.ts';

/** The shell's convention: 128 plus the number of the signal. */
const INTERRUPTED = 130;

/** While a program has the terminal, Ctrl-C is meant for it. */
let terminalIsLent = false;
/** Whether Ctrl-C was pressed meanwhile. */
let pressedWhileLent = false;

/**
 * Returns a signal that Ctrl-C, SIGTERM or SIGHUP abort: children are ended, and finished work is kept.
 * A second Ctrl-C ends everything at once.
 */
export function interruptSignal(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (name === 'SIGINT' && terminalIsLent) {
      pressedWhileLent = true;
      return;
    }
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

/** The result of a program that had the terminal. */
export interface LentRun<T> {
  readonly result: T;
  /** Ctrl-C was pressed. The program decides what that means. */
  readonly pressed: boolean;
}

/** Leaves Ctrl-C to the program that has the terminal until `run` is done; other signals abort as usual. */
export async function lendTerminal<T>(run: () => Promise<T>): Promise<LentRun<T>> {
  terminalIsLent = true;
  pressedWhileLent = false;
  try {
    const result = await run();
    return { result, pressed: pressedWhileLent };
  } finally {
    terminalIsLent = false;
  }
}
