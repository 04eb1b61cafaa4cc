import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { hashPassword } from '../../../toolkit/accounts/hash-password.ts';
import { sha512Crypt } from '../../../toolkit/accounts/sha512-crypt.ts';

/** The vectors of the specification, "Unix crypt using SHA-256 and SHA-512", version 0.6. */
const VECTORS: readonly (readonly [setting: string, password: string, hash: string])[] = [
  [
    '$6$saltstring',
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    '$6$rounds=10000$saltstringsaltstring',
    'Hello world!',
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  [
    '$6$rounds=5000$toolongsaltstring',
    'This is just a test',
    '$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0',
  ],
  [
    '$6$rounds=1400$anotherlongsaltstring',
    'a very much longer text to encrypt.  This one even stretches over morethan one line.',
    '$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1',
  ],
  [
    '$6$rounds=77777$short',
    'we have a short salt string but not a short password',
    '$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0',
  ],
  [
    '$6$rounds=123456$asaltof16chars..',
    'a short string',
    '$6$rounds=123456$asaltof16chars..$BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25fs2xXgMNrCzIMVcgEJAstJeonj1',
  ],
  [
    '$6$rounds=10$roundstoolow',
    'the minimum number is still observed',
    '$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.',
  ],
];
describe('SHA-512 crypt', () => {
  test.each(VECTORS)('of the specification: %s', (setting, password, hash) => {
    expect(sha512Crypt(password, setting)).toBe(hash);
    expect(sha512Crypt(password, hash)).toBe(hash);
  });

  test('is that of openssl for passwords of any length and characters', () => {
    for (let length = 1; length <= 140; length += 7) {
      const password = Array.from({ length }, (_, at) =>
        String.fromCodePoint(0x21 + ((at * 37 + length) % 90)),
      ).join('');
      const salt = 'abcdefghijklmnop'.slice(0, 1 + (length % 16));
      const openssl = execFileSync('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], {
        input: `${password}\n`,
        encoding: 'utf8',
      });
      expect(`${sha512Crypt(password, `$6$${salt}`)}\n`, `${length} characters`).toBe(openssl);
    }
    const umlauts = execFileSync('openssl', ['passwd', '-6', '-salt', 'ab', 'pÄßwört€ 🔑'], {
      encoding: 'utf8',
    });
    expect(`${sha512Crypt('pÄßwört€ 🔑', '$6$ab')}\n`).toBe(umlauts);
  });

  test('takes no other kind of hash as its setting', () => {
    expect(() => sha512Crypt('x', '$5$salt')).toThrow('begins with $6$');
  });

  test('has another salt of sixteen digits each time, and the hash belongs to the password', () => {
    const hashes = Array.from({ length: 5 }, () => hashPassword('correct horse'));
    expect(new Set(hashes).size).toBe(5);
    for (const hash of hashes) {
      expect(hash).toMatch(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
      expect(sha512Crypt('correct horse', hash)).toBe(hash);
      expect(sha512Crypt('wrong horse', hash)).not.toBe(hash);
    }
  });
});
