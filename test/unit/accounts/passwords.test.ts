import { describe, expect, test } from 'vitest';
import { hashPassword } from '../../../toolkit/accounts/hash-password.ts';
import { passwordFault } from '../../../toolkit/accounts/password-hash.ts';
import { passwordWeakness } from '../../../toolkit/accounts/password-weakness.ts';

describe('a password hash in a profile', () => {
  test.each([
    hashPassword('correct horse'),
    // openssl passwd -5 -salt abcdefgh 'correct horse'
    '$5$abcdefgh$TcgYZ2ZpuVO3HZoHnZl07FbLQQ0s/YNTzdrVXEAcTe9',
    `$6$rounds=10000$saltstringsaltst$${'x'.repeat(86)}`,
  ])('%s is taken', (hash) => {
    expect(passwordFault(hash)).toBeUndefined();
  });

  test.each([
    ['hunter2', 'is not a hash'],
    ['correct horse battery', 'is not a hash'],
    [12_345_678, 'is not a hash'],
    [null, 'is not a hash'],
    ['', 'is empty: anyone could log in'],
    ['*', 'is no hash'],
    ['!', 'is no hash'],
    // openssl passwd -1 -salt abcdefgh secret
    ['$1$abcdefgh$kvpzGgQr9SZnfTuZjfFBG1', 'MD5'],
    ['abJnggxhB/yWI', 'DES'],
    ['$2b$12$abcdefghijklmnopqrstuvwxyz012345678901234567890123456', 'cannot check'],
    ['$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7', 'cannot check'],
    [hashPassword('correct horse').slice(0, -1), 'damaged'],
    [`${hashPassword('correct horse')}:`, 'damaged'],
    [`${hashPassword('correct horse')}\nroot::0:0::/:/bin/sh`, 'damaged'],
  ])('%s is refused', (written, reason) => {
    const fault = passwordFault(written);
    expect(fault).toContain(reason);
    if (String(written).length > 3) expect(fault).not.toContain(String(written));
  });
});

describe('a password', () => {
  test.each([
    ['', 'empty'],
    ['short', '5 characters'],
    ['sevenxx', '7 characters'],
    ['rootroot', 'the name "root"'],
    ['operator1', 'the name "operator"'],
    ['1Operator!!', 'the name "operator"'],
    ['rotarepo99', 'the name "operator"'],
    ['Password1', 'tried first'],
    ['administrator', 'tried first'],
    ['openwrt2024!', 'tried first'],
    ['aaaaaaaaab', 'one or two characters'],
    ['12345678', 'row of neighbours'],
    ['87654321', 'row of neighbours'],
    ['sdfghjkl', 'row of neighbours'],
    ['good\tpassword', 'control characters'],
    ['x'.repeat(513), 'more than 512 bytes'],
  ])('%j is refused', (password, reason) => {
    expect(passwordWeakness(password, ['operator', 'root'])).toContain(reason);
  });

  test.each([
    'correct horse',
    'Zq7!fr0mage',
    'operation mincemeat',
    'rooted in soil',
    'ünïcödé wörd',
    'passwords are hard',
    'test tube baby',
  ])('%j is taken', (password) => {
    expect(passwordWeakness(password, ['operator', 'root'])).toBeUndefined();
  });
});
