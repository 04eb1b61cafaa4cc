import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, listTar, projectMaker, readFromTar } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
  project.write('boards/vendor/etc/init.d/S10net', '#!/bin/sh\n[ "$1" = start ] && brctl addbr br9\n');
  chmodSync(join(project.dir, 'boards/vendor/etc/init.d/S10net'), 0o755);
  project.writeBoard('net', {
    rootfs: { overlays: ['./vendor'] },
    kernel: { config: { BLK_DEV: 'y', BLK_DEV_LOOP: 'y' } },
    interfaces: [{ name: 'eth0', ipv4: '172.16.7.73/16', gateway: '172.16.0.1' }],
    bridges: [
      { name: 'lxcbr0', ipv4: '192.168.0.1/24', attach: ['eth1'] },
      { name: 'br9', external: true },
    ],
    containers: [
      {
        name: 'web',
        kind: 'system',
        rootfs: { from: 'busybox', image: 'squashfs', overlay: {} },
        network: [{ type: 'veth', link: 'lxcbr0', ipv4: '192.168.0.2/24' }],
        autostart: true,
      },
      {
        name: 'app',
        kind: 'system',
        rootfs: { from: 'busybox', image: 'ext4', readonly: true },
        network: [{ type: 'veth', link: 'br9' }],
      },
    ],
    images: ['tar.gz'],
  });
  await buildWell(project, [], { board: 'net' });
});

test('networks are set up, and images mounted, before containers start', () => {
  const rcS = readFromTar(project, '/etc/init.d/rcS', 'net').toString();
  const wanted = [
    'try ifconfig lo 127.0.0.1 up',
    'try ifconfig eth0 172.16.7.73 netmask 255.255.0.0 up',
    'try route add default gw 172.16.0.1',
    'try brctl addbr lxcbr0',
    'try brctl setfd lxcbr0 0',
    'try ifconfig eth1 0.0.0.0 up',
    'try brctl addif lxcbr0 eth1',
    'try ifconfig lxcbr0 192.168.0.1 netmask 255.255.255.0 up',
    'try mount -t squashfs -o loop,ro,nosuid,nodev /opt/lxc/web.squashfs /opt/lxc/web',
    'try mount -t ext4 -o loop,ro,nosuid,nodev /opt/lxc/app.ext4 /opt/lxc/app',
    'lxc-autostart --list --all | while read -r name delay; do',
  ];
  expect(rcS.split('\n').filter((line) => wanted.includes(line))).toEqual(wanted);
  // The bridge of a script is left alone, and nothing asks for iptables.
  expect(rcS).not.toMatch(/br9|iptables|ip_forward/);
});

test('the device has an empty directory and an image beside it, with the root of the container', () => {
  const tar = listTar(project, 'net');
  const below = Object.keys(tar).filter((path) => /^\/opt\/lxc\/(?:web|app)\//.test(path));
  expect(below).toEqual([]);
  // The range of the name web.
  expect(tar['/opt/lxc/web']).toBe('drwxr-xr-x 1156972544/1156972544');
  expect(tar['/opt/lxc/web.squashfs']).toMatch(/^-rw------- 0\/0 \d+$/);
  expect(tar['/opt/lxc/app.ext4']).toMatch(/^-rw------- 0\/0 \d+$/);
  const image = join(project.dir, 'web.squashfs');
  writeFileSync(image, readFromTar(project, '/opt/lxc/web.squashfs', 'net'));
  const listed = execFileSync('unsquashfs', ['-lln', '-d', '', image], { encoding: 'utf8' });
  expect(listed).toMatch(/^-rwxr-xr-x 1156972544\/1156972544 .* \/bin\/busybox$/m);
  expect(listed).toMatch(/^lrwxrwxrwx 1156972544\/1156972544 .* \/sbin\/init -> \.\.\/bin\/busybox$/m);
  expect(listed).toMatch(/^drwxrwxrwt 1156972544\/1156972544 .* \/tmp$/m);
});
