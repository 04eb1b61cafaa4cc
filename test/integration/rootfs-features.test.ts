import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, imageFile, listCpio, listTar, message, projectMaker, readFromTar } from './rig.ts';

const create = projectMaker();
let project: TempProject;
let tar: Record<string, string>;
let warnings: string[];

/** The same place in a board's overlay and in the root filesystem, with its mode. */
function writeOverlay(overlay: string, path: string, content: string, mode = 0o644): void {
  project.write(`boards/${overlay}${path}`, content);
  chmodSync(join(project.dir, 'boards', `${overlay}${path}`), mode);
}

beforeAll(async () => {
  project = await create();
  writeOverlay('below', '/etc/motd', 'from below\n');
  writeOverlay('below', '/etc/only-below', 'below\n', 0o600);
  writeOverlay('above', '/etc/motd', 'from above\n');
  // In the skeleton it is a file of its own, in BusyBox a link.
  writeOverlay('above', '/etc/passwd', 'root::0:0:root:/root:/bin/sh\nweb::100:100::/:/bin/false\n');
  writeOverlay('above', '/usr/bin/wget', '#!/bin/sh\n', 0o755);
  writeOverlay('above', '/usr/sbin/setuid-tool', 'x', 0o4755);
  writeOverlay('above', '/srv/with blank/ümlaut', 'x');
  symlinkSync('../../etc/motd', join(project.dir, 'boards/above/usr/bin/motd'));
  symlinkSync('/nowhere/at all', join(project.dir, 'boards/above/dangling'));
  mkdirSync(join(project.dir, 'boards/above/srv/empty'), { mode: 0o711 });
  chmodSync(join(project.dir, 'boards/above/srv/empty'), 0o711);
  project.write('boards/key', 'secret\n');
  project.writeBoard('rich', {
    rootfs: {
      hostname: 'set-top-box',
      overlays: ['./below', './above'],
      files: [
        { path: '/dev/brcm0', type: 'char', dev: '30:0', mode: '0660', uid: 0, gid: 44 },
        { path: '/dev/mtdblock0', type: 'block', dev: '31:256', mode: '0600' },
        { path: '/run/control', type: 'fifo', mode: '0622', uid: 1000 },
        { path: '/srv/data', type: 'dir', mode: '2775', uid: 1000, gid: 100 },
        { path: '/srv/current', type: 'symlink', target: 'data' },
        { path: '/etc/key', type: 'file', mode: '0400', uid: 7, gid: 8, source: './key' },
        { path: '/bin/busybox', type: 'file', mode: '4755' },
        { path: '/etc/motd', type: 'file', mode: '0444', gid: 5 },
      ],
    },
    images: ['tar.gz', 'cpio.gz', 'squashfs', 'ext4'],
  });
  const { events } = await buildWell(project, [], { board: 'rich' });
  warnings = events.flatMap(({ type, message }) => (type === 'warning' ? [String(message)] : []));
  tar = listTar(project, 'rich');
});

const read = (path: string): string => readFromTar(project, path, 'rich').toString();

test('a script that rcS would start and that may not be executed is named, and no other', async () => {
  writeOverlay('scripts', '/etc/init.d/S40network', '#!/bin/sh\n', 0o755);
  writeOverlay('scripts', '/etc/init.d/S50app', '#!/bin/sh\n');
  writeOverlay('scripts', '/etc/init.d/README', 'text\n');
  symlinkSync('../app.sh', join(project.dir, 'boards/scripts/etc/init.d/S60linked'));
  writeOverlay('scripts', '/etc/app.sh', '#!/bin/sh\n');
  project.writeBoard('scripts', { rootfs: { overlays: ['./scripts'] } });
  const built = await project.run(['build', '--board', 'scripts', '--until', 'lay-out-rootfs']);
  expect(built.exitCode, built.stderr).toBe(0);
  expect(built.stderr.match(/^warning: .*not executable.*$/gm)).toEqual(
    ['S50app', 'S60linked'].map(
      (name) =>
        `warning: lay-out-rootfs: /etc/init.d/${name} is not executable, so /etc/init.d/rcS skips it; run: chmod +x on it in your overlay`,
    ),
  );
});

