export type DiskFsType = 'squashfs' | 'ext4';

/** How the guest gets its root filesystem. */
export type GuestRootKind =
  { readonly kind: 'initramfs' } | { readonly kind: 'disk'; readonly fsType: DiskFsType };

/** A root filesystem and the image it is in. */
export type GuestRoot = GuestRootKind & { readonly file: string };

/** A kernel symbol the emulator needs to be `y`, and what does not work without it. */
export interface NeededSymbol {
  readonly symbol: string;
  readonly reason: string;
}

/** One emulated machine. Everything lxc-kit knows about it is here. */
export interface Machine {
  /** QEMU's name of it, for `-M`. */
  readonly name: string;
  /** Which QEMU emulates it, by the board's architecture. */
  readonly programs: Readonly<Record<string, { readonly program: string; readonly debianPackage: string }>>;
  readonly cpu: string;
  readonly memory: string;
  /** What it takes so that QEMU does not look for ROM files of packages that nobody needs here. */
  readonly machineOptions: readonly string[];
  /** The kernel's name of the first serial port: its console. */
  readonly consoleDevice: string;
  /** The second serial port, for commands and their output; see guest-shell.ts. */
  readonly commandDevice: string;
  /** QEMU's disk controller and the kernel's name of a disk behind it. */
  readonly disk: { readonly device: string; readonly rootDevice: string };
  readonly symbols: {
    readonly always: readonly NeededSymbol[];
    readonly initramfs: readonly NeededSymbol[];
    readonly disk: readonly NeededSymbol[];
  };
}

/** What each file system on a disk needs, whatever the machine. */
export const diskFsSymbols: Readonly<Record<DiskFsType, NeededSymbol>> = {
  squashfs: { symbol: 'CONFIG_SQUASHFS', reason: 'the root disk is a squashfs' },
  ext4: { symbol: 'CONFIG_EXT4_FS', reason: 'the root disk is an ext4 file system' },
};

/** The emulated machines, by the name a board profile uses in `emulator.machine`. */
export const machines: Readonly<Record<string, Machine>> = {
  malta: {
    name: 'malta',
    programs: { mipsel: { program: 'qemu-system-mipsel', debianPackage: 'qemu-system-mips' } },
    cpu: '24Kf',
    memory: '256M',
    machineOptions: ['-net', 'none', '-vga', 'none'],
    consoleDevice: 'ttyS0',
    commandDevice: '/dev/ttyS1',
    disk: { device: 'virtio-blk-pci', rootDevice: '/dev/vda' },
    symbols: {
      always: [
        { symbol: 'CONFIG_MIPS_MALTA', reason: 'the kernel must be built for this machine' },
        { symbol: 'CONFIG_SERIAL_8250_CONSOLE', reason: 'the console is the serial port ttyS0' },
      ],
      initramfs: [
        { symbol: 'CONFIG_BLK_DEV_INITRD', reason: 'malta boots an initramfs only with it' },
        { symbol: 'CONFIG_RD_GZIP', reason: 'the initramfs is compressed with gzip' },
      ],
      disk: [
        { symbol: 'CONFIG_VIRTIO_PCI', reason: 'the root disk is on the PCI bus' },
        { symbol: 'CONFIG_VIRTIO_BLK', reason: 'the root disk is a virtio disk' },
        {
          symbol: 'CONFIG_PCI_QUIRKS',
          reason: 'malta routes PCI interrupts in one: without it the disk has none',
        },
      ],
    },
  },
};
