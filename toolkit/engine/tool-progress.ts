import type { KitEvent } from '../base/event.ts';

type ProgressEvent = Extract<KitEvent, { type: 'step-progress' }>;

/** The progress of a step's tools. `total` is undefined once they have printed more lines than expected. */
export type ToolShare = Pick<ProgressEvent, 'done' | 'total' | 'unit'>;

/** Counters that tools print at the beginning of a line: how many are done, and how many there are. */
const COUNTERS: readonly { readonly unit: ProgressEvent['unit']; readonly pattern: RegExp }[] = [
  // NINJA_STATUS: https://ninja-build.org/manual.html#_environment_variables
  { unit: 'commands', pattern: /^\[(\d+)\/(\d+)\] / },
];

/** With fewer lines than this there is no estimate of the progress. */
const MIN_EXPECTED_LINES = 20;

/** A run of a tool with fewer commands than this part of the largest run is ignored, such as ninja's `install`. */
const SMALL_RUN = 0.5;

/**
 * Follows the lines of a step's tools and reports their progress: by the counter that a tool prints, or, for tools
 * without one such as make, by the number of lines that the same step printed in its last run.
 */
export class ToolProgress {
  readonly #expectedLines: number | undefined;
  #lines = 0;
  #counted: ToolShare | undefined;
  #reportedPercent = -1;

  constructor(expectedLines?: number) {
    if (expectedLines !== undefined && expectedLines >= MIN_EXPECTED_LINES)
      this.#expectedLines = expectedLines;
  }

  /** The number of lines; undefined when a tool prints a counter, which is a better measure. */
  get lines(): number | undefined {
    return this.#counted === undefined ? this.#lines : undefined;
  }

  /** Takes the next line. Returns the progress when it grew by at least one per cent, otherwise undefined. */
  take(line: string): ToolShare | undefined {
    this.#lines++;
    const counter = readCounter(line);
    if (counter !== undefined) return this.#takeCounter(counter);
    if (this.#counted !== undefined || this.#expectedLines === undefined) return undefined;
    const percent = Math.floor((this.#lines / this.#expectedLines) * 100);
    if (percent <= this.#reportedPercent) return undefined;
    this.#reportedPercent = percent;
    const lines = { done: this.#lines, unit: 'lines' } as const;
    return this.#lines > this.#expectedLines ? lines : { ...lines, total: this.#expectedLines };
  }

  #takeCounter(counter: Required<ToolShare>): ToolShare | undefined {
    const before = this.#counted?.total;
    if (before !== undefined && counter.total < before * SMALL_RUN) return undefined;
    const isOther = before === undefined || before < counter.total * SMALL_RUN;
    const percent = Math.floor((counter.done / counter.total) * 100);
    this.#counted = counter;
    if (!isOther && percent <= this.#reportedPercent) return undefined;
    this.#reportedPercent = percent;
    return counter;
  }
}

function readCounter(line: string): Required<ToolShare> | undefined {
  for (const { unit, pattern } of COUNTERS) {
    const [, done, total] = pattern.exec(line) ?? [];
    if (done === undefined || total === undefined) continue;
    const counter = { done: Number(done), total: Number(total), unit };
    if (counter.total > 0 && counter.done <= counter.total) return counter;
  }
  return undefined;
}
