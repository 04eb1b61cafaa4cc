import { expect, test } from 'vitest';
import { undoOnlcr } from '../../../toolkit/emulator/undo-onlcr.ts';

test('takes back what a tty added, wherever the chunks end', () => {
  const original = Buffer.from('a\nb\r\n\rc\r\r\n\n\r\xff\xc3\r', 'latin1');
  const sent = Buffer.from(original.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  for (let size = 1; size <= sent.length; size++) {
    const got: Buffer[] = [];
    const output = undoOnlcr((bytes) => got.push(bytes));
    for (let at = 0; at < sent.length; at += size) output.write(sent.subarray(at, at + size));
    output.end();
    expect(Buffer.concat(got)).toEqual(original);
  }
});
