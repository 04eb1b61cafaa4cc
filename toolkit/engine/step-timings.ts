import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sweepTemporary, writeAtomic } from '../host/write-atomic.ts';

/** What the last run of a step tells of its next one. */
export interface StepTiming {
  /** How long it took to make the result; taking it from a store is another matter. */
  readonly seconds: number;
  /** How many lines its tools printed; undefined where they counted for themselves, see `ToolProgress`. */
  readonly lines?: number;
}

/** Raise it when the form changes: what older versions wrote is then no estimate. */
const SCHEMA = 1;

/**
 * How long the steps of one board took when they last ran, in a file of the store: it outlives the out directory. It
 * decides nothing but what is shown, so a file that is broken, missing or cannot be written is simply no estimate.
 */
export class StepTimings {
  readonly #file: string;
  readonly #known: Map<string, StepTiming>;
  readonly #noted = new Map<string, StepTiming>();

  constructor(file: string) {
    this.#file = file;
    this.#known = readTimings(file);
  }

  /** `continued`: the run builds upon what an earlier one left in its work directory, and is the shorter for it. */
  of(id: string, continued: boolean): StepTiming | undefined {
    return this.#known.get(keyOf(id, continued));
  }

  /** Notes how a run that ended well went. */
  note(id: string, continued: boolean, timing: StepTiming): void {
    this.#noted.set(keyOf(id, continued), timing);
  }

  /** Writes what was noted, beside what others may have written meanwhile. */
  async save(): Promise<void> {
    // One that a killed run left; who is writing at this moment loses an estimate.
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

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
