import type { Readable, Writable } from 'node:stream';

/** One serial port of the guest, seen from the host: what we type, and what comes back. */
export class SerialPort {
  readonly #output: Writable;
  /** The bytes that arrived and are not consumed yet. */
  #arrived: Buffer[] = [];
  #unread: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  constructor(input: Readable, output: Writable) {
    this.#output = output;
    input.on('data', (chunk: Buffer) => {
      this.#arrived.push(chunk);
      this.#wake?.();
    });
  }

  /** Types bytes, or `text` as UTF-8. A guest that has ended is noticed only by the reader that waits for its answer. */
  type(text: string | Uint8Array): void {
    this.#output.write(text);
  }

  /**
   * Reads up to and including the next line feed after `marker`, and returns the text between the two.
   * Everything before the marker goes to `onBytes` as it arrives, byte for byte;
   * a chunk may end anywhere. Rejects with the signal's reason when it is aborted first.
   */
  async readUntil(marker: string, onBytes: (bytes: Buffer) => void, signal: AbortSignal): Promise<string> {
    const wanted = Buffer.from(marker);
    for (;;) {
      signal.throwIfAborted();
      this.#unread = Buffer.concat([this.#unread, ...this.#arrived.splice(0)]);
      const at = this.#unread.indexOf(wanted);
      const lineEnd = at < 0 ? -1 : this.#unread.indexOf('\n', at);
      const safe = at < 0 ? this.#unread.length - partialMarkerLength(this.#unread, wanted) : at;
      if (safe > 0) onBytes(this.#unread.subarray(0, safe));
      if (lineEnd >= 0) {
        const rest = this.#unread.subarray(at + wanted.length, lineEnd).toString('latin1');
        this.#unread = this.#unread.subarray(lineEnd + 1);
        return rest;
      }
      this.#unread = this.#unread.subarray(safe);
      await this.#moreBytes(signal);
    }
  }

  /** Hands on everything that arrives, until `signal` is aborted; then it rejects with the signal's reason. */
  async forward(onBytes: (bytes: Buffer) => void, signal: AbortSignal): Promise<never> {
    for (;;) {
      signal.throwIfAborted();
      for (const bytes of [this.#unread, ...this.#arrived.splice(0)]) if (bytes.length > 0) onBytes(bytes);
      this.#unread = Buffer.alloc(0);
      await this.#moreBytes(signal);
    }
  }

  #moreBytes(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#wake = () => {
        this.#wake = undefined;
        signal.removeEventListener('abort', abort);
        resolve();
      };
    });
  }
}

/** Returns how many of the last bytes may be the start of a marker whose rest has not arrived yet. */
function partialMarkerLength(bytes: Buffer, marker: Buffer): number {
  for (let length = Math.min(marker.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(-length).equals(marker.subarray(0, length))) return length;
  }
  return 0;
}
