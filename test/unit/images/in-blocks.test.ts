import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inBlocks } from '../../../toolkit/images/in-blocks.ts';
import { noise } from './sample-rootfs.ts';

const content = noise(300_000);

/** Gives the content piece by piece in one buffer, as an archive does. */
async function* inOneBuffer(pieceBytes: number): AsyncGenerator<Buffer, void, undefined> {
  const buffer = Buffer.alloc(pieceBytes);
  for (let at = 0; at < content.length; at += pieceBytes) {
    await pause(0);
    yield buffer.subarray(0, content.copy(buffer, 0, at));
  }
}

/** Takes a block only after a while, and asks for more before that if it is `eager`. */
function slowTaker(eager: boolean): { taker: Writable; taken: Buffer[]; memory: Set<ArrayBufferLike> } {
  const taken: Buffer[] = [];
  const memory = new Set<ArrayBufferLike>();
  const taker = new Writable({
    highWaterMark: eager ? 1 << 20 : 1 << 14,
    write(block: Buffer, _, done) {
      memory.add(block.buffer);
      setTimeout(() => {
        taken.push(Buffer.from(block));
        done();
      }, 5);
    },
  });
  return { taker, taken, memory };
}

test.each([100, 1 << 16, 70_000, 1_000_000])(
  'gives the same bytes, from pieces of %i',
  async (pieceBytes) => {
    const { taker, taken, memory } = slowTaker(false);
    await pipeline(inBlocks(inOneBuffer(pieceBytes), taker), taker);
    expect(Buffer.concat(taken).equals(content)).toBe(true);
    expect(taken.map((block) => block.length)).toEqual([65_536, 65_536, 65_536, 65_536, 37_856]);
    expect(memory.size).toBe(1);
  },
);

test('a block that was not taken yet stays what it is', async () => {
  const { taker, taken, memory } = slowTaker(true);
  await pipeline(inBlocks(inOneBuffer(5000), taker), taker);
  expect(Buffer.concat(taken).equals(content)).toBe(true);
  expect(memory.size).toBeGreaterThan(1);
});

test('nothing is no block', async () => {
  const { taker, taken } = slowTaker(false);
  await pipeline(inBlocks(Readable.from([Buffer.alloc(0)]), taker), taker);
  expect(taken).toEqual([]);
});
