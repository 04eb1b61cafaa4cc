/** Marks a directory in a portable value; no path contains this character. */
const MARK = '\u0000';

/**
 * Makes results of steps portable to another out directory, another store or another machine: a path below one of these
 * directories is stored relative to it.
 */
export class PortablePaths {
  readonly #roots: readonly (readonly [name: string, dir: string])[];
  /** Longest path first. */
  readonly #byName: readonly (readonly [name: string, dir: string])[];

  /** @param roots Absolute directories by name, such as `{ out: '/home/me/out/stb' }`. */
  constructor(roots: Readonly<Record<string, string>>) {
    // The out directory may be below the store, or the store below it: the longer path wins.
    this.#roots = Object.entries(roots).sort(([, a], [, b]) => b.length - a.length);
    this.#byName = this.#roots.toSorted(([a], [b]) => b.length - a.length);
  }

  /**
   * The same directories with pairs of subdirectories swapped, as in `swapped('out', { emulator: 'images' })`: a path
   * in one is written as a path in the other.
   */
  swapped(name: string, pairs: Readonly<Record<string, string>>): PortablePaths {
    const roots = Object.fromEntries(this.#roots);
    const dir = roots[name];
    if (dir === undefined) return this;
    const both = Object.entries(pairs).flatMap(([own, other]): [string, string][] => [
      [`${name}/${other}`, `${dir}/${own}`],
      [`${name}/${own}`, `${dir}/${other}`],
    ]);
    return new PortablePaths(Object.fromEntries([...this.#roots, ...both]));
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

  /** Throws for an unknown directory. */
  fromPortable(value: unknown): unknown {
    return mapStrings(value, (text) => {
      if (!text.startsWith(MARK)) return text;
      const path = text.slice(MARK.length);
      for (const [name, dir] of this.#byName)
        if (path === name || path.startsWith(`${name}/`)) return `${dir}${path.slice(name.length)}`;
      throw new Error(
        `a stored result is below "${path.replace(/\/.*/s, '')}", which is not a known directory`,
      );
    });
  }
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one: unknown) => mapStrings(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapStrings(one, change)]));
}
