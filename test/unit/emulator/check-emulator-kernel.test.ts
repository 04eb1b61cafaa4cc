import { expect, test } from 'vitest';
import { checkEmulatorKernel } from '../../../toolkit/emulator/check-emulator-kernel.ts';
import type { GuestRootKind } from '../../../toolkit/emulator/machines.ts';
import { disks, malta } from './fake-guest.ts';

const complete = new Map(
  [
    ...['MIPS_MALTA', 'SERIAL_8250_CONSOLE', 'BLK_DEV_INITRD', 'RD_GZIP'],
    ...['VIRTIO_PCI', 'VIRTIO_BLK', 'PCI_QUIRKS', 'SQUASHFS', 'EXT4_FS'],
  ].map((name) => [`CONFIG_${name}`, 'y']),
);

const roots: readonly GuestRootKind[] = [{ kind: 'initramfs' }, disks.squashfs, disks.ext4];

test.each(roots)('a kernel that has everything for %o', (root) => {
  expect(checkEmulatorKernel(malta(), root, complete)).toEqual([]);
});

test.each([
  [{ kind: 'initramfs' }, 'CONFIG_BLK_DEV_INITRD', 'malta needs it to boot an initramfs'],
  [{ kind: 'initramfs' }, 'CONFIG_MIPS_MALTA', 'the kernel must be built for this machine'],
  [disks.squashfs, 'CONFIG_SQUASHFS', 'the root disk is a squashfs'],
  [disks.ext4, 'CONFIG_EXT4_FS', 'the root disk is an ext4 file system'],
  [disks.ext4, 'CONFIG_VIRTIO_BLK', 'the root disk is a virtio disk'],
] as const)('for %o it names %s', (root, symbol, reason) => {
  const without = new Map(complete);
  without.delete(symbol);
  expect(checkEmulatorKernel(malta(), root, without)).toEqual([{ symbol, reason, value: 'not set' }]);
  // A module cannot be loaded before there is a root.
  const asModule = new Map(complete).set(symbol, 'm');
  expect(checkEmulatorKernel(malta(), root, asModule)).toEqual([{ symbol, reason, value: 'm' }]);
});

test('an initramfs needs nothing of a disk', () => {
  const kernel = new Map([...complete].filter(([symbol]) => !/VIRTIO|SQUASHFS|EXT4|PCI/.test(symbol)));
  expect(checkEmulatorKernel(malta(), { kind: 'initramfs' }, kernel)).toEqual([]);
});
