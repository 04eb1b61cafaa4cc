import { StringDecoder } from 'node:string_decoder';

/** Characters of a line that are kept; longer lines are not meant for people. */
const MAX_LINE_LENGTH = 8_192;

/** Cuts a stream of bytes into lines of text, without their ends. Memory stays bounded whatever the bytes are. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #line = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Buffer): void {
    const pieces = this.#decoder.write(bytes).split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      this.#append(piece);
      this.#flush();
    }
    this.#append(last);
  }

  /** Passes on what follows the last line end. */
  end(): void {
    this.#append(this.#decoder.end());
    if (this.#line !== '') this.#flush();
  }

  #append(text: string): void {
    // Keep one more than is shown, to distinguish a long line from one that just fits.
    this.#line += text.slice(0, MAX_LINE_LENGTH + 1 - this.#line.length);
  }

  #flush(): void {
    const line = this.#line.replace(/\r$/, '');
    this.#line = '';
    this.#onLine(line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line);
  }
}
