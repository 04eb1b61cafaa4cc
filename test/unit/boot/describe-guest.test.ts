import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KitError } from '../../../toolkit/base/errors.ts';
import { describeGuest, type DescribedGuest } from '../../../toolkit/boot/describe-guest.ts';
import { machines } from '../../../toolkit/emulator/machines.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

type Plain = Readonly<Record<string, unknown>>;

const EVERYTHING = [
  'images/vmlinux',
  'images/rootfs.cpio.gz',
  'images/rootfs.squashfs',
  'images/rootfs.ext4',
];

/** The guest that boots a board, or why there is none; `built` are the files in its out directory. */
async function guestOf(
  board: Plain,
  wanted?: 'initramfs' | 'disk',
  built: Readonly<Record<string, string>> = Object.fromEntries(EVERYTHING.map((name) => [name, ''])),
): Promise<{ readonly dir: string; readonly guest?: DescribedGuest['guest']; readonly error?: KitError }> {
  const dir = scratchDir();
  const build = await sampleBuild(dir, board);
  writeFiles(build.outDir, built);
  try {
    return { dir: build.outDir, guest: describeGuest(build, wanted).guest };
  } catch (error) {
    if (!(error instanceof KitError)) throw error;
    return { dir: build.outDir, error };
  }
}

describe('the guest to boot', () => {
  test.each<[readonly string[], 'initramfs' | 'disk' | undefined, object]>([
    [['cpio.gz'], undefined, { kind: 'initramfs' }],
    [['squashfs', 'cpio.gz'], undefined, { kind: 'initramfs' }],
    [['squashfs', 'cpio.gz'], 'disk', { kind: 'disk', fsType: 'squashfs' }],
    [['ext4', 'squashfs'], undefined, { kind: 'disk', fsType: 'squashfs' }],
    [['tar.gz', 'ext4'], undefined, { kind: 'disk', fsType: 'ext4' }],
  ])('is one of the images %j as %s', async (images, wanted, root) => {
    const { dir, guest } = await guestOf({ images }, wanted);
    expect(guest?.root).toMatchObject(root);
    expect(guest?.kernelFile).toBe(join(dir, 'images', 'vmlinux'));
    expect(guest?.root.file.startsWith(join(dir, 'images', 'rootfs.'))).toBe(true);
  });

  test.each<[readonly string[], 'initramfs' | 'disk' | undefined, string]>([
    [['cpio.gz'], 'disk', 'add squashfs or ext4 to images of the profile'],
    [['squashfs'], 'initramfs', 'add cpio.gz to images of the profile'],
    [['tar.gz'], undefined, 'add squashfs or ext4 to images of the profile'],
  ])('is none of the images %j as %s', async (images, wanted, hint) => {
    const { error } = await guestOf({ images }, wanted);
    expect(error).toMatchObject({
      code: 'USAGE',
      message: `none of the board's images (${images.join(', ')}) can be booted as ${wanted ?? 'initramfs or disk'}`,
      hint,
    });
  });

  test('is the kernel of the emulator, where it has one of its own', async () => {
    const board = { emulator: { kernel: { defconfig: 'malta_defconfig' } } };
    const { dir, guest } = await guestOf(board, undefined, {
      'emulator/vmlinux': '',
      'images/rootfs.cpio.gz': '',
    });
    expect(guest?.kernelFile).toBe(join(dir, 'emulator', 'vmlinux'));
    expect((await guestOf(board)).error?.message).toMatch(
      /out\/emulator\/vmlinux does not exist: sample was not built$/,
    );
  });

  test('was built before', async () => {
    for (const missing of ['images/vmlinux', 'images/rootfs.cpio.gz']) {
      const built = Object.fromEntries(
        EVERYTHING.filter((name) => name !== missing).map((name) => [name, '']),
      );
      const { error } = await guestOf({}, undefined, built);
      expect(error).toMatchObject({ code: 'USAGE', hint: 'run: npx lxc-kit build --board sample' });
      expect(error?.message).toContain(`${missing} does not exist: sample was not built`);
    }
  });

  test('has the profile’s processor, memory and forwarded ports', async () => {
    const board = { emulator: { cpu: '34Kf', memory: '128M', network: { forward: ['8080:80'] } } };
    expect((await guestOf(board)).guest).toMatchObject({
      program: 'qemu-system-mipsel',
      cpu: '34Kf',
      memory: '128M',
      network: { forward: [{ hostPort: 8080, guestPort: 80 }] },
    });
    expect((await guestOf({})).guest).not.toHaveProperty('network');
  });

  test('needs a machine that lxc-kit knows', async () => {
    const { error } = await guestOf({ emulator: { machine: 'ci20' } });
    expect(error).toMatchObject({
      code: 'PROFILE_INVALID',
      hint: `machines: ${Object.keys(machines).join(', ')}`,
    });
  });
});

describe('a kernel', () => {
  const booting = (fsSymbol: string): string => {
    const { always, initramfs, disk, network } = machines.malta.symbols;
    const symbols = [...always, ...initramfs, ...disk, ...network].flatMap((need) => need.symbols);
    return [...symbols, fsSymbol].map((symbol) => `CONFIG_${symbol}=y\n`).join('');
  };
  const built = (name: string, config: string): Readonly<Record<string, string>> => ({
    ...Object.fromEntries([...EVERYTHING, 'emulator/vmlinux'].map((file) => [file, ''])),
    [`config/${name}.config`]: config,
  });

  test('stops the boot before QEMU starts when it cannot mount its root', async () => {
    const board = { images: ['ext4'] };
    expect((await guestOf(board, undefined, built('kernel', booting('EXT4_FS')))).guest).toBeDefined();
    const { error } = await guestOf(board, undefined, built('kernel', booting('SQUASHFS')));
    expect(error).toMatchObject({
      code: 'BOOT_FAILED',
      message: 'this kernel cannot boot on malta with its root on disk',
      lines: ['CONFIG_EXT4_FS is not set: the root disk is an ext4 file system'],
      hint: 'add the fragment "malta", or give the emulator a kernel of its own with emulator.kernel',
    });
  });

  test('has a serial port for the shell', async () => {
    const { error } = await guestOf(
      {},
      undefined,
      built(
        'kernel',
        `${booting('EXT4_FS')}CONFIG_SERIAL_8250_NR_UARTS=4\nCONFIG_SERIAL_8250_RUNTIME_UARTS=2\n`,
      ),
    );
    expect(error).toMatchObject({
      code: 'BOOT_FAILED',
      lines: [
        "CONFIG_SERIAL_8250_RUNTIME_UARTS is 2: lxc-kit's own shell is on ttyS2, which takes 3 serial ports",
      ],
    });
  });

  test('gives way to the one of the emulator', async () => {
    const board = { images: ['ext4'], emulator: { kernel: { defconfig: 'malta_defconfig' } } };
    expect((await guestOf(board, undefined, built('kernel', ''))).guest).toBeDefined();
    const { error } = await guestOf(board, undefined, built('emulator-kernel', booting('SQUASHFS')));
    expect(error?.hint).toBe('add the symbols to emulator.kernel.config');
  });
});
