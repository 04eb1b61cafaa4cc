import { isSha256 } from './stored-result.ts';

/**
 * The part of `build.bazel.remote.execution.v2.ActionResult` that is used here: the list of output files. Servers
 * return it only if they have all those files.
 * https://github.com/bazelbuild/remote-apis/blob/main/build/bazel/remote/execution/v2/remote_execution.proto
 */
export interface OutputFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Field numbers of the messages, from the same file. */
const FIELDS = { outputFiles: 2, path: 1, digest: 2, hash: 1, sizeBytes: 2 } as const;

/** Wire types of protocol buffers: https://protobuf.dev/programming-guides/encoding/ */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

export function encodeActionResult(files: readonly OutputFile[]): Uint8Array {
  return Buffer.concat(
    files.map(({ path, sha256, sizeBytes }) => {
      const digest = Buffer.concat([
        field(FIELDS.hash, Buffer.from(sha256)),
        Buffer.from([...varint((FIELDS.sizeBytes << 3) | VARINT), ...varint(sizeBytes)]),
      ]);
      const file = Buffer.concat([field(FIELDS.path, Buffer.from(path)), field(FIELDS.digest, digest)]);
      return field(FIELDS.outputFiles, file);
    }),
  );
}

/** Undefined for bytes that are not such a message. */
export function decodeActionResult(bytes: Uint8Array): OutputFile[] | undefined {
  try {
    return messages(bytes, FIELDS.outputFiles).map((file) => {
      const [path] = messages(file, FIELDS.path);
      const [digest] = messages(file, FIELDS.digest);
      if (path === undefined || digest === undefined) throw new RangeError('an output file without a digest');
      const [hash] = messages(digest, FIELDS.hash);
      const sha256 = Buffer.from(hash ?? []).toString('latin1');
      if (!isSha256(sha256)) throw new RangeError('a digest that is not a sha256');
      return {
        path: Buffer.from(path).toString('utf8'),
        sha256,
        sizeBytes: numberIn(digest, FIELDS.sizeBytes),
      };
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from([...varint((number << 3) | LENGTH_DELIMITED), ...varint(content.length)]),
    content,
  ]);
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
function varint(value: number): number[] {
  const bytes = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

interface WireField {
  readonly number: number;
  readonly value: number;
  readonly content: Uint8Array | undefined;
}

/** Throws RangeError at the first invalid byte. */
function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('the message ends too early');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number that is too long');
  };
  while (at < bytes.length) {
    const key = readVarint();
    const [number, type] = [Math.floor(key / 8), key % 8];
    if (type === VARINT) yield { number, value: readVarint(), content: undefined };
    else if (type === LENGTH_DELIMITED) {
      const length = readVarint();
      if (at + length > bytes.length) throw new RangeError('the message ends too early');
      yield { number, value: 0, content: bytes.subarray(at, at + length) };
      at += length;
    } else throw new RangeError(`wire type ${type} is not used by this message`);
  }
}

function messages(bytes: Uint8Array, number: number): Uint8Array[] {
  return [...fieldsOf(bytes)].flatMap((one) =>
    one.number === number && one.content !== undefined ? [one.content] : [],
  );
}

function numberIn(bytes: Uint8Array, number: number): number {
  return [...fieldsOf(bytes)].find((one) => one.number === number && one.content === undefined)?.value ?? 0;
}
