import { KitError, type KitErrorCode } from './errors.ts';
import { redactSecrets, starSecrets } from './redact-secrets.ts';
import { shortenWords } from './shorten-words.ts';

/** The place of an error in a user's text; line and column count from 1. */
export interface Location {
  /** The path as the user would type it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The number of characters that the squiggle covers; 1 when unknown. */
  readonly length?: number;
  /** The text of that line, without its end. */
  readonly sourceLine?: string;
}

/** One problem in a text that the user wrote: a profile, a fragment, a container definition. */
export interface Diagnostic {
  readonly location?: Location;
  /** States what was found and what was expected. */
  readonly message: string;
  /** Says what to write instead. */
  readonly help?: string;
}

/** All problems of one kind of file, thrown together so that one run shows them all. */
export class DiagnosticsError extends KitError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: KitErrorCode, diagnostics: readonly Diagnostic[]) {
    super(code, `${diagnostics.length} problem${diagnostics.length === 1 ? '' : 's'} found`);
    this.name = 'DiagnosticsError';
    this.diagnostics = diagnostics;
  }
}

/** Formats a diagnostic: `file:line:column message`, the source line, a squiggle and the help; no secrets. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { location, help } = diagnostic;
  const message = shortenWords(redactSecrets(diagnostic.message));
  const lines: string[] = [];
  if (location === undefined) lines.push(message);
  else lines.push(`${location.file}:${location.line}:${location.column} ${message}`);
  if (location?.sourceLine !== undefined) lines.push(...squiggle(location, location.sourceLine));
  if (help !== undefined) lines.push(`  help: ${shortenWords(redactSecrets(help))}`);
  return lines.join('\n');
}

const MAX_SOURCE_WIDTH = 160;

function squiggle(location: Location, sourceLine: string): string[] {
  const shown = starSecrets(sourceLine).slice(0, MAX_SOURCE_WIDTH);
  if (location.column > shown.length + 1) return [];
  // A tab stays a tab under the source line too, so that the squiggle lines up in any terminal.
  const lead = shown.slice(0, location.column - 1).replace(/[^\t]/g, ' ');
  const width = Math.max(1, Math.min(location.length ?? 1, shown.length - lead.length));
  return [`    ${shown}`, `    ${lead}${'~'.repeat(width)}`];
}
