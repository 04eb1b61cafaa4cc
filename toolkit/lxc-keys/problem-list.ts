import { DiagnosticsError, type Diagnostic, type Location } from '../base/diagnostic.ts';

/** The path of a value in a container definition: ['bind', 2, 'from']. */
export type PropertyPath = readonly (string | number)[];

/** Returns the place where the user wrote a part of the definition. */
export type Locate = (path: PropertyPath) => Location | undefined;

/** A setting of an LXC configuration and its place. */
export interface PlacedSetting {
  readonly key: string;
  readonly value: string;
  readonly place?: Location;
}

/** Collects all problems of a container definition, so that one run shows them all. */
export class ProblemList {
  readonly errors: Diagnostic[] = [];
  /** Adds a warning for something that works, but perhaps not as intended. */
  readonly warnings: Diagnostic[] = [];
  readonly #locate: Locate;

  constructor(locate: Locate = () => undefined) {
    this.#locate = locate;
  }

  error(path: PropertyPath, message: string, help?: string): void {
    const found = this.#diagnostic(path, message, help);
    // Report a problem once for several lines of one part.
    const same = this.errors.some(
      (one) =>
        one.message === found.message &&
        one.location?.line === found.location?.line &&
        one.location?.column === found.location?.column,
    );
    if (!same) this.errors.push(found);
  }

  /** Adds an error in a file other than the definition. */
  errorAt(location: Location | undefined, message: string, help?: string): void {
    this.errors.push({
      message,
      ...(location === undefined ? {} : { location }),
      ...(help === undefined ? {} : { help }),
    });
  }

  warning(path: PropertyPath, message: string, help?: string): void {
    this.warnings.push(this.#diagnostic(path, message, help));
  }

  /** Throws CONTAINER_INVALID with every error found so far; returns when there is none. */
  throwErrors(): void {
    if (this.errors.length > 0) throw new DiagnosticsError('CONTAINER_INVALID', this.errors);
  }

  #diagnostic(path: PropertyPath, message: string, help: string | undefined): Diagnostic {
    const location = this.#find(path);
    return {
      message,
      ...(location === undefined ? {} : { location }),
      ...(help === undefined ? {} : { help }),
    };
  }

  /** Returns the place of a key; a default has none, so it gets the place of its parent. */
  #find(path: PropertyPath): Location | undefined {
    for (let length = path.length; length >= 0; length--) {
      const location = this.#locate(path.slice(0, length));
      if (location !== undefined) return location;
    }
    return undefined;
  }
}
