import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard } from '../rigs/real-board.ts';

const folder = shippedPath('out', 'test', 'sized-roots');
const profile = join(folder, 'sized.yaml');
const board = new RealBoard(profile, 'sized-roots-malta');

const IDS =
  'idmap: [{ kind: uid, container: 0, host: 200000, count: 65536 }, { kind: gid, container: 0, host: 200000, count: 65536 }]';
const system = (name: string, rootfs: string, more = '') =>
  `  - { name: ${name}, kind: system, rootfs: { from: busybox, ${rootfs} }, autostart: true ${more} }`;

function writeBoard(images: string): void {
  writeFileSync(
    profile,
    [
      'schema: 1',
      'name: sized',
      `extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]`,
      'kernel: { config: { CONFIG_BLK_DEV_LOOP: y, CONFIG_TMPFS_XATTR: y, CONFIG_USER_NS: y } }',
      'containers:',
      system('tree', 'size: 4M'),
      system('forgetful', 'size: 4M, overlay: {}'),
      system('packed', 'size: 4M, image: squashfs'),
      // Nothing writes to an image on a read-only root.
      ...(images === '[squashfs]' ? [] : [system('whole', 'size: 16M, image: ext4')]),
      system('ids', 'size: 4M', `, ${IDS}`),
      '  - name: bound',
      '    rootfs: { from: bind, size: 4M }',
      '    command: [/bin/sleep, "10000"]',
      '    bind: [/bin/busybox, /bin/sh, /bin/sleep, /bin/dd, /bin/mkdir]',
      '    autostart: true',
      `images: ${images}`,
      '',
    ].join('\n'),
  );
}

const CONTAINERS = ['tree', 'forgetful', 'packed', 'whole', 'ids', 'bound'] as const;
const inside = (name: string, script: string): string => `lxc-attach -n ${name} -- /bin/sh -c '${script}'`;

/** Fills a root with one file, then with files, and prints the KiB and the number of files that fitted. */
const FILL = [
  'dd if=/dev/zero of=/fill bs=4k 2>/dev/null; set -- $(/bin/busybox wc -c /fill); echo kib $(($1 / 1024)); /bin/busybox rm /fill',
  'mkdir /many; i=0; while [ $i -lt 9999 ] && true 2>/dev/null >/many/$i; do i=$((i+1)); done; echo files $i; /bin/busybox rm -r /many',
].join('; ');

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});

describe.each([
  { images: '[cpio.gz, ext4]', root: 'initramfs', keeps: false },
  { images: '[cpio.gz, ext4]', root: 'disk', keeps: true },
  { images: '[squashfs]', root: 'disk', keeps: false },
])('$images with its root on $root', ({ images, root, keeps }) => {
  beforeAll(async () => {
    writeBoard(images);
    const { exitCode, stderr } = await board.build();
    expect(stderr).not.toContain('error:');
    expect(exitCode).toBe(0);
  });

  test('a container that fills its root fills nothing else', async () => {
    const names = CONTAINERS.filter((name) => name !== 'whole' || images !== '[squashfs]');
    const { stdout, stderr } = await board.boot(
      [
        'df -k / | tail -1',
        ...names.map((name) => `echo ${name}; ${inside(name, FILL)}`),
        'df -k / | tail -1; ls /opt/lxc/*.changes 2>/dev/null | wc -l',
      ],
      ...['--root', root, '--timeout', '600'],
    );
    expect(stderr).not.toContain('error:');
    const lines = stdout.trimEnd().split('\n');
    const used = (line = '') => Number(line.split(/\s+/)[2]);
    const before = lines.shift();
    expect(lines.pop()).toBe(keeps ? '4' : '0');
    // Logs, and the holes of the image of one container, which lie in memory or have their room on the disk.
    expect(used(lines.pop()) - used(before)).toBeLessThan(17_000);
    expect(lines.filter((line) => !/^(?:kib|files) /.test(line))).toEqual(names);
    for (const name of names) {
      const at = lines.indexOf(name);
      const limit = name === 'whole' ? 16 : 4;
      const [kib, files] = [1, 2].map((next) => Number(lines[at + next]?.split(' ')[1]));
      expect(kib, `${name} writes`).toBeGreaterThan(limit * 512 - 500);
      expect(kib, `${name} writes`).toBeLessThanOrEqual(limit * 1024);
      expect(files, `${name} makes`).toBeGreaterThan(limit * 32);
      expect(files, `${name} makes`).toBeLessThan(limit * 64 + 1);
    }
  });

  test('its root has the ids of the container, and changes are kept where the root keeps them', async () => {
    const { stdout } = await board.boot(
      [
        `${inside('ids', 'echo kept > /root/new')}; stat -c "%u:%g %a" /opt/lxc/ids /opt/lxc/ids/root/new /run/lxc-roots`,
        `grep " /run/lxc-roots/opt-lxc-ids " /proc/mounts | cut -d" " -f3`,
        `grep " /opt/lxc/ids " /proc/mounts | cut -d" " -f3,4 | cut -d, -f1-3`,
        // A directory that is removed and made again is empty.
        inside('tree', 'cd /etc; rm -r init.d && mkdir init.d && ls init.d | wc -l'),
      ],
      ...['--root', root],
    );
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      '200000:200000 755',
      '200000:200000 644',
      '0:0 700',
      keeps ? 'ext4' : 'tmpfs',
      'overlay rw,nosuid,nodev',
      '0',
    ]);
  });
});

test('what is smaller than its content is refused with its place', async () => {
  writeBoard('[ext4]');
  const small = 'size: 1M, image: ext4';
  writeFileSync(
    profile,
    `schema: 1\nname: sized\nextends: [${shippedPath('boards', 'malta-mipsel.yaml')}]\nkernel: { config: { CONFIG_BLK_DEV_LOOP: y, CONFIG_TMPFS_XATTR: y, CONFIG_USER_NS: y } }\ncontainers:\n${system('whole', small)}\nimages: [ext4]\n`,
  );
  const { exitCode, stderr } = await board.build();
  expect(stderr).toMatch(/sized\.yaml:6:\d+ whole: its image has 1 MiB, but its files need \d+ MiB/);
  expect(exitCode).toBe(2);
});
