import { createHash } from 'node:crypto';

/** The digits of crypt(3)'s base 64, which is not that of RFC 4648. */
export const CRYPT_DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The limits of the specification; a number outside of them becomes the nearest one. */
const ROUNDS = { default: 5000, min: 1000, max: 999_999_999 } as const;
const SALT_CHARACTERS = 16;
const DIGEST_BYTES = 64;

/** The order in which three bytes at a time become four digits: first 0 21 42, and so on (step 22 e of the specification). */
const BYTE_ORDER: readonly (readonly [number, number, number])[] = Array.from({ length: 21 }, (_, index) => {
  const [a, b, c] = [index, index + 21, index + 42];
  return index % 3 === 0 ? [a, b, c] : index % 3 === 1 ? [b, c, a] : [c, a, b];
});

/**
 * Hashes a password as crypt(3) does with `$6$`: SHA-crypt of Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512",
 * version 0.6. `setting` is `$6$SALT` or `$6$rounds=N$SALT`; what follows the salt is ignored, so a whole hash will do.
 * Throws when the setting is another one.
 */
export function sha512Crypt(password: string | Uint8Array, setting: string): string {
  const [, written, text] = /^\$6\$(?:rounds=([0-9]+)\$)?([^$]*)/.exec(setting) ?? [];
  if (text === undefined) throw new Error('the setting of SHA-512 crypt begins with $6$');
  const rounds = Math.min(ROUNDS.max, Math.max(ROUNDS.min, Number(written ?? ROUNDS.default)));
  const key = Buffer.from(password);
  const salt = Buffer.from(text.slice(0, SALT_CHARACTERS));

  const first = firstDigest(key, salt);
  const keyBytes = stretch(sha512(...repeat(key, key.length)), key.length);
  const saltBytes = stretch(sha512(...repeat(salt, 16 + (first[0] ?? 0))), salt.length);
  let digest = first;
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    digest = sha512(
      odd ? keyBytes : digest,
      ...(round % 3 === 0 ? [] : [saltBytes]),
      ...(round % 7 === 0 ? [] : [keyBytes]),
      odd ? digest : keyBytes,
    );
  }
  const prefix = written === undefined ? '$6$' : `$6$rounds=${rounds}$`;
  return `${prefix}${salt.toString()}$${encode(digest)}`;
}

/** Steps 1 to 12. */
function firstDigest(key: Buffer, salt: Buffer): Buffer {
  const other = sha512(key, salt, key);
  const parts = [key, salt, stretch(other, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits % 2 === 1 ? other : key);
  return sha512(...parts);
}

/** A digest again and again, cut to a length. */
function stretch(digest: Buffer, length: number): Buffer {
  return Buffer.concat(repeat(digest, Math.ceil(length / DIGEST_BYTES))).subarray(0, length);
}

function repeat(bytes: Buffer, times: number): Buffer[] {
  return Array.from({ length: times }, () => bytes);
}

function sha512(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function encode(digest: Buffer): string {
  const byte = (index: number): number => digest[index] ?? 0;
  const groups = BYTE_ORDER.map(([a, b, c]) => digits((byte(a) << 16) | (byte(b) << 8) | byte(c), 4));
  return [...groups, digits(byte(DIGEST_BYTES - 1), 2)].join('');
}

/** The lowest bits come first. */
function digits(value: number, count: number): string {
  let text = '';
  for (let index = 0; index < count; index++) text += CRYPT_DIGITS[(value >> (6 * index)) & 63] ?? '';
  return text;
}
