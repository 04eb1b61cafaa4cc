import { DiagnosticsError, formatDiagnostic, type Diagnostic } from '../base/diagnostic.ts';
import { errorMessage } from '../base/errors.ts';
import type { Finding, Findings } from '../lxc-keys/findings.ts';
import { print, printStatus } from './terminal.ts';

/** Returns the findings, everything that could not be carried over unchanged, for another program. */
export function listFindings(findings: Findings): object[] {
  return findings.sortedNotes().map(({ outcome, location, message, help }) => ({
    outcome,
    file: location?.file,
    line: location?.line,
    column: location?.column,
    message,
    help,
  }));
}

/** Prints the findings to stderr, one line each. */
export function printFindings(findings: Findings): void {
  const notes = findings.sortedNotes();
  for (const note of notes) printStatus(formatDiagnostic(note));
  if (notes.length > 0)
    printStatus(`${notes.length} ${notes.length === 1 ? 'line' : 'things'} to look at: ${counts(notes)}`);
}

/**
 * Runs a command and prints its result. With `json` everything is one object on stdout, including the errors; the error
 * is still thrown.
 */
export async function printWithFindings(
  findings: Findings,
  json: boolean,
  key: 'definition' | 'config',
  work: () => Promise<{ readonly value: unknown; readonly text: string }>,
): Promise<void> {
  let result;
  try {
    result = await work();
  } catch (error) {
    if (json) {
      const errors = problemsIn(error).map(({ location, message, help }) => ({
        ...placed(location),
        message,
        help,
      }));
      print(JSON.stringify({ [key]: null, errors, notes: listFindings(findings) }, null, 2));
    } else {
      printFindings(findings);
    }
    throw error;
  }
  if (json) {
    print(JSON.stringify({ [key]: result.value, errors: [], notes: listFindings(findings) }, null, 2));
    return;
  }
  printFindings(findings);
  print(result.text.replace(/\n$/, ''));
}

function problemsIn(error: unknown): readonly Diagnostic[] {
  if (error instanceof DiagnosticsError) return error.diagnostics;
  return [{ message: errorMessage(error) }];
}

function placed(location: Finding['location']): object {
  return { file: location?.file, line: location?.line, column: location?.column };
}

function counts(notes: readonly Finding[]): string {
  const outcomes = ['mended', 'changed', 'raw', 'left-out', 'assumed'] as const;
  const words = {
    mended: 'mended',
    changed: 'changed',
    raw: 'kept in raw',
    'left-out': 'left out',
    assumed: 'assumed',
  };
  return outcomes
    .map((outcome) => ({ outcome, count: notes.filter((note) => note.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${words[outcome]}`)
    .join(', ');
}
