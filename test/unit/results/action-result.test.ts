import { expect, test } from 'vitest';
import { decodeActionResult, encodeActionResult } from '../../../toolkit/results/action-result.ts';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const FILE = { path: 'a/b', sha256: EMPTY, sizeBytes: 300 };

/**
 * By `protoc --encode` from the messages ActionResult, OutputFile and Digest of remote_execution.proto: the file above;
 * in the second also is_executable, exit_code and stdout_raw, which are not read here.
 */
const ENCODED = `124c0a03612f6212450a40${Buffer.from(EMPTY).toString('hex')}10ac02`;
const WITH_MORE = `124e0a03612f6212450a40${Buffer.from(EMPTY).toString('hex')}10ac02200120032a026869`;

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

test('is written as protoc writes it', () => {
  expect(Buffer.from(encodeActionResult([FILE])).toString('hex')).toBe(ENCODED);
});

test('is read, whatever else it has', () => {
  expect(decodeActionResult(bytesOf(ENCODED))).toEqual([FILE]);
  expect(decodeActionResult(bytesOf(WITH_MORE))).toEqual([FILE]);
});

test('comes back as it was', () => {
  const files = [0, 1, 127, 128, 20_000_000, 5_000_000_000].map((sizeBytes, index) => ({
    path: `ü/${'x'.repeat(index * 60)}`,
    sha256: EMPTY,
    sizeBytes,
  }));
  expect(decodeActionResult(encodeActionResult(files))).toEqual(files);
});

test('anything else is not read', () => {
  for (let length = 1; length < ENCODED.length / 2; length++) {
    expect(decodeActionResult(bytesOf(ENCODED).subarray(0, length)), String(length)).toBeUndefined();
  }
  expect(decodeActionResult(Buffer.from('<html>please log in</html>'))).toBeUndefined();
  expect(decodeActionResult(encodeActionResult([{ ...FILE, sha256: '../../etc/passwd' }]))).toBeUndefined();
  expect(decodeActionResult(Buffer.from('ff'.repeat(20), 'hex'))).toBeUndefined();
});
