/** Stands for a directory in a portable value; no path has such a character. */
const MARK = '\u0000';

/**
 * Writes results of steps so that they mean the same in another out directory, with another store, or on another
 * machine: a path below one of these directories is kept relative to it.
 */
export class Places {
  readonly #roots: readonly (readonly [name: string, dir: string])[];
  /** The longest name first. */
  readonly #byName: readonly (readonly [name: string, dir: string])[];

  /** @param roots Absolute directories by name, such as `{ out: '/home/me/out/stb' }`. */
  constructor(roots: Readonly<Record<string, string>>) {
    // The out directory may lie below the store's, or the other way round: the longer one is meant.
    this.#roots = Object.entries(roots).sort(([, a], [, b]) => b.length - a.length);
    this.#byName = this.#roots.toSorted(([a], [b]) => b.length - a.length);
  }

  /**
   * The same directories with pairs of places below one of them changed for one another, as in
   * `swapped('out', { emulator: 'images' })`: what lies in one is written as if it lay in the other.
   */
  swapped(name: string, pairs: Readonly<Record<string, string>>): Places {
    const roots = Object.fromEntries(this.#roots);
    const dir = roots[name];
    if (dir === undefined) return this;
    const both = Object.entries(pairs).flatMap(([own, other]): [string, string][] => [
      [`${name}/${other}`, `${dir}/${own}`],
      [`${name}/${own}`, `${dir}/${other}`],
    ]);
    return new Places(Object.fromEntries([...this.#roots, ...both]));
  }

  toPortable(value: unknown): unknown {
    return mapStrings(value, (text) => {
      for (const [name, dir] of this.#roots) {
        if (text === dir) return `${MARK}${name}`;
        if (text.startsWith(`${dir}/`)) return `${MARK}${name}${text.slice(dir.length)}`;
      }
      return text;
    });
  }

  /** Throws for a directory that is not known here. */
  fromPortable(value: unknown): unknown {
    return mapStrings(value, (text) => {
      if (!text.startsWith(MARK)) return text;
      const path = text.slice(MARK.length);
      for (const [name, dir] of this.#byName)
        if (path === name || path.startsWith(`${name}/`)) return `${dir}${path.slice(name.length)}`;
      throw new Error(`a stored result lies below "${path.replace(/\/.*/s, '')}", which is not known`);
    });
  }
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one: unknown) => mapStrings(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapStrings(one, change)]));
}
