/** Stands for a directory in a portable value; no path has such a character. */
const MARK = '\u0000';

/**
 * Writes results of steps so that they mean the same in another out directory, with another store, or on another
 * machine: a path below one of these directories is kept relative to it.
 */
export class Places {
  readonly #roots: readonly (readonly [name: string, dir: string])[];

  /** @param roots Absolute directories by name, such as `{ out: '/home/me/out/stb' }`. */
  constructor(roots: Readonly<Record<string, string>>) {
    // The out directory may lie below the store's, or the other way round: the longer one is meant.
    this.#roots = Object.entries(roots).sort(([, a], [, b]) => b.length - a.length);
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
      const [name = '', ...rest] = text.slice(MARK.length).split('/');
      const root = this.#roots.find(([known]) => known === name);
      if (root === undefined) throw new Error(`a stored result lies below "${name}", which is not known`);
      return [root[1], ...rest].join('/');
    });
  }
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one: unknown) => mapStrings(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapStrings(one, change)]));
}
