import { KitError, type KitErrorCode } from './errors.ts';
import { redactUrls, starUrls } from './redact-urls.ts';
import { shortenWords } from './shorten-words.ts';

/** Where a text that a person wrote is wrong; line and column count from 1. */
export interface Location {
  /** Path as the person would type it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the squiggle covers; 1 when unknown. */
  readonly length?: number;
  /** The text of that line, without its end. */
  readonly sourceLine?: string;
}

/** One problem in something a person wrote: a profile, a fragment, a container definition. */
export interface Diagnostic {
  readonly location?: Location;
  /** What was found and what was expected. */
  readonly message: string;
  /** What to write instead. */
  readonly help?: string;
}

/** All problems of one kind of file, thrown together so that each is seen in one run. */
export class DiagnosticsError extends KitError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: KitErrorCode, diagnostics: readonly Diagnostic[]) {
    super(code, `${diagnostics.length} problem${diagnostics.length === 1 ? '' : 's'} found`);
    this.name = 'DiagnosticsError';
    this.diagnostics = diagnostics;
  }
}

/** One diagnostic as it is printed: `file:line:column message`, the source line, a squiggle and the help; no password of a URL. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { location, help } = diagnostic;
  const message = shortenWords(redactUrls(diagnostic.message));
  const lines: string[] = [];
  if (location === undefined) lines.push(message);
  else lines.push(`${location.file}:${location.line}:${location.column} ${message}`);
  if (location?.sourceLine !== undefined) lines.push(...squiggle(location, location.sourceLine));
  if (help !== undefined) lines.push(`  help: ${shortenWords(redactUrls(help))}`);
  return lines.join('\n');
}

const MAX_SOURCE_WIDTH = 160;

function squiggle(location: Location, sourceLine: string): string[] {
  const shown = starUrls(sourceLine).slice(0, MAX_SOURCE_WIDTH);
  if (location.column > shown.length + 1) return [];
  // A tab stays a tab under the source line too, so that the squiggle lines up in any terminal.
  const lead = shown.slice(0, location.column - 1).replace(/[^\t]/g, ' ');
  const width = Math.max(1, Math.min(location.length ?? 1, shown.length - lead.length));
  return [`    ${shown}`, `    ${lead}${'~'.repeat(width)}`];
}
