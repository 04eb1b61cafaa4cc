import { inspect, styleText } from 'node:util';
import { DiagnosticsError, formatDiagnostic } from '../base/diagnostic.ts';
import { KitError, errorMessage } from '../base/errors.ts';
import { bugsAddress, packageVersion } from '../base/package-root.ts';
import { redactSecrets, redactValue } from '../base/redact-secrets.ts';
import { shortenWords } from '../base/shorten-words.ts';

export interface FormatErrorOptions {
  readonly colour: boolean;
}

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/** Formats anything that was thrown for people: several lines, without the last line's end. */
export function formatError(error: unknown, { colour }: FormatErrorOptions): string {
  // validateStream would check stdout, but errors go to stderr.
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  if (error instanceof DiagnosticsError) return formatDiagnostics(error, paint);
  return redactSecrets(error instanceof KitError ? formatKitError(error, paint) : formatBug(error, paint));
}

/** Formats it for another program: one JSON object, `"type": "error"`, on one line without its end. */
export function jsonError(error: unknown): string {
  if (!(error instanceof KitError)) {
    const [message, details] = [errorMessage(error), inspect(error)].map(redactSecrets);
    return JSON.stringify({ type: 'error', code: 'BUG', message, details });
  }
  const { code, message, lines, hint: help, logFile } = error;
  const diagnostics = error instanceof DiagnosticsError ? error.diagnostics : undefined;
  return JSON.stringify(redactValue({ type: 'error', code, message, diagnostics, lines, help, logFile }));
}

function formatDiagnostics(error: DiagnosticsError, paint: Paint): string {
  const text = error.diagnostics.map(formatDiagnostic).join('\n');
  const painted = text
    .replace(/^\s+~+$/gm, (squiggle) => paint('red', squiggle))
    .replace(/^ {2}help:/gm, (help) => paint('cyan', help));
  return `${painted}\n${paint('red', error.message)}`;
}

function formatKitError(error: KitError, paint: Paint): string {
  const lines = [`${paint(['bold', 'red'], 'error:')} ${shortenWords(error.message)} [${error.code}]`];
  lines.push(...error.lines.map(indent));
  if (error.hint !== undefined) lines.push(indent(`${paint('cyan', 'help:')} ${shortenWords(error.hint)}`));
  if (error.logFile !== undefined) lines.push(indent(`log: ${error.logFile}`));
  return lines.join('\n');
}

function formatBug(error: unknown, paint: Paint): string {
  const version = packageVersion();
  // inspect() shows the stack and, below it, each cause with its own.
  const details = inspect(error, { depth: 3, colors: false });
  return [
    `${paint(['bold', 'red'], 'error:')} this is a bug in lxc-kit ${version}: ${errorMessage(error)}`,
    indent(details),
    indent(
      `${paint('cyan', 'help:')} report it at ${bugsAddress()} with these lines, the command and the board profile`,
    ),
  ].join('\n');
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
