import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shippedPath } from '../../toolkit/base/package-root.ts';
import { RealBoard, START_CONTAINER1 } from '../rigs/real-board.ts';

const folder = shippedPath('out', 'test', 'shipped-image');

/** The board malta-mipsel with another inittab; all have one out directory, so that only the root filesystem is made again. */
function boardWith(name: string, images: string, inittab: readonly string[]): RealBoard {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.inittab`), `${inittab.join('\n')}\n`);
  // Locked: no password opens it.
  writeFileSync(join(folder, 'shadow'), 'root:*:20000:0:99999:7:::\n');
  const profile = join(folder, `${name}.yaml`);
  writeFileSync(
    profile,
    `schema: 1
name: malta-mipsel
extends: [${shippedPath('boards', 'malta-mipsel.yaml')}]
images: [${images}]
rootfs:
  files:
    - { path: /etc/inittab, type: file, mode: '0644', source: ./${name}.inittab }
    - { path: /etc/shadow, type: file, mode: '0600', source: ./shadow }
`,
  );
  return new RealBoard(profile, 'shipped-image');
}

const START = ['::sysinit:/etc/init.d/rcS', '::shutdown:/etc/init.d/rcK'];
const GETTY = '::respawn:/sbin/getty -L console 115200 vt100';

/** All that could show that a test is running, but for the kernel's command line and the shell's processes. */
const LOOK = [
  'cat /proc/1/comm',
  'ls -d /lxc-kit /.root 2>&1 | sort',
  'grep -c -e lxc-kit -e ramfs /proc/mounts',
  'tty',
  "tr '\\0' '\\n' < /proc/1/environ | grep -i -e lxckit -e lxc-kit",
];

async function build(board: RealBoard): Promise<void> {
  const { exitCode, stderr } = await board.build();
  expect(stderr).not.toContain('error:');
  expect(exitCode).toBe(0);
}

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

beforeAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  { what: 'a login prompt', name: 'getty', images: 'cpio.gz, squashfs', inittab: [...START, GETTY] },
  { what: 'no console', name: 'silent', images: 'cpio.gz, ext4', inittab: START },
])('an image with $what', ({ name, images, inittab }) => {
  let board: RealBoard;
  beforeAll(async () => {
    board = boardWith(name, images, inittab);
    await build(board);
  });

  test.each(['initramfs', 'disk'])('is booted as it ships, from %s, and runs commands', async (root) => {
    const [kind = '', disk = ''] = images.split(', ');
    const image = join(board.outDir, 'images', `rootfs.${root === 'disk' ? disk : kind}`);
    const before = hashOf(image);
    const { exitCode, stdout, stderr } = await board.boot([...LOOK, START_CONTAINER1], '--root', root);
    expect(stdout.split('\n')).toEqual([
      'init',
      'ls: /.root: No such file or directory',
      'ls: /lxc-kit: No such file or directory',
      '0',
      'not a tty',
      'container1',
      '',
    ]);
    // The greps that find nothing, and tty, end with 1.
    expect(stderr).toContain('3 of 6 commands failed');
    expect(stderr).not.toContain('container system1');
    expect(exitCode).toBe(5);
    expect(hashOf(image)).toBe(before);
    const log = board.read('logs/console.log');
    expect(log).toContain('rcS: done');
    expect(/^\S+ login: /m.test(log)).toBe(name === 'getty');
  });
});

test('an image with one other byte is not booted', async () => {
  const board = boardWith('changed', 'cpio.gz', START);
  await build(board);
  const image = join(board.outDir, 'images', 'rootfs.cpio.gz');
  const expected = hashOf(image);
  const bytes = readFileSync(image);
  bytes.writeUInt8(bytes.readUInt8(4711) ^ 1, 4711);
  writeFileSync(image, bytes);
  const { exitCode, stdout, stderr } = await board.boot(['true']);
  expect(exitCode).toBe(5);
  expect(stdout).toBe('');
  expect(stderr).toContain(`rootfs.cpio.gz: expected sha256 ${expected}\n`);
  expect(stderr).toMatch(new RegExp(` found +sha256 ${hashOf(image)}\\n`));
  expect(stderr).toContain('help: run: npx lxc-kit build --board ');
  await build(board);
  expect(hashOf(image)).toBe(expected);
});
