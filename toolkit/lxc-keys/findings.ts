import { DiagnosticsError, type Diagnostic, type Location } from '../base/diagnostic.ts';

/**
 * How a line was handled that could not be copied unchanged.
 *
 * `mended`: it had a mistake that LXC ignores or misreads, which was corrected. `changed`: an equivalent line was
 * written instead. `raw`: a definition cannot express it and holds the line itself. `left-out`: it was dropped.
 * `assumed`: the configuration does not say it, so lxc-kit chose a value.
 */
export type Outcome = 'mended' | 'changed' | 'raw' | 'left-out' | 'assumed';

/** A remark about a line that the reader of the result should know. */
export interface Finding extends Diagnostic {
  readonly outcome: Outcome;
}

/** Collects errors and notes while a configuration is read. */
export class Findings {
  readonly errors: Diagnostic[] = [];
  readonly notes: Finding[] = [];

  /** Adds an error: LXC refuses the file, or its meaning is unclear. */
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

  /** All notes, in the order of the files' lines; those without a line come last. */
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
