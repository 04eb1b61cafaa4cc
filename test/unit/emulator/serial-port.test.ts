import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SerialPort } from '../../../toolkit/emulator/serial-port.ts';
import { expectLinear } from '../../rigs/growth.ts';

const never = new AbortController().signal;

function openPort(): { port: SerialPort; input: PassThrough; output: PassThrough } {
  const input = new PassThrough();
  const output = new PassThrough();
  return { port: new SerialPort(input, output), input, output };
}

/** Sends the chunks one by one; returns what `readUntil` gives for them. */
async function readChunks(
  chunks: readonly Buffer[],
  marker: string,
): Promise<{ before: Buffer; rest: string }> {
  const { port, input } = openPort();
  const before: Buffer[] = [];
  const reading = port.readUntil(marker, (bytes) => before.push(Buffer.from(bytes)), never);
  for (const chunk of chunks) {
    input.write(chunk);
    await turn();
  }
  return { rest: await reading, before: Buffer.concat(before) };
}

const binary = Buffer.from([0, 0xff, 0x0d, 0x0a, 0x1e, 0x4c, 0x1b, 0xc3]);
const stream = Buffer.concat([binary, Buffer.from('\x1eLXC-KIT-\x1eLXC-KIT-end-12\r\nnext')]);

test('finds a marker wherever the stream is split', async () => {
  const expected = { rest: '12\r', before: Buffer.concat([binary, Buffer.from('\x1eLXC-KIT-')]) };
  for (let at = 0; at <= stream.length; at++) {
    expect(await readChunks([stream.subarray(0, at), stream.subarray(at)], '\x1eLXC-KIT-end-')).toEqual(
      expected,
    );
  }
  const bytes = Array.from(stream, (_, i) => stream.subarray(i, i + 1));
  expect(await readChunks(bytes, '\x1eLXC-KIT-end-')).toEqual(expected);
});

test('hands on at once what cannot belong to the marker', async () => {
  const { port, input } = openPort();
  let seen = '';
  const reading = port.readUntil('<end>', (bytes) => (seen += bytes.toString()), never);
  input.write('one<two<en');
  await turn();
  expect(seen).toBe('one<two');
  input.write('x<end>0\n');
  expect(await reading).toBe('0');
  expect(seen).toBe('one<two<enx');
});

test('keeps what comes after a marker for the next reader', async () => {
  const { port, input } = openPort();
  input.write('noise a:1\noutput b:2\nrest c:3\n');
  let seen = '';
  const take = (bytes: Buffer): string => (seen += bytes.toString());
  expect(await port.readUntil('a:', take, never)).toBe('1');
  seen = '';
  expect(await port.readUntil('b:', take, never)).toBe('2');
  expect(seen).toBe('output ');
  expect(await port.readUntil('c:', take, never)).toBe('3');
});

test('many small pieces cost no more each than few', async () => {
  const pieces = async (count: number): Promise<void> => {
    const chunks = Array.from({ length: count }, () => Buffer.alloc(64, 'x'));
    const { port, input } = openPort();
    let seen = 0;
    const reading = port.readUntil('<end>', (bytes) => (seen += bytes.length), never);
    for (const chunk of chunks) input.write(chunk);
    input.write('<end>\n');
    await reading;
    expect(seen).toBe(64 * count);
  };
  await expectLinear(pieces, 4_096);
});

test('an abort ends the wait, before and while it lasts', async () => {
  const { port } = openPort();
  const controller = new AbortController();
  const reading = port.readUntil('never', () => undefined, controller.signal);
  const reason = new Error('over');
  controller.abort(reason);
  await expect(reading).rejects.toBe(reason);
  await expect(port.readUntil('never', () => undefined, controller.signal)).rejects.toBe(reason);
});

test('types UTF-8', () => {
  const { port, output } = openPort();
  port.type('echo ä€\n');
  expect(String(output.read())).toBe('echo ä€\n');
});
