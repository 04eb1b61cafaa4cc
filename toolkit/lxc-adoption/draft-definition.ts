import type { PropertyPath } from '../lxc-keys/problem-list.ts';
import type { Setting } from '../lxc-config/read-settings.ts';

/** A part of a definition and the settings it was made from. */
export interface DraftPart {
  readonly path: PropertyPath;
  readonly value: unknown;
  readonly settings: readonly Setting[];
}

/** A draft of a container definition: each part knows its source lines, so that it can be removed again. */
export class DraftDefinition {
  #parts: DraftPart[] = [];

  set(path: PropertyPath, value: unknown, settings: readonly Setting[] = []): void {
    this.#parts.push({ path, value, settings });
  }

  /** Adds an entry to a list. */
  add(path: PropertyPath, value: unknown, settings: readonly Setting[]): void {
    const entries = this.#parts.filter(({ path: at }) => isBelow(at, path) && at.length > path.length);
    const last = Math.max(-1, ...entries.map(({ path: at }) => Number(at[path.length])));
    this.set([...path, last + 1], value, settings);
  }

  /** The definition as written to its file, with keys in the order in which they were set. */
  value(): Record<string, unknown> {
    this.#closeGaps();
    const definition: Record<string, unknown> = {};
    for (const { path, value } of this.#parts) place(definition, path, value);
    return definition;
  }

  /** Returns the parts for a message about `path`: the nearest one around it, otherwise those inside it. */
  partsAt(path: PropertyPath): readonly DraftPart[] {
    const around = this.#parts.filter((part) => part.settings.length > 0 && isBelow(path, part.path));
    if (around.length > 0) return around;
    for (let length = path.length; length > 0; length--) {
      const within = this.#parts.filter(({ path: at }) => isBelow(at, path.slice(0, length)));
      if (within.length > 0) return within;
    }
    return [];
  }

  remove(parts: readonly DraftPart[]): void {
    this.#parts = this.#parts.filter((part) => !parts.includes(part));
  }

  /** Lists with removed entries are numbered again. */
  #closeGaps(): void {
    const lists = new Map<string, number[]>();
    for (const { path } of this.#parts) {
      path.forEach((step, i) => {
        if (typeof step !== 'number') return;
        const list = JSON.stringify(path.slice(0, i));
        const numbers = lists.get(list) ?? [];
        if (!numbers.includes(step)) numbers.push(step);
        lists.set(list, numbers);
      });
    }
    this.#parts = this.#parts.map((part) => ({
      ...part,
      path: part.path.map((step, i) => {
        if (typeof step !== 'number') return step;
        const numbers = lists.get(JSON.stringify(part.path.slice(0, i))) ?? [];
        return numbers.sort((a, b) => a - b).indexOf(step);
      }),
    }));
  }
}

function isBelow(path: PropertyPath, parent: PropertyPath): boolean {
  return parent.every((step, i) => path[i] === step);
}

function place(into: Record<string, unknown>, path: PropertyPath, value: unknown): void {
  let at = into as Record<string | number, unknown>;
  for (const [i, step] of path.slice(0, -1).entries()) {
    const there = at[step];
    // `autostart: true` becomes a mapping when it gets an order.
    if (typeof there !== 'object' || there === null) at[step] = typeof path[i + 1] === 'number' ? [] : {};
    at = at[step] as Record<string | number, unknown>;
  }
  const last = path.at(-1);
  if (last !== undefined && !(value === true && typeof at[last] === 'object')) at[last] = value;
}
