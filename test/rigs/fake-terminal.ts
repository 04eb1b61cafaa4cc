/**
 * A terminal that understands what the status line sends and, like most terminals today,
 * wraps its lines again when it is resized. `screen()` is what a person would see.
 */
export class FakeTerminal {
  /** Every text written, as it came. */
  readonly writes: string[] = [];
  cursorVisible = true;
  #columns: number;
  /** Logical lines of cells; the second cell of a wide character is an empty string. */
  #lines: string[][] = [[]];
  #line = 0;
  #offset = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  readonly columns = (): number => this.#columns;

  resize(columns: number): void {
    this.#columns = columns;
  }

  write(text: string): void {
    this.writes.push(text);
    const tokens = text.matchAll(/\x1b\[(\??[\d;]*)([A-Za-z])|\r|\n|./gsu);
    for (const [token, parameters = '', command] of tokens) {
      if (command !== undefined) this.#control(parameters, command);
      else if (token === '\n') this.#newLine();
      else if (token === '\r') this.#offset -= this.#offset % this.#columns;
      else this.#put(token);
    }
  }

  /** The rows with something on them, top to bottom, wrapped at the present width. */
  screen(): string[] {
    const rows = this.#lines.flatMap((cells) => {
      const count = Math.max(1, Math.ceil(cells.length / this.#columns));
      return Array.from({ length: count }, (_, row) =>
        cells
          .slice(row * this.#columns, (row + 1) * this.#columns)
          .join('')
          .trimEnd(),
      );
    });
    return rows.slice(0, rows.findLastIndex((row) => row !== '') + 1);
  }

  #control(parameters: string, command: string): void {
    switch (command) {
      case 'A':
        for (let row = 0; row < Number(parameters); row++) this.#rowUp();
        return;
      case 'J':
        this.#lines.length = this.#line + 1;
        this.#cells().length = Math.min(this.#cells().length, this.#offset);
        return;
      case 'h':
      case 'l':
        if (parameters === '?25') this.cursorVisible = command === 'h';
        return;
      case 'm':
        return;
      default:
        throw new Error(`the fake terminal does not know CSI ${parameters}${command}`);
    }
  }

  #rowUp(): void {
    if (this.#offset >= this.#columns) {
      this.#offset -= this.#columns;
    } else if (this.#line > 0) {
      this.#line--;
      const lastRow = Math.floor(Math.max(0, this.#cells().length - 1) / this.#columns);
      this.#offset += lastRow * this.#columns;
    }
  }

  #newLine(): void {
    this.#line++;
    this.#lines[this.#line] ??= [];
    this.#offset = 0;
  }

  #put(character: string): void {
    const cells = this.#cells();
    while (cells.length < this.#offset) cells.push(' ');
    const wide = /[\u1100-\u115f\u2e80-\uffef]/u.test(character);
    for (const cell of wide ? [character, ''] : [character]) cells[this.#offset++] = cell;
  }

  #cells(): string[] {
    return (this.#lines[this.#line] ??= []);
  }
}
