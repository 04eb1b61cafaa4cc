import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoadedProfile } from '../../../toolkit/board/load-profile.ts';
import { givenConfigs, givenFile } from '../../../toolkit/opened-board/image-files.ts';
import { isMadeByImage } from '../../../toolkit/opened-board/image-texts.ts';
import { includedLines } from '../../../toolkit/opened-board/included-lines.ts';

let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'image-files-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function write(path: string, text: string): string {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** As much of a build as is asked here; overlays below the directory of the test. */
function buildWith(
  overlays: readonly string[],
  files: readonly object[] = [],
  containers: readonly object[] = [],
) {
  const profile = {
    rootfs: { overlays: overlays.map((name) => join(dir, name)), files },
    containers,
  } as unknown as LoadedProfile['profile'];
  return {
    loaded: { profile } as LoadedProfile,
    displayPath: (file: string) => file.slice(dir.length + 1),
  };
}

test('the last overlay gives a file, rootfs.files before it, and links lead on', () => {
  write('one/etc/lxc/a.conf', 'one');
  write('two/etc/lxc/a.conf', 'two');
  const own = write('own.conf', 'own');
  mkdirSync(join(dir, 'two/var'));
  symlinkSync('/etc', join(dir, 'two/var/etc'));
  const { profile } = buildWith(['one', 'two']).loaded;
  expect(givenFile(profile, '/etc/lxc/a.conf')?.hostFile).toBe(join(dir, 'two/etc/lxc/a.conf'));
  expect(givenFile(profile, '/var/etc/lxc/a.conf')?.path).toBe('/etc/lxc/a.conf');
  expect(givenFile(profile, '/etc/lxc/a.conf/b')).toBeUndefined();
  expect(givenFile(profile, '/etc/lxc')).toBeUndefined();
  const files = [{ path: '/etc/lxc/a.conf', type: 'file', source: own }];
  expect(givenFile(buildWith(['one'], files).loaded.profile, '/etc/lxc/a.conf')?.hostFile).toBe(own);
});

test('the lines of included files, of directories and of what these include, with their places', () => {
  write('o/etc/lxc/all/1.conf', '# first\nlxc.cgroup2.io.weight = 5\n');
  write('o/etc/lxc/all/2.conf', 'lxc.include = /etc/lxc/more\nlxc.include = /etc/lxc/all\n');
  write('o/etc/lxc/all/not-read', 'lxc.tty.max = 4\n');
  write('o/etc/lxc/more', 'lxc.pty.max = 3\n');
  const build = buildWith(['o']);
  expect(givenConfigs(build.loaded.profile, '/etc/lxc/all').map(({ path }) => path)).toEqual([
    '/etc/lxc/all/1.conf',
    '/etc/lxc/all/2.conf',
  ]);
  const lines = includedLines({ include: [], raw: ['lxc.include = /etc/lxc/all'] }, build);
  expect(lines.map(({ key, place }) => `${place?.file}:${place?.line} ${key}`)).toEqual([
    'o/etc/lxc/all/1.conf:2 lxc.cgroup2.io.weight',
    'o/etc/lxc/all/2.conf:1 lxc.include',
    'o/etc/lxc/all/2.conf:2 lxc.include',
    'o/etc/lxc/more:1 lxc.pty.max',
  ]);
});

test('the lines of a mount table come before those of the file that names it', () => {
  write('o/etc/lxc/web', 'lxc.mount.entry = /b b none bind 0 0\nlxc.mount.fstab = /etc/lxc/fstab\n');
  write('o/etc/lxc/fstab', '# first\n/a a none bind 0 0\n');
  const lines = includedLines({ include: ['/etc/lxc/web'], raw: [] }, buildWith(['o']));
  expect(lines.map(({ value, place }) => `${place?.file}:${place?.line} ${value}`)).toEqual([
    'o/etc/lxc/fstab:2 /a a none bind 0 0',
    'o/etc/lxc/web:1 /b b none bind 0 0',
    'o/etc/lxc/web:2 /etc/lxc/fstab',
  ]);
});

test('knows the devices that a script, a hook, rootfs.files or a module may make', () => {
  write(
    'o/etc/init.d/S10',
    'mkdir -p /dev/net; mknod /dev/net/tun c 10 200\nfor n in 0 1; do mknod /dev/i2c-$n c 89 $n; done\n',
  );
  write('o/etc/lxc/x.conf', 'lxc.mount.entry = /dev/fuse dev/fuse none bind 0 0\n');
  const build = buildWith(
    ['o'],
    [{ path: '/dev/kvm', type: 'char' }],
    [{ hooks: { 'pre-mount': ['mknod /dev/ppp c 108 0'] }, raw: [] }],
  );
  for (const path of ['/dev/net/tun', '/dev/i2c-1', '/dev/kvm', '/dev/ppp'])
    expect(isMadeByImage(path, build)).toBe(true);
  for (const path of ['/dev/fuse', '/dev/mem']) expect(isMadeByImage(path, build)).toBe(false);
  write('m/lib/modules/6.1/extra/fuse.ko', '\0ELF');
  expect(isMadeByImage('/dev/fuse', buildWith(['m']))).toBe(true);
  write('c/lib/modules/6.1/extra/fuse.ko.xz', '\xfd7zXZ');
  expect(isMadeByImage('/dev/fuse', buildWith(['c']))).toBe(true);
});
