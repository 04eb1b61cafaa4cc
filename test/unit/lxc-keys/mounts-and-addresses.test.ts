import { expect, test } from 'vitest';
import { findKeyOfAnyRelease } from '../../../toolkit/lxc-keys/key-table.ts';
import { mountTarget } from '../../../toolkit/lxc-keys/mount-target.ts';
import { parseMountEntry } from '../../../toolkit/lxc-keys/parse-mount-entry.ts';
import { completeAddress } from '../../../toolkit/lxc-keys/prefix-length.ts';

test.each([
  ['srv/a', '/srv/a', 'inside'],
  ['/opt/web/srv', '/srv', 'inside'],
  ['/var/lib/lxc/web/rootfs/srv', '/srv', 'inside'],
  ['/opt/web2/srv', '/opt/web2/srv', 'outside'],
  ['/opt/web/../srv', '/../srv', 'escaping'],
])('the mount target %s is %s, %s', (written, inside, place) => {
  expect(mountTarget(written, { rootfs: '/opt/web', name: 'web' })).toEqual({ inside, place });
});

test('a space in a path of a mount entry is written in octal', () => {
  expect(parseMountEntry('/srv/my\\040files mnt/a\\134b none bind,ro 0 0')).toMatchObject({
    source: '/srv/my files',
    target: 'mnt/a\\b',
    options: ['bind', 'ro'],
    isBind: true,
  });
  expect(parseMountEntry('/srv mnt')).toBeUndefined();
});

test.each([
  ['127.255.0.1', '/8'],
  ['128.0.0.1', '/16'],
  ['191.255.0.1', '/16'],
  ['192.168.0.1', '/24'],
  ['223.0.0.1', '/24'],
  ['224.0.0.1', undefined],
  ['10.0.0.0/24', undefined],
])('%s has a class of length %s', (address, length) => {
  const row = findKeyOfAnyRelease('lxc.net.0.ipv4.address');
  expect(row && completeAddress(row, address)?.value).toBe(length && `${address}${length}`);
});
