import type { Prerequisite, SymbolNeed } from '../kernel-needs/symbol-need.ts';

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
  /** What it takes to have no network, and QEMU's network card where there is one. */
  readonly network: { readonly none: readonly string[]; readonly device: string };
  /** QEMU's device that gives the guest random numbers of the host. */
  readonly randomDevice: string;
  /** The start of the names of the kernel's defconfigs for it. */
  readonly defconfigPrefix: string;
  /** What its kernel needs: in any case, and for each kind of root filesystem. Not to boot needs what is `wanted`. */
  readonly symbols: {
    readonly always: readonly SymbolNeed[];
    readonly initramfs: readonly SymbolNeed[];
    readonly disk: readonly SymbolNeed[];
    readonly network: readonly SymbolNeed[];
  };
  /** What symbols depend on here, and elsewhere on something else. */
  readonly prerequisites: readonly Prerequisite[];
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
    machineOptions: ['-vga', 'none'],
    consoleDevice: 'ttyS0',
    commandDevice: '/dev/ttyS1',
    disk: { device: 'virtio-blk-pci', rootDevice: '/dev/vda' },
    network: { none: ['-net', 'none'], device: 'virtio-net-pci' },
    randomDevice: 'virtio-rng-pci',
    defconfigPrefix: 'malta',
    // From arch/mips/configs/malta_defconfig of Linux 6.1, and docs/system/target-mips.rst of QEMU.
    symbols: {
      always: [
        { symbols: ['MIPS_MALTA'], reason: 'the kernel must be built for this machine' },
        { symbols: ['SERIAL_8250_CONSOLE'], reason: 'the console is the serial port ttyS0' },
        { symbols: ['CPU_MIPS32_R2'], reason: "the emulated processor's instructions", wanted: true },
        {
          symbols: ['PAGE_SIZE_16KB'],
          reason: 'pages as large as one way of the data cache, which so has no aliases',
          wanted: true,
        },
        {
          symbols: ['HZ_100', 'NO_HZ_IDLE'],
          reason: 'few timer interrupts: each one costs the emulator',
          wanted: true,
        },
        { symbols: ['POWER_RESET_PIIX4_POWEROFF'], reason: 'poweroff ends the emulator', wanted: true },
        { symbols: ['POWER_RESET_SYSCON'], reason: 'reboot, and a panic, end the emulator', wanted: true },
        {
          symbols: ['HW_RANDOM_VIRTIO', 'VIRTIO_PCI', 'PCI_QUIRKS'],
          reason: "the host's random numbers, before the first container waits for some",
          wanted: true,
        },
      ],
      initramfs: [
        { symbols: ['BLK_DEV_INITRD'], reason: 'malta boots an initramfs only with it' },
        { symbols: ['RD_GZIP'], reason: 'the initramfs is compressed with gzip' },
      ],
      disk: [
        { symbols: ['VIRTIO_PCI'], reason: 'the root disk is on the PCI bus' },
        { symbols: ['VIRTIO_BLK'], reason: 'the root disk is a virtio disk' },
        {
          symbols: ['PCI_QUIRKS'],
          // arch/mips/pci/fixup-malta.c
          reason: 'malta routes PCI interrupts in one: without it the disk has none',
        },
      ],
      network: [
        { symbols: ['VIRTIO_PCI'], reason: 'the network card is on the PCI bus' },
        { symbols: ['VIRTIO_NET'], reason: 'the network card is a virtio device' },
        { symbols: ['PCI_QUIRKS'], reason: 'without it the network card has no interrupt' },
      ],
    },
    // SMP is there only with one of the ways in which MIPS has several processors; malta_defconfig has this one.
    prerequisites: [{ symbol: 'SMP', needs: ['MIPS_MT_SMP'] }],
  },
};
