/** A line of a Kconfig file, after lines that end in a backslash were joined. */
export interface LogicalLine {
  readonly text: string;
  /** The number of its first line, from 1. */
  readonly line: number;
}

const TAB_WIDTH = 8;

/** Walks the lines of one Kconfig file. Help texts are skipped, because they can contain anything. */
export class LogicalLines {
  readonly #lines: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  }

  /** Returns the next line that is neither empty nor a comment, or undefined at the end. */
  next(): LogicalLine | undefined {
    while (this.#next < this.#lines.length) {
      const line = this.#next + 1;
      let text = this.#lines[this.#next++] ?? '';
      if (/^\s*(?:#|$)/.test(text)) continue;
      const parts: string[] = [];
      while (text.endsWith('\\') && this.#next < this.#lines.length) {
        parts.push(text.slice(0, -1));
        text = this.#lines[this.#next++] ?? '';
      }
      return { text: parts.length === 0 ? text : [...parts, text].join(' '), line };
    }
    return undefined;
  }

  /**
   * Skips a help text. It ends at a line with less indentation than its first one, as in scripts/kconfig/lexer.l.
   */
  skipHelp(): void {
    let first: number | undefined;
    while (this.#next < this.#lines.length) {
      const text = this.#lines[this.#next] ?? '';
      if (text.trim() !== '') {
        const indent = indentOf(text);
        if (indent === 0 || indent < (first ?? 0)) return;
        first ??= indent;
      }
      this.#next++;
    }
  }
}

function indentOf(text: string): number {
  let columns = 0;
  for (const sign of text) {
    if (sign === '\t') columns = columns - (columns % TAB_WIDTH) + TAB_WIDTH;
    else if (sign === ' ') columns++;
    else break;
  }
  return columns;
}
