import { setImmediate } from 'node:timers/promises';

/** How long a loop may block signals and timers, in milliseconds. */
const TURN_MS = 20;

/**
 * For loops of thousands of short synchronous calls, which are many times faster than promises: lets everything else
 * run now and then, so that an interrupt is noticed. Throws the reason of the signal once it is aborted.
 */
export class GiveWay {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether it is time to `await rest()`. */
  due(): boolean {
    return performance.now() - this.#since >= TURN_MS;
  }

  async rest(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
    this.#signal?.throwIfAborted();
  }
}
