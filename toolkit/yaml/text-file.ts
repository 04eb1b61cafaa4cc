import type { LineCounter } from 'yaml';

/** The text of a file that the user wrote. */
export interface TextFile {
  /** Absolute path. */
  readonly file: string;
  /** The path as the user would type it. */
  readonly shownFile: string;
  readonly text: string;
  /** The offsets at which its lines start. */
  readonly lines: LineCounter;
}
