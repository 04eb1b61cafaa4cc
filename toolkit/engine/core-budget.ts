import { MOST_TOKENS, type JobServer } from '../host/job-server.ts';
import type { StepCores } from './step.ts';

export interface CoreBudgetOptions {
  /** The number of processes that may run at once, in all steps together. */
  readonly jobs: number;
  /** The number of compile steps in the run. */
  readonly compileSteps: number;
  /** Opens the jobserver when the first compile step starts. If that fails, each step has a fixed share. */
  readonly openServer?: (() => Promise<JobServer | undefined>) | undefined;
}

/** More compile steps at once than this cost memory and bring no speed: each keeps its share of the cores busy. */
const MAX_AT_ONCE = 4;

/** How long a step that could compile at once waits for steps of a lower rank that become ready at the same moment. */
const GATHER_MS = 30;

interface Waiting {
  readonly rank: number;
  readonly start: () => void;
}

/**
 * One budget of processes for all compile steps of a run. One process is reserved from the beginning for each step
 * that may compile at the same time as others: a make returns no token while it has work, so a later step would have
 * to wait. Any make may take the rest. Processes reserved for steps that cannot begin yet, because their source is
 * still being fetched, stay idle until fewer steps remain. Together they never exceed `jobs`; without a jobserver each
 * step gets its share when it starts, and the sum may be slightly more.
 */
export class CoreBudget {
  readonly #jobs: number;
  readonly #openServer: CoreBudgetOptions['openServer'];
  #server: Promise<JobServer | undefined> | undefined;
  /** Compile steps that have not ended; each has a process reserved. */
  #unfinished: number;
  #working = 0;
  #waiting: Waiting[] = [];
  /** While true, steps only queue up. */
  #gathering = false;

  constructor({ jobs, compileSteps, openServer }: CoreBudgetOptions) {
    this.#jobs = Math.min(jobs, MOST_TOKENS);
    this.#unfinished = compileSteps;
    this.#openServer = openServer;
  }

  /** The number of steps that compile at once. */
  get #mostAtOnce(): number {
    return Math.min(this.#jobs, MAX_AT_ONCE);
  }

  /**
   * Waits until one more step may compile; the waiting step with the lowest rank goes first.
   * The caller has to call `leave`. Throws the signal's reason when it is aborted.
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

  /** Call it when a compile step has ended: the others may use its reserved process. */
  async finished(): Promise<void> {
    const before = this.#reserved();
    this.#unfinished--;
    const freed = before - this.#reserved();
    (await this.#server)?.put(freed);
  }

  async close(): Promise<void> {
    await (await this.#server)?.close();
  }

  /** The number of processes that are reserved for steps and are not in the pipe. */
  #reserved(): number {
    return Math.min(this.#mostAtOnce, this.#unfinished);
  }

  #open(): Promise<JobServer | undefined> {
    this.#server ??= this.#openWithRest();
    return this.#server;
  }

  async #openWithRest(): Promise<JobServer | undefined> {
    if (this.#jobs === 1) return undefined;
    // `finished` waits for the server and adds what is freed while it opens.
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

  /** One timer for all waiting steps: with one each, a busy machine would start them in order of arrival. */
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
    while (this.#working < this.#mostAtOnce) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#working++;
      next.start();
    }
  }
}
