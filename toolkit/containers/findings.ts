import { DiagnosticsError, type Diagnostic, type Location } from '../base/diagnostic.ts';

/**
 * What became of a line that could not be carried over as it is.
 *
 * `mended`: it was a mistake that LXC overlooks, or takes for something else. `changed`: what does the same was
 * written instead. `raw`: a definition has no word for it and holds the line as it is. `left-out`: it is gone.
 * `assumed`: the configuration does not say it, and a choice was made.
 */
export type Outcome = 'mended' | 'changed' | 'raw' | 'left-out' | 'assumed';

/** Something about a line that whoever reads the result has to know. */
export interface Finding extends Diagnostic {
  readonly outcome: Outcome;
}

/** Everything that is found while a configuration is read. */
export class Findings {
  readonly errors: Diagnostic[] = [];
  readonly notes: Finding[] = [];

  /** What makes the file wrong: LXC refuses it, or nobody can say what it means. */
  error(location: Location, message: string, help?: string): void {
    this.errors.push({ location, message, ...(help === undefined ? {} : { help }) });
  }

  note(outcome: Outcome, location: Location | undefined, message: string, help?: string): void {
    this.notes.push({
      outcome,
      ...(location === undefined ? {} : { location }),
      message,
      ...(help === undefined ? {} : { help }),
    });
  }

  /** Throws CONTAINER_INVALID with all errors, in the order of the files' lines; returns when there is none. */
  throwErrors(): void {
    if (this.errors.length > 0) throw new DiagnosticsError('CONTAINER_INVALID', inOrder(this.errors));
  }

  /** All notes, in the order of the files' lines; what is about no line comes last. */
  sortedNotes(): Finding[] {
    return inOrder(this.notes);
  }
}

function inOrder<Found extends Diagnostic>(found: readonly Found[]): Found[] {
  const files = [...new Set(found.map(({ location }) => location?.file))];
  const rank = ({ location }: Found): number =>
    location === undefined ? files.length : files.indexOf(location.file);
  return [...found].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
      (a.location?.column ?? 0) - (b.location?.column ?? 0),
  );
}
