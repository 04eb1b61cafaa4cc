import type { KitEvent } from '../base/event.ts';

type ProgressEvent = Extract<KitEvent, { type: 'step-progress' }>;

/** How far the tools of a step are. `total` is undefined once they have printed more than was foreseen. */
export type ToolShare = Pick<ProgressEvent, 'done' | 'total' | 'unit'>;

/** What a tool that counts for itself prints at the beginning of a line: how many are done, and how many there are. */
const COUNTERS: readonly { readonly unit: ProgressEvent['unit']; readonly pattern: RegExp }[] = [
  // NINJA_STATUS: https://ninja-build.org/manual.html#_environment_variables
  { unit: 'commands', pattern: /^\[(\d+)\/(\d+)\] / },
];

/** Of so few lines none stands for a share of the work. */
const MIN_EXPECTED_LINES = 20;

/** A run of a tool with fewer commands than this part of the greatest one is beside the point, as ninja's `install`. */
const SMALL_RUN = 0.5;

/**
 * Follows the lines of a step's tools and says how far they are: by the counter that a tool prints, and for tools without
 * one, such as make with its line a file, by the lines that the same step printed when it last ran.
 */
export class ToolProgress {
  readonly #expectedLines: number | undefined;
  #lines = 0;
  #counted: ToolShare | undefined;
  #toldPercent = -1;

  constructor(expectedLines?: number) {
    if (expectedLines !== undefined && expectedLines >= MIN_EXPECTED_LINES)
      this.#expectedLines = expectedLines;
  }

  /** How many lines there were; undefined where a tool counted for itself, for then they foretell nothing better. */
  get lines(): number | undefined {
    return this.#counted === undefined ? this.#lines : undefined;
  }

  /** Takes the next line. Returns news of at least one per cent, else undefined. */
  take(line: string): ToolShare | undefined {
    this.#lines++;
    const counter = readCounter(line);
    if (counter !== undefined) return this.#takeCounter(counter);
    if (this.#counted !== undefined || this.#expectedLines === undefined) return undefined;
    const percent = Math.floor((this.#lines / this.#expectedLines) * 100);
    if (percent <= this.#toldPercent) return undefined;
    this.#toldPercent = percent;
    const lines = { done: this.#lines, unit: 'lines' } as const;
    return this.#lines > this.#expectedLines ? lines : { ...lines, total: this.#expectedLines };
  }

  #takeCounter(counter: Required<ToolShare>): ToolShare | undefined {
    const before = this.#counted?.total;
    if (before !== undefined && counter.total < before * SMALL_RUN) return undefined;
    const isOther = before === undefined || before < counter.total * SMALL_RUN;
    const percent = Math.floor((counter.done / counter.total) * 100);
    this.#counted = counter;
    if (!isOther && percent <= this.#toldPercent) return undefined;
    this.#toldPercent = percent;
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
