import { expect, test } from 'vitest';
import { KeyReader } from '../../../toolkit/emulator/key-reader.ts';

/** Feeds the chunks, and gives what is typed and which commands ran. */
function read(...chunks: readonly string[]): { readonly typed: string; readonly ran: string } {
  let ran = '';
  const keys = new KeyReader({ x: () => (ran += 'x'), c: () => (ran += 'c') });
  const typed = chunks.map((chunk) => keys.read(Buffer.from(chunk, 'latin1')).toString('latin1')).join('');
  return { typed, ran };
}

test.each([
  ['everything else passes', ['ls\r\x03\xff'], { typed: 'ls\r\x03\xff', ran: '' }],
  ['a command in the middle', ['a\x01xb'], { typed: 'ab', ran: 'x' }],
  ['a command in two chunks', ['a\x01', 'Cb'], { typed: 'ab', ran: 'c' }],
  ['Ctrl-A itself', ['\x01\x01x'], { typed: '\x01x', ran: '' }],
  ['an unknown command', ['\x01qx'], { typed: 'x', ran: '' }],
])('%s', (_, chunks, expected) => {
  expect(read(...chunks)).toEqual(expected);
});