describe('overlays', () => {
  test('replace files of the skeleton, links of BusyBox and files of earlier overlays', () => {
    expect(read('/etc/motd')).toBe('from above\n');
    expect(read('/etc/passwd')).toContain('web::100:100');
    expect(tar['/usr/bin/wget']).toBe('-rwxr-xr-x 0/0 10');
    expect(read('/usr/bin/wget')).toBe('#!/bin/sh\n');
    expect(read('/etc/only-below')).toBe('below\n');
  });

  test('bring no setuid file into the image; a warning says what to write for one', () => {
    expect(warnings.filter((text) => text.includes('setuid'))).toEqual([
      '/usr/sbin/setuid-tool is in the image without setuid (mode 4755 before); to keep it, write in rootfs.files: { path: /usr/sbin/setuid-tool, type: file, mode: "4755" }',
    ]);
  });

  test('keep other modes, belong to root, and bring links, empty folders and odd names', () => {
    expect(tar).toMatchObject({
      '/etc/only-below': '-rw------- 0/0 6',
      '/usr/sbin/setuid-tool': '-rwxr-xr-x 0/0 1',
      '/usr/bin/motd': 'lrwxrwxrwx 0/0 -> ../../etc/motd',
      '/dangling': 'lrwxrwxrwx 0/0 -> /nowhere/at all',
      '/srv/empty': 'drwx--x--x 0/0',
      '/srv/with blank/ümlaut': '-rw-r--r-- 0/0 1',
    });
  });

  test('leave everything else as it was', () => {
    expect(tar['/bin/sh']).toBe('lrwxrwxrwx 0/0 -> busybox');
    expect(read('/etc/hostname')).toBe('set-top-box\n');
    expect(tar['/tmp']).toBe('drwxrwxrwt 0/0');
  });
});

test('rootfs.files sets modes and owners, and makes device nodes, pipes, folders and links', () => {
  expect(tar).toMatchObject({
    '/dev/brcm0': 'crw-rw---- 0/44 30,0',
    '/dev/mtdblock0': 'brw------- 0/0 31,256',
    '/run/control': 'prw--w--w- 1000/0',
    '/srv/data': 'drwxrwsr-x 1000/100',
    '/srv/current': 'lrwxrwxrwx 0/0 -> data',
    '/etc/key': '-r-------- 7/8 7',
    '/etc/motd': '-r--r--r-- 0/5 11',
  });
  expect(tar['/bin/busybox']).toMatch(/^-rwsr-xr-x 0\/0 \d+$/);
  expect(read('/etc/key')).toBe('secret\n');
});

test('rootfs.cpio.gz holds the same as rootfs.tar.gz', () => {
  expect(listCpio(project, 'rich')).toEqual(tar);
});

test('so do rootfs.squashfs and rootfs.ext4', () => {
  const squashfs = execFileSync(
    'unsquashfs',
    ['-lln', '-d', '', imageFile(project, 'rootfs.squashfs', 'rich')],
    {
      encoding: 'utf8',
    },
  );
  expect(squashfs).toMatch(/^crw-rw---- 0\/44 +30, +0 .* \/dev\/brcm0$/m);
  expect(squashfs).toMatch(/^-r-------- 7\/8 +7 .* \/etc\/key$/m);
  const ext4 = execFileSync(
    'debugfs',
    ['-R', 'stat /etc/key', imageFile(project, 'rootfs.ext4', 'rich')],
    // In Debian it is in a folder that an ordinary user's PATH lacks.
    { encoding: 'utf8', env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }, stdio: 'pipe' },
  );
  expect(ext4).toMatch(/Mode: +0400/);
  expect(ext4).toMatch(/User: +7 +Group: +8 /);
});

test('a mode for a file that is not there is a mistake of the profile', async () => {
  project.writeBoard('wrong', {
    rootfs: { files: [{ path: '/etc/not-there', type: 'file', mode: '0600' }] },
    images: ['tar.gz'],
  });
  const failed = await project.run(['build', '--board', 'wrong']);
  expect(failed.exitCode).toBe(2);
  await expect(message(project, failed)).toMatchFileSnapshot('printed/rootfs-mode-of-nothing.txt');
});

test('a program of the overlay that is for another machine does not get into an image', async () => {
  project.write('boards/foreign/usr/bin/tool', '');
  execFileSync('cp', [process.execPath, join(project.dir, 'boards/foreign/usr/bin/tool')]);
  project.writeBoard('wrong', { rootfs: { overlays: ['./foreign'] }, images: ['tar.gz'] });
  const failed = await project.run(['build', '--board', 'wrong']);
  expect(failed.exitCode).toBe(4);
  expect(message(project, failed)).toContain('/usr/bin/tool');
  expect(message(project, failed)).toMatch(/1 problem found$/m);
  expect(project.listOut('wrong')).not.toContain('images/rootfs.tar.gz');
});
