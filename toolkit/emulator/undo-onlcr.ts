/**
 * Reverts what a tty with `onlcr` does to output: a carriage return before every line feed.
 * Returns a function for the bytes as they arrive, and one for the end.
 */
export function undoOnlcr(onBytes: (bytes: Buffer) => void): { write(bytes: Buffer): void; end(): void } {
  let held = '';
  const pass = (text: string): void => {
    if (text !== '') onBytes(Buffer.from(text, 'latin1'));
  };
  return {
    write(bytes) {
      const text = held + bytes.toString('latin1');
      // The next character decides whether the tty added this carriage return.
      held = text.endsWith('\r') ? '\r' : '';
      pass(text.slice(0, text.length - held.length).replaceAll('\r\n', '\n'));
    },
    end() {
      pass(held);
    },
  };
}
