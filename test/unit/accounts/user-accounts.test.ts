import { describe, expect, test } from 'vitest';
import { accountFiles } from '../../../toolkit/accounts/account-files.ts';
import { userAccounts, type WrittenUser } from '../../../toolkit/accounts/user-accounts.ts';
import { userFaults } from '../../../toolkit/accounts/user-faults.ts';

const filesOf = (users: readonly WrittenUser[]): Record<string, string> =>
  Object.fromEntries(accountFiles(userAccounts(users)).map(({ path, text }) => [path, text]));

describe('without users', () => {
  const files = accountFiles(userAccounts([]));
  const lines = (path: string): string[][] =>
    (files.find((file) => file.path === path)?.text ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(':'));

  test('every account is there, and no password is right', () => {
    expect(lines('/etc/passwd').map(([name]) => name)).toEqual(['root', 'daemon', 'nobody']);
    // BusyBox's login reads /etc/shadow for "x" alone, and refuses every other password of one character.
    expect(new Set(lines('/etc/passwd').map(([, password]) => password))).toEqual(new Set(['x']));
    expect(new Set(lines('/etc/passwd').map(({ length }) => length))).toEqual(new Set([7]));
    expect(lines('/etc/shadow').map(([name, hash]) => [name, hash])).toEqual(
      lines('/etc/passwd').map(([name]) => [name, '*']),
    );
    expect(new Set(lines('/etc/shadow').map(({ length }) => length))).toEqual(new Set([9]));
  });

  test('no one else may read the hashes', () => {
    expect(files.map(({ path, mode }) => [path, mode.toString(8)])).toEqual([
      ['/etc/passwd', '644'],
      ['/etc/shadow', '600'],
      ['/etc/group', '644'],
      ['/etc/shells', '644'],
    ]);
  });
});

test('users get numbers, groups of their own, homes and shells', () => {
  const files = filesOf([
    { name: 'root', password: '$6$a$b', shell: '/bin/ash' },
    { name: 'fixed', uid: 1000, gid: 43 },
    { name: 'web', password: '$6$c$d', groups: ['tty', 'data'], home: '/srv/web' },
    { name: 'data', uid: 1002, gid: 1500, shell: '/bin/false' },
    { name: 'last' },
  ]);
  expect(files['/etc/passwd']?.split('\n')).toEqual([
    'root:x:0:0:root:/root:/bin/ash',
    'daemon:x:1:1:daemon:/:/bin/false',
    'nobody:x:65534:65534:nobody:/:/bin/false',
    'fixed:x:1000:43:fixed:/home/fixed:/bin/sh',
    'web:x:1001:1001:web:/srv/web:/bin/sh',
    'data:x:1002:1500:data:/home/data:/bin/false',
    'last:x:1003:1003:last:/home/last:/bin/sh',
    '',
  ]);
  expect(files['/etc/group']?.split('\n')).toEqual([
    'root:x:0:',
    'daemon:x:1:',
    'tty:x:5:web',
    'disk:x:6:',
    'utmp:x:43:',
    'nogroup:x:65534:',
    'web:x:1001:',
    'data:x:1500:web',
    'last:x:1003:',
    '',
  ]);
  expect(files['/etc/shadow']).toBe(
    ['root:$6$a$b', 'daemon:*', 'nobody:*', 'fixed:*', 'web:$6$c$d', 'data:*', 'last:*']
      .map((line) => `${line}::0:99999:7:::\n`)
      .join(''),
  );
  expect(files['/etc/shells']).toBe('/bin/sh\n/bin/ash\n');
});

test.each([
  [[{ name: 'root', uid: 5 }], [[0, 'uid'], 'must not be set: root has number 0']],
  [[{ name: 'root', home: '/srv' }], [[0, 'home'], 'must not be set: root has /root']],
  [[{ name: 'nobody' }], [[0, 'name'], 'an account of the system']],
  [[{ name: 'disk' }], [[0, 'name'], 'a group of the system']],
  [
    [
      { name: 'a', uid: 1200 },
      { name: 'b', uid: 1200 },
    ],
    [[1, 'uid'], 'is 1200, the same as in entry [0]'],
  ],
  [[{ name: 'a', uid: 1 }], [[0, 'uid'], 'the number of daemon']],
  [
    [
      { name: 'a', home: '/srv/a' },
      { name: 'b', home: '/srv/a' },
    ],
    [[1, 'home'], 'the same as in entry [0]'],
  ],
  [[{ name: 'a', groups: ['dsik'] }], [[0, 'groups', 0], 'did you mean "disk"?']],
  [
    [{ name: 'a', groups: ['wheel'] }],
    [[0, 'groups', 0], 'the device has root, daemon, tty, disk, utmp, nogroup, a'],
  ],
] as const)('%j is refused', (users, [path, message]) => {
  const found = userFaults(users);
  expect(found).toHaveLength(1);
  expect(found[0]?.path).toEqual(path);
  expect(found[0]?.message).toContain(message);
});

test('users that fit, and lists with other mistakes, have no faults here', () => {
  expect(
    userFaults([{ name: 'root' }, { name: 'a', groups: ['b', 'tty'] }, { name: 'b', uid: 2000 }]),
  ).toEqual([]);
  expect(userFaults([null, { name: 5, uid: 'x', groups: 'tty' }])).toEqual([]);
});
