import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellWords } from '../../toolkit/base/shell-word.ts';
import { TmuxTerminal } from './tmux-terminal.ts';

interface Malta {
  /** The out directory of a build. */
  readonly outDir: string;
  /** A file for the disk: the image is copied once, and what the guest writes stays. Undefined: the initramfs. */
  readonly disk?: string;
  /** A port of this machine's loopback that leads to port 22 of the guest. */
  readonly sshPort: number;
}

/** Copies the root disk of a build for guests that write to it. */
export function copyDisk(outDir: string, disk: string): void {
  copyFileSync(join(outDir, 'images', 'rootfs.ext4'), disk);
}

/** Boots a build as the device itself would: nothing but its console, in a terminal that a person types into. */
export function bootMalta(name: string, { outDir, disk, sshPort }: Malta): TmuxTerminal {
  const image = (file: string): string => join(outDir, 'images', file);
  const root =
    disk === undefined
      ? ['-initrd', image('rootfs.cpio.gz')]
      : ['-drive', `if=none,id=root,format=raw,file=${disk}`, '-device', 'virtio-blk-pci,drive=root'];
  const onDisk = disk === undefined ? '' : ' root=/dev/vda rootfstype=ext4 rw init=/sbin/init';
  const qemu = shellWords([
    ...[
      'qemu-system-mipsel',
      '-M',
      'malta',
      '-cpu',
      '24Kf',
      '-m',
      '256M',
      '-vga',
      'none',
      '-nographic',
      '-no-reboot',
    ],
    ...['-kernel', image('vmlinux'), ...root],
    ...['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${sshPort}-:22`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-object', 'rng-random,id=random,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=random'],
    ...['-append', `console=ttyS0 panic=-1${onDisk}`],
  ]);
  return new TmuxTerminal(name, `${qemu}; echo "qemu ended with $?"; sleep 3600`, outDir);
}
