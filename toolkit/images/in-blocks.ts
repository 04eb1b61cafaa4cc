import type { Writable } from 'node:stream';

const BLOCK_BYTES = 1 << 16;

/**
 * Gathers the pieces of an archive into blocks for `taker`, the stream that the pipeline writes to: an archive has many
 * small headers, and each would cost an event loop turn. A piece need stay valid only until the next one is requested. A
 * block is filled again once it has been taken: new ones would pile up until garbage collection.
 */
export async function* inBlocks(
  pieces: AsyncIterable<Buffer>,
  taker: Writable,
): AsyncGenerator<Buffer, void, undefined> {
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  let filled = 0;
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length;) {
      const copied = piece.copy(block, filled, taken);
      taken += copied;
      filled += copied;
      if (filled < block.length) continue;
      yield block;
      if (taker.writableLength > 0) block = Buffer.allocUnsafe(BLOCK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
