import { expect, test } from 'vitest';
import { BOOT_FILES, v1MountsIn } from '../../../toolkit/cgroups/script-mounts.ts';

const at = (text: string, path = '/etc/init.d/S10'): string[] =>
  v1MountsIn(path, text).map((one) => `${one.line}:${one.column} ${one.at}`);

test.each([
  ['mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd', '1:1 /sys/fs/cgroup/systemd'],
  ['#!/bin/sh\n\tmount -tcgroup none "/sys/fs/cgroup/x/" -o name=x', '2:2 /sys/fs/cgroup/x'],
  ['mkdir -p /a && /bin/mount -n -t cgroup x /sys/fs/cgroup/x || exit 1', '1:21 /sys/fs/cgroup/x'],
  ['DIR="/sys/fs/cgroup"; T=cgroup\nmount -t $T c ${DIR}/vendor', '2:1 /sys/fs/cgroup/vendor'],
  ['for c in cpu memory; do mount -t cgroup -o $c cgroup /sys/fs/cgroup/$c; done', '1:25 /sys/fs/cgroup/$c'],
])('%j mounts cgroup v1', (text, found) => {
  expect(at(text)).toEqual([found]);
});

test.each([
  '# mount -t cgroup cgroup /sys/fs/cgroup/x',
  'mount -t cgroup2 cgroup2 /sys/fs/cgroup',
  'mount -t cgroup -o name=x cgroup /run/cgroup',
  'mount -t tmpfs cgroup /sys/fs/cgroup/x',
  'umount -t cgroup /sys/fs/cgroup/x',
  'echo mount',
])('%j mounts none', (text) => {
  expect(at(text)).toEqual([]);
});

test('a line of fstab is a mount, too', () => {
  expect(at('none /sys/fs/cgroup/x cgroup name=x 0 0\nproc /proc proc defaults 0 0\n', '/etc/fstab')).toEqual(
    ['1:1 /sys/fs/cgroup/x'],
  );
});

test('knows the files that a device runs at boot', () => {
  const paths = [
    '/etc/inittab',
    '/etc/rc.local',
    '/etc/rcS.d/S01x',
    '/etc/init.d/rcS',
    '/etc/hosts',
    '/opt/init.d/x',
  ];
  expect(paths.filter((path) => BOOT_FILES.test(path))).toEqual(paths.slice(0, 4));
});
