import { expect, test } from 'vitest';
import { containersDirMode, rootMounts } from '../../../toolkit/steps/root-mounts.ts';
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
    '--bind /opt/lxc/web /opt/lxc/web',
    '-o remount,bind,nosuid,nodev /opt/lxc/web',
  ]);
  const elsewhere = containerFrom('{ name: a, autodev: false, rootfs: { path: /srv/a, from: bind } }');
  expect(rootMounts([elsewhere])).toEqual(['--bind /srv/a /srv/a', '-o remount,bind,nosuid /srv/a']);
});

test('programs of its own may be setuid, and without autodev its nodes are its own', () => {
  const yaml = (more: string) =>
    `{ name: a, kind: system, rootfs: { path: /srv/a, from: { directory: . } }, ${more} }`;
  expect(rootMounts([containerFrom(yaml('autodev: true'))]).at(1)).toBe('-o remount,bind,nodev /srv/a');
  expect(rootMounts([containerFrom(yaml('no-new-privs: true'))]).at(1)).toBe(
    '-o remount,bind,nosuid,nodev /srv/a',
  );
  expect(rootMounts([containerFrom(yaml('autodev: false'))])).toEqual([]);
});

test('images have the same options', () => {
  const image = (kind: string, more = '') =>
    containerFrom(`{ name: a, rootfs: { from: busybox, image: ${kind} ${more} } }`);
  expect(rootMounts([image('squashfs')])).toEqual([
    '-t squashfs -o loop,ro,nosuid,nodev /opt/lxc/a.squashfs /opt/lxc/a',
  ]);
  expect(rootMounts([image('ext4')])).toEqual(['-t ext4 -o loop,nosuid,nodev /opt/lxc/a.ext4 /opt/lxc/a']);
  expect(rootMounts([image('ext4', ', readonly: true')])).toEqual([
    '-t ext4 -o loop,ro,nosuid,nodev /opt/lxc/a.ext4 /opt/lxc/a',
  ]);
});
