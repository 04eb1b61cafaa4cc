import type { Location } from '../base/diagnostic.ts';
import type { TextFile } from './text-file.ts';

/** Returns the line, column and text of the characters from `start` to `end`; marks only those of the first line. */
export function locateRange({ shownFile, text, lines }: TextFile, start: number, end: number): Location {
  const { line, col } = lines.linePos(start);
  const lineFeed = text.indexOf('\n', start);
  const lineEnd = lineFeed === -1 ? text.length : lineFeed;
  const sourceLine = text.slice(start - col + 1, lineEnd).replace(/\r$/, '');
  return {
    file: shownFile,
    line,
    column: col,
    length: Math.max(1, Math.min(end, lineEnd) - start),
    // A control character in the line could change what the terminal shows.
    sourceLine: sourceLine.replace(/(?!\t)\p{Cc}/gu, '\uFFFD'),
  };
}
