import { expect, test } from 'vitest';
import { commandLine } from '../../../toolkit/host/run-tool.ts';
import { machines } from '../../../toolkit/emulator/machines.ts';
import { qemuCommand, type Guest } from '../../../toolkit/emulator/qemu-command.ts';
import { disks, malta } from './fake-guest.ts';

const guest: Guest = {
  program: 'qemu-system-mipsel',
  machine: malta(),
  kernelFile: 'images/vmlinux',
  root: { kind: 'initramfs', file: 'images/rootfs.cpio.gz' },
  initrd: 'work/guest-shell/initramfs.initrd',
};

test('an initramfs on the terminal', () => {
  expect(commandLine(qemuCommand(guest, 'terminal'))).toBe(
    'qemu-system-mipsel -M malta -cpu 24Kf -m 256M -net none' +
      ' -object rng-random,id=random,filename=/dev/urandom -device virtio-rng-pci,rng=random -vga none -no-reboot' +
      ' -nographic -serial mon:stdio -kernel images/vmlinux -initrd work/guest-shell/initramfs.initrd' +
      " -append 'console=ttyS0 panic=-1 rdinit=/lxc-kit/start'",
  );
});

test('nothing between the ports and us may take bytes for itself', () => {
  const line = commandLine(qemuCommand(guest, 'ports'));
  expect(line).not.toMatch(/nographic|mon:/);
  expect(line).toContain('-display none -monitor none');
  expect(line).toContain('-chardev stdio,id=console,signal=off -serial chardev:console');
  expect(line).toContain('-chardev socket,id=commands,fd=3 -serial null -serial chardev:commands');
});

test.each([
  ['squashfs', 'root=/dev/vda rootfstype=squashfs ro init=/sbin/init'],
  ['ext4', 'root=/dev/vda rootfstype=ext4 rw init=/sbin/init'],
] as const)('a disk with %s, which the guest cannot change', (fsType, root) => {
  const argv = qemuCommand({ ...guest, root: { ...disks[fsType], file: 'a,b/root.img' } }, 'ports');
  expect(argv).toContain('if=none,id=root,format=raw,snapshot=on,file=a,,b/root.img');
  expect(argv).toContain('virtio-blk-pci,drive=root');
  expect(argv.at(-1)).toBe(`console=ttyS0 panic=-1 rdinit=/lxc-kit/start ${root}`);
});

test('a network of its own, with ports of this machine that lead into the guest', () => {
  const network = { forward: [{ hostPort: 8080, guestPort: 80 }] };
  const line = commandLine(qemuCommand({ ...guest, network }, 'ports'));
  expect(line).toContain(
    '-netdev user,id=net,hostfwd=tcp:127.0.0.1:8080-:80 -device virtio-net-pci,netdev=net,romfile= ',
  );
  expect(line).not.toContain('-net none');
});

test('every guest has random numbers of the host, whatever else it has', () => {
  const disk: Guest['root'] = { ...disks.ext4, file: 'root.img' };
  for (const more of [{}, { root: disk }, { network: { forward: [] } }]) {
    expect(commandLine(qemuCommand({ ...guest, ...more }, 'ports'))).toContain(
      ' -object rng-random,id=random,filename=/dev/urandom -device virtio-rng-pci,rng=random ',
    );
  }
});

test('cpu, memory and more words for the kernel', () => {
  const argv = qemuCommand(
    { ...guest, cpu: '34Kf', memory: '128M', append: 'quiet rdinit=/bin/sh' },
    'ports',
  );
  expect(commandLine(argv)).toContain('-M malta -cpu 34Kf -m 128M');
  // The last rdinit counts.
  expect(argv.at(-1)).toBe('console=ttyS0 panic=-1 rdinit=/lxc-kit/start quiet rdinit=/bin/sh');
});

test.each(Object.entries(machines))('the row of %s is complete', (name, machine) => {
  expect(machine.name).toBe(name);
  expect(Object.keys(machine.programs)).not.toEqual([]);
  for (const { program, debianPackage } of Object.values(machine.programs)) {
    expect(program).toMatch(/^qemu-system-\w+$/);
    expect(debianPackage).toMatch(/^qemu-system-\w+$/);
  }
  const { always, initramfs, disk } = machine.symbols;
  for (const { symbols, reason } of [...always, ...initramfs, ...disk]) {
    for (const symbol of symbols) expect(symbol).toMatch(/^(?!CONFIG_)[A-Z0-9_]+$/);
    expect(reason).not.toBe('');
  }
});
