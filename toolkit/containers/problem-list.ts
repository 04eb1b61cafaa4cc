import { DiagnosticsError, type Diagnostic, type Location } from '../base/diagnostic.ts';

/** Where something stands in a container definition: ['bind', 2, 'from']. */
export type PropertyPath = readonly (string | number)[];

/** Finds where a person wrote a part of the definition. */
export type Locate = (path: PropertyPath) => Location | undefined;

/** A line of an LXC configuration that sets something, and where it stands. */
export interface PlacedSetting {
  readonly key: string;
  readonly value: string;
  readonly place?: Location;
}

/** Collects everything that is wrong with a container definition, so that each is seen in one run. */
export class ProblemList {
  readonly errors: Diagnostic[] = [];
  /** What works, but perhaps not as it was meant. */
  readonly warnings: Diagnostic[] = [];
  readonly #locate: Locate;

  constructor(locate: Locate = () => undefined) {
    this.#locate = locate;
  }

  error(path: PropertyPath, message: string, help?: string): void {
    const found = this.#diagnostic(path, message, help);
    // Several lines of one part have the same problem once.
    const same = this.errors.some(
      (one) =>
        one.message === found.message &&
        one.location?.line === found.location?.line &&
        one.location?.column === found.location?.column,
    );
    if (!same) this.errors.push(found);
  }

  /** An error in another file than the definition's. */
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

  /** A key that was filled in has no place of its own; then the place of what it belongs to is shown. */
  #find(path: PropertyPath): Location | undefined {
    for (let length = path.length; length >= 0; length--) {
      const location = this.#locate(path.slice(0, length));
      if (location !== undefined) return location;
    }
    return undefined;
  }
}
