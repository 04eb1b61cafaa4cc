/** Ctrl-A, with which QEMU's and screen's commands begin too. */
const ESCAPE = 0x01;

/** Finds the commands among what is typed: Ctrl-A and a letter. Ctrl-A twice is one Ctrl-A. */
export class KeyReader {
  readonly #commands: Readonly<Record<string, () => void>>;
  #escaped = false;

  constructor(commands: Readonly<Record<string, () => void>>) {
    this.#commands = commands;
  }

  /** Runs the commands in `bytes`, and returns everything else. A command may be in two chunks. */
  read(bytes: Buffer): Buffer {
    const typed: number[] = [];
    for (const byte of bytes) {
      if (this.#escaped) {
        this.#escaped = false;
        if (byte === ESCAPE) typed.push(byte);
        else this.#commands[String.fromCharCode(byte).toLowerCase()]?.();
      } else if (byte === ESCAPE) this.#escaped = true;
      else typed.push(byte);
    }
    return Buffer.from(typed);
  }
}
