import { expect, test } from 'vitest';
import {
  debianDirectories,
  extraPath,
  lxcDirectories,
  notAsDebian,
  rootfsMountPoint,
  runPath,
} from '../../../toolkit/lxc/directories.ts';

const local = lxcDirectories({ prefix: '/usr/local' });
const practice = lxcDirectories({ prefix: '/usr/local', bindir: '/bin', libdir: '/lib' });

test('tools and library lie below the prefix, unless the profile says where', () => {
  expect(local).toEqual({ prefix: '/usr/local', bindir: '/usr/local/bin', libdir: '/usr/local/lib' });
  expect(practice).toEqual({ prefix: '/usr/local', bindir: '/bin', libdir: '/lib' });
});

test('containers are mounted below the prefix', () => {
  expect(rootfsMountPoint(practice)).toBe('/usr/local/lib/lxc/rootfs');
});

test('a library where the dynamic linker looks anyway needs no path in the programs', () => {
  expect(runPath(debianDirectories)).toBeUndefined();
  expect(runPath(practice)).toBeUndefined();
  expect(runPath(local)).toBe('/usr/local/lib');
});

test('programs that no shell finds come into the PATH', () => {
  expect(extraPath(debianDirectories)).toEqual([]);
  expect(extraPath(practice)).toEqual(['/usr/local/sbin']);
  expect(extraPath(local)).toEqual(['/usr/local/sbin', '/usr/local/bin']);
});

test('names the key to take out of the profile where Debian has another directory', () => {
  expect(notAsDebian(debianDirectories)).toEqual([]);
  expect(notAsDebian(practice)).toEqual(['prefix']);
  expect(notAsDebian(lxcDirectories({ prefix: '/usr', libdir: '/lib' }))).toEqual(['libdir']);
  expect(notAsDebian(lxcDirectories({ prefix: '/usr', bindir: '/bin', libdir: '/usr/lib' }))).toEqual([
    'bindir',
  ]);
});
