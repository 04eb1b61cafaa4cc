import { stripVTControlCharacters } from 'node:util';

/** Created on first use: that takes 10 ms, and most text is ASCII. */
let graphemes: Intl.Segmenter | undefined;

/** Characters that take two columns: East Asian wide ones (Unicode's EastAsianWidth.txt, W and F) and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const INVISIBLE = /^[\p{Mark}\p{Format}]+$/u;
const ASCII = /^[\x20-\x7e]*$/;

/** The number of terminal columns that a text without control characters takes. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment);
  return width;
}

/** Cuts a text to at most `width` columns; a cut end shows as `…`. */
export function truncateToWidth(text: string, width: number): string {
  if (width <= 0) return '';
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemesOf(text)) {
    used += graphemeWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * One line of a tool's output as it can be shown beside other text: no escape sequences,
 * no control characters, runs of blanks as one blank.
 */
export function toPrintable(line: string): string {
  // Progress bars draw over themselves with carriage returns; only the last drawing counts.
  const last = line.split('\r').findLast((part) => part.trim() !== '') ?? '';
  return stripVTControlCharacters(last)
    .replace(/[\p{Control}\s]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

function graphemesOf(text: string): Intl.Segments {
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return graphemes.segment(text);
}
