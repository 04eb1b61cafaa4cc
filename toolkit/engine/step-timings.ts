import { isMap } from '../base/is-map.ts';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sweepTemporary, writeAtomic } from '../host/write-atomic.ts';

/** Facts of a step's last run. */
export interface StepTiming {
  /** How long building the result took; restoring it does not count. */
  readonly seconds: number;
  /** The number of lines that its tools printed; undefined when they print a counter, see `ToolProgress`. */
  readonly lines?: number;
}

/** Raise it when the format changes; files of older versions are then ignored. */
const SCHEMA = 1;

/**
 * The durations of the last run of one board's steps, in a file of the store, which outlives the out directory. They
 * are only shown, so a file that is broken, missing or not writable just means that none is shown.
 */
export class StepTimings {
  readonly #file: string;
  readonly #known: Map<string, StepTiming>;
  readonly #noted = new Map<string, StepTiming>();

  constructor(file: string) {
    this.#file = file;
    this.#known = readTimings(file);
  }

  /** `continued`: the run continues the work of an earlier one in its work directory, and is therefore shorter. */
  of(id: string, continued: boolean): StepTiming | undefined {
    return this.#known.get(keyOf(id, continued));
  }

  /** Records a successful run. */
  note(id: string, continued: boolean, timing: StepTiming): void {
    this.#noted.set(keyOf(id, continued), timing);
  }

  /** Saves the records and keeps those that other processes saved meanwhile. */
  async save(): Promise<void> {
    // Removes files of killed runs; a process that is writing right now loses its own.
    await sweepTemporary(dirname(this.#file)).catch(() => undefined);
    if (this.#noted.size === 0) return;
    const steps = Object.fromEntries([...readTimings(this.#file), ...this.#noted]);
    await writeAtomic(this.#file, `${JSON.stringify({ schema: SCHEMA, steps })}\n`).catch(() => undefined);
  }
}

function keyOf(id: string, continued: boolean): string {
  return continued ? `${id} continued` : id;
}

function readTimings(file: string): Map<string, StepTiming> {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isMap(stored) || stored['schema'] !== SCHEMA || !isMap(stored['steps'])) return new Map();
    return new Map(
      Object.entries(stored['steps']).filter((entry): entry is [string, StepTiming] => isTiming(entry[1])),
    );
  } catch {
    return new Map();
  }
}

function isTiming(value: unknown): value is StepTiming {
  if (!isMap(value) || !isAmount(value['seconds'])) return false;
  return value['lines'] === undefined || isAmount(value['lines']);
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
