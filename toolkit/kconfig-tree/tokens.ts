import type { MacroReader } from './macros.ts';

/** A word or sign of a line of a Kconfig file. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'sign';
  /** Without quotes and escapes; when `macros` is set, it still contains macros. */
  readonly text: string;
  readonly macros: boolean;
}

const SPACE = 32;
const TAB = 9;
const QUOTE = 34;
const SQUOTE = 39;
const DOLLAR = 36;
const BACKSLASH = 92;
const HASH = 35;

/** `/` and `.` were part of a word before Linux 4.18, and still are in BusyBox. */
const WORD = /[\w/.-]+/y;
/** Plain text between quotes, up to a special character. */
const PLAIN = /[^"'\\$]+/y;
const SIGN = /\|\||&&|!=|<=|>=|:=|\+=|[=<>!()]/y;

/**
 * Splits a logical line into words and signs, as scripts/kconfig/lexer.l does: a `#` begins a comment, and other stray
 * characters are skipped. A quote that is not closed ends with the line.
 */
export function tokenize(line: string, macros: MacroReader): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const code = line.charCodeAt(at);
    if (code === SPACE || code === TAB) at++;
    else if (code === HASH) break;
    else if (code === QUOTE || code === SQUOTE) at = readQuoted(line, at, macros, tokens);
    else {
      const end = endOfWord(line, at, macros);
      if (end > at) {
        const text = line.slice(at, end);
        tokens.push({ kind: 'word', text, macros: text.includes('$') });
        at = end;
        continue;
      }
      SIGN.lastIndex = at;
      const sign = SIGN.exec(line)?.[0];
      if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, macros: false });
      at += sign?.length ?? 1;
    }
  }
  return tokens;
}

function endOfWord(line: string, start: number, macros: MacroReader): number {
  let at = start;
  for (;;) {
    if (line.charCodeAt(at) === DOLLAR) {
      at = macros.endOfReference(line, at);
      continue;
    }
    WORD.lastIndex = at;
    const part = WORD.exec(line)?.[0];
    if (part === undefined) return at;
    at += part.length;
  }
}

function readQuoted(line: string, start: number, macros: MacroReader, tokens: Token[]): number {
  const quote = line[start];
  let text = '';
  let hasMacros = false;
  let at = start + 1;
  while (at < line.length && line[at] !== quote) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) {
      text += line[at + 1] ?? '';
      at += 2;
    } else if (code === DOLLAR) {
      // A quote inside $(…) does not end the text.
      const end = macros.endOfReference(line, at);
      text += line.slice(at, end);
      hasMacros = true;
      at = end;
    } else {
      // The other kind of quote is plain text as well.
      PLAIN.lastIndex = at;
      const part = PLAIN.exec(line)?.[0] ?? line.charAt(at);
      text += part;
      at += part.length;
    }
  }
  tokens.push({ kind: 'quoted', text, macros: hasMacros });
  return at + 1;
}
