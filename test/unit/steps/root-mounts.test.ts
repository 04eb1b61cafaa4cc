import { expect, test } from 'vitest';
import { changesFiles, containersDirMode, rootMounts } from '../../../toolkit/steps/root-mounts.ts';
import { containerFrom } from '../containers/rig.ts';

const IDMAP =
  'idmap: [{ kind: uid, container: 0, host: 100000, count: 65536 }, { kind: gid, container: 0, host: 100000, count: 65536 }]';
const privileged = containerFrom('{ name: web, kind: system, rootfs: { from: busybox } }');
const unprivileged = containerFrom(`{ name: app, rootfs: { from: busybox }, ${IDMAP} }`);

test('only root passes /opt/lxc, unless LXC has to pass it with the ids of a container', () => {
  expect(containersDirMode([])).toBe(0o700);
  expect(containersDirMode([privileged])).toBe(0o700);
  expect(containersDirMode([privileged, unprivileged])).toBe(0o711);
  expect(containersDirMode([containerFrom(`{ name: a, rootfs: { path: /srv/a }, ${IDMAP} }`)])).toBe(0o700);
});

test.each([
  '{ name: a, raw: ["lxc.idmap = u 0 100000 65536"] }',
  '{ name: a, include: [/etc/lxc/ids.conf] }',
])('a map that is not in the definition counts: %s', (yaml) => {
  expect(containersDirMode([containerFrom(yaml)])).toBe(0o711);
});

test('nothing is mounted for containers that only root reaches, or that have ids of their own', () => {
  expect(rootMounts([privileged])).toEqual([]);
  expect(rootMounts([unprivileged])).toEqual([]);
});

test('a privileged container that others can reach gets a mount without setuid programs and devices', () => {
  expect(rootMounts([privileged, unprivileged])).toEqual([
    'mount --bind /opt/lxc/web /opt/lxc/web',
    'mount -o remount,bind,nosuid,nodev /opt/lxc/web',
  ]);
  const elsewhere = containerFrom('{ name: a, autodev: false, rootfs: { path: /srv/a, from: bind } }');
  expect(rootMounts([elsewhere])).toEqual([
    'mount --bind /srv/a /srv/a',
    'mount -o remount,bind,nosuid /srv/a',
  ]);
});

test('programs of its own may be setuid, and without autodev its nodes are its own', () => {
  const yaml = (more: string) =>
    `{ name: a, kind: system, rootfs: { path: /srv/a, from: { directory: . } }, ${more} }`;
  expect(rootMounts([containerFrom(yaml('autodev: true'))]).at(1)).toBe('mount -o remount,bind,nodev /srv/a');
  expect(rootMounts([containerFrom(yaml('no-new-privs: true'))]).at(1)).toBe(
    'mount -o remount,bind,nosuid,nodev /srv/a',
  );
  expect(rootMounts([containerFrom(yaml('autodev: false'))])).toEqual([]);
});

test('images have the same options', () => {
  const image = (kind: string, more = '') =>
    containerFrom(`{ name: a, rootfs: { from: busybox, image: ${kind} ${more} } }`);
  expect(rootMounts([image('squashfs')])).toEqual([
    'mount -t squashfs -o loop,ro,nosuid,nodev /opt/lxc/a.squashfs /opt/lxc/a',
  ]);
  expect(rootMounts([image('ext4')])).toEqual([
    'mount -t ext4 -o loop,nosuid,nodev /opt/lxc/a.ext4 /opt/lxc/a',
  ]);
  expect(rootMounts([image('ext4', ', readonly: true')])).toEqual([
    'mount -t ext4 -o loop,ro,nosuid,nodev /opt/lxc/a.ext4 /opt/lxc/a',
  ]);
});

test('a size is a command of its own, which lays its mount over an image', () => {
  const sized = (more: string) => containerFrom(`{ name: a, rootfs: { from: busybox, size: 16M ${more} } }`);
  const command = '/etc/init.d/sized-root /opt/lxc/a 16777216 1024 nosuid,nodev';
  expect(rootMounts([sized('')])).toEqual([command]);
  expect(rootMounts([sized(', overlay: {}')])).toEqual([`${command} memory`]);
  expect(rootMounts([sized(', image: squashfs')])).toEqual([
    'mount -t squashfs -o loop,ro,nosuid,nodev /opt/lxc/a.squashfs /opt/lxc/a',
    command,
  ]);
  // The image has that size itself.
  expect(rootMounts([sized(', image: ext4')])).toEqual([
    'mount -t ext4 -o loop,nosuid,nodev /opt/lxc/a.ext4 /opt/lxc/a',
  ]);
  const own = containerFrom(
    '{ name: a, autodev: false, rootfs: { from: { directory: . }, size: 16M, path: /srv/a } }',
  );
  expect(rootMounts([own])).toEqual(['/etc/init.d/sized-root /srv/a 16777216 1024 rw']);
});

test('changes are kept where an image may be written and the definition does not forget them', () => {
  const sized = (more: string) => containerFrom(`{ name: a, rootfs: { size: 16M ${more} } }`);
  const kept = [{ file: '/opt/lxc/a.changes.gz', size: 16 * 1024 ** 2 }];
  expect(changesFiles({ containers: [sized('')], images: ['squashfs', 'ext4'] })).toEqual(kept);
  // Unpacked to a disk by the user.
  expect(changesFiles({ containers: [sized('')], images: ['tar.gz'] })).toEqual(kept);
  expect(changesFiles({ containers: [sized('')], images: ['cpio.gz', 'squashfs'] })).toEqual([]);
  for (const more of [', overlay: {}', ', image: ext4'])
    expect(changesFiles({ containers: [sized(more)], images: ['ext4'] })).toEqual([]);
});

test('a range of lxc-kit counts elsewhere only where the definition asks for it, for the kernel may not have it', () => {
  const given = { ...containerFrom(`{ name: a, rootfs: { path: /srv/a }, ${IDMAP} }`), givenIds: true };
  expect(rootMounts([given])).toHaveLength(2);
  expect(rootMounts([{ ...given, privileged: false }])).toEqual([]);
});
