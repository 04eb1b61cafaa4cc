import { expect, test } from 'vitest';
import { missingMounts } from './container-mounts.ts';

const MOUNTINFO = `\
100 99 0:1 / / rw,relatime - rootfs rootfs rw
101 100 0:1 /bin/busybox /bin/sh ro,nosuid,nodev - rootfs rootfs rw
102 100 0:30 / /proc rw,nosuid - proc proc rw
`;

test('a mount point that is not there is named', () => {
  const config = `\
lxc.mount.auto = proc:mixed sys:ro
lxc.mount.entry = /bin/sh bin/sh none bind,ro,nosuid,nodev 0 0
lxc.mount.entry = tmpfs /tmp tmpfs nosuid,nodev,create=dir 0 0
lxc.mount.entry = /dev/fuse dev/fuse none bind,optional 0 0
`;
  expect(missingMounts(config, MOUNTINFO)).toEqual(['/sys', '/tmp']);
});

test('nothing is missing where all is there', () => {
  expect(missingMounts('lxc.mount.entry = /bin/sh bin/sh none bind 0 0\n', MOUNTINFO)).toEqual([]);
});
