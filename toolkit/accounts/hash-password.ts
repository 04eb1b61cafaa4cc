import { randomBytes } from 'node:crypto';
import { CRYPT_DIGITS, sha512Crypt } from './sha512-crypt.ts';

const SALT_CHARACTERS = 16;

/** Hashes a password for `users:` of a profile, with SHA-512 crypt and a random salt of 96 bits. */
export function hashPassword(password: string | Uint8Array): string {
  // 64 digits divide 256, so each is as likely as the others.
  const salt = [...randomBytes(SALT_CHARACTERS)]
    .map((byte) => CRYPT_DIGITS[byte % CRYPT_DIGITS.length])
    .join('');
  return sha512Crypt(password, `$6$${salt}`);
}
