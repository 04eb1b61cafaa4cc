import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPublicKeys } from '../../../toolkit/accounts/public-keys.ts';

/** A key pair of OpenSSH's own. */
function generate(type: string, ...args: string[]): { readonly secret: string; readonly shared: string } {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-keys-'));
  const file = join(dir, 'id');
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'me@there', '-f', file, ...args]);
  const pair = { secret: readFileSync(file, 'utf8'), shared: readFileSync(`${file}.pub`, 'utf8') };
  rmSync(dir, { recursive: true });
  return pair;
}

const ed25519 = generate('ed25519');

function faultOf(text: string): string {
  const read = readPublicKeys(text);
  return 'fault' in read ? read.fault : `accepted: ${read.keys.join()}`;
}

describe('public keys', () => {
  test.each([
    ['ed25519'],
    ['ecdsa', '-b', '256'],
    ['ecdsa', '-b', '384'],
    ['ecdsa', '-b', '521'],
    ['rsa', '-b', '2048'],
  ])('of the type %s are read', (type, ...args) => {
    const { shared } = generate(type, ...args);
    expect(readPublicKeys(`# mine\n\n${shared}${shared}`)).toEqual({ keys: [shared.trim()] });
  });

  test('may have the options that dropbear knows', () => {
    const line = `no-pty,command="echo \\"hi, you\\"" ${ed25519.shared.trim()}`;
    expect(readPublicKeys(line)).toEqual({ keys: [line] });
    expect(faultOf(`from="10.0.0.1" ${ed25519.shared}`)).toContain(
      'has an option that dropbear does not know',
    );
  });

  test('are not private keys, of which nothing is repeated', () => {
    for (const secret of [
      ed25519.secret,
      generate('rsa', '-b', '2048', '-m', 'PEM').secret,
      generate('ecdsa', '-m', 'PKCS8').secret,
      'PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nAAAA\n',
    ]) {
      const read = readPublicKeys(secret);
      expect(read).toMatchObject({ fault: 'is a private key, which must never get into an image' });
      for (const line of secret.split('\n').filter(({ length }) => length > 20))
        expect(JSON.stringify(read)).not.toContain(line);
    }
  });

  const [type = '', blob = ''] = ed25519.shared.split(' ');
  test.each([
    ['nothing', '', 'is empty'],
    ['only comments', '# a\n\n', 'is empty'],
    ['words', 'hello world\n', 'line 1 that does not begin with a type of key'],
    ['a key after a broken line', `${ed25519.shared}ssh-ed448 AAAA\n`, 'line 2 that does not begin'],
    ['a cut key', `${type} ${blob.slice(0, -8)}\n`, 'is a damaged key'],
    ['no key after its type', `${type}\n`, 'is a damaged key'],
    ['another type before it', `ecdsa-sha2-nistp256 ${blob}\n`, 'is a damaged key'],
    [
      'characters that are not base 64',
      `${type} ${blob.slice(0, 20)}!${blob.slice(21)}\n`,
      'is a damaged key',
    ],
    ['a DSA key', 'ssh-dss AAAAB3NzaC1kc3M= old\n', 'is a DSA key'],
    [
      'a short RSA key',
      generate('rsa', '-b', '1024').shared,
      'is an RSA key of 1024 bits; 2048 is the least',
    ],
    ['bytes', '\x00\x01\x02\n', 'is not text'],
    [
      'the form of RFC 4716',
      '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n',
      'not in the form of OpenSSH',
    ],
  ])('a file with %s is refused', (_what, text, fault) => {
    expect(faultOf(text)).toContain(fault);
  });
});
