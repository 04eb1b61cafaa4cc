import { MOST_TOKENS, type JobServer } from '../host/job-server.ts';
import type { StepCores } from './step.ts';

export interface CoreBudgetOptions {
  /** How many processes may work at once, in all steps together. */
  readonly jobs: number;
  /** How many compile steps the run has. */
  readonly compileSteps: number;
  /** Opens the jobserver, when the first step is compiled. Where that fails each step has a fixed share. */
  readonly openServer?: (() => Promise<JobServer | undefined>) | undefined;
}

/** More compile steps at once than this add memory, not speed: each keeps its share of the cores busy. */
const MAX_AT_ONCE = 4;

/** How long a step that could compile at once waits for others that come in the same moment and go before it. */
const GATHER_MS = 30;

interface Waiting {
  readonly rank: number;
  readonly start: () => void;
}

/**
 * One budget of processes for all compile steps of a run. Each step that may compile at once with others has one of them
 * for sure from the beginning, so that none has to wait until a make gives one back, which it never does while it has work
 * for it; the rest is taken by whichever make can use it. What is kept for steps that cannot begin yet, because their
 * source is still on its way, is idle until the steps that remain are fewer. Together there are never more than `jobs`;
 * without a jobserver each step has its share of the moment, and together they may be some more.
 */
export class CoreBudget {
  readonly #jobs: number;
  readonly #openServer: CoreBudgetOptions['openServer'];
  #server: Promise<JobServer | undefined> | undefined;
  /** Compile steps that have not ended; that many keep a process for themselves. */
  #unfinished: number;
  #working = 0;
  #waiting: Waiting[] = [];
  /** While it is true, steps only queue up. */
  #gathering = false;

  constructor({ jobs, compileSteps, openServer }: CoreBudgetOptions) {
    this.#jobs = Math.min(jobs, MOST_TOKENS);
    this.#unfinished = compileSteps;
    this.#openServer = openServer;
  }

  /** How many steps compile at once. */
  get mostAtOnce(): number {
    return Math.min(this.#jobs, MAX_AT_ONCE);
  }

  /**
   * Waits until one more step may compile; of those that wait the one with the lowest rank goes first.
   * What it gives has to be left. Throws the signal's reason when it is aborted.
   */
  async enter(rank: number, signal: AbortSignal): Promise<{ cores: StepCores; leave: () => void }> {
    await this.#turn(rank, signal);
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      this.#working--;
      this.#startNext();
    };
    try {
      signal.throwIfAborted();
      return { cores: this.#coresWith(await this.#open()), leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** One compile step less is to come: what was kept for it, the others may use. */
  async finished(): Promise<void> {
    const before = this.#reserved();
    this.#unfinished--;
    const freed = before - this.#reserved();
    (await this.#server)?.put(freed);
  }

  async close(): Promise<void> {
    await (await this.#server)?.close();
  }

  /** How many processes steps have for themselves, without asking the pipe. */
  #reserved(): number {
    return Math.min(this.mostAtOnce, this.#unfinished);
  }

  #open(): Promise<JobServer | undefined> {
    this.#server ??= this.#openWithRest();
    return this.#server;
  }

  async #openWithRest(): Promise<JobServer | undefined> {
    if (this.#jobs === 1) return undefined;
    // What is freed while it opens is put in by `finished`, which waits for it.
    const rest = this.#jobs - this.#reserved();
    const server = await this.#openServer?.().catch(() => undefined);
    server?.put(rest);
    return server;
  }

  #coresWith(server: JobServer | undefined): StepCores {
    const fairShare = (): number => Math.max(1, Math.floor(this.#jobs / Math.max(1, this.#working)));
    return {
      total: this.#jobs,
      server,
      share: () => {
        if (server === undefined) return { jobs: fairShare(), release: () => undefined };
        const taken = server.takeFree(fairShare() - 1);
        return {
          jobs: 1 + taken,
          release: () => {
            server.put(taken);
          },
        };
      },
    };
  }

  async #turn(rank: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal.reason as Error);
      };
      const waiting = {
        rank,
        start: () => {
          signal.removeEventListener('abort', stop);
          resolve();
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(waiting);
      this.#gather();
    });
  }

  /** One timer for all that queue up meanwhile: with one each, a busy machine would start them in the order they came. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    setTimeout(() => {
      this.#gathering = false;
      this.#startNext();
    }, GATHER_MS);
  }

  #startNext(): void {
    if (this.#gathering) return;
    this.#waiting.sort((a, b) => a.rank - b.rank);
    while (this.#working < this.mostAtOnce) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#working++;
      next.start();
    }
  }
}
