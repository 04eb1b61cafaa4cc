import type { Prerequisite, SymbolNeed } from '../kernel-needs/symbol-need.ts';

/** How the guest gets its root filesystem. */
export type GuestRootKind =
  | { readonly kind: 'initramfs' }
  | {
      readonly kind: 'disk';
      /** The kernel's name for the file system. */
      readonly fsType: string;
      readonly readOnly: boolean;
      /** The symbol of the driver that mounts it. */
      readonly need: NeededSymbol;
    };

/** A root filesystem and the image it is in. */
export type GuestRoot = GuestRootKind & { readonly file: string };

/** A kernel symbol that the emulator needs as `y`, and what does not work without it. */
export interface NeededSymbol {
  readonly symbol: string;
  readonly reason: string;
}

/** A serial port of the guest for lxc-kit's own shell. */
export interface CommandPort {
  /** The kernel's name for it, and its numbers (Documentation/admin-guide/devices.txt). */
  readonly name: string;
  readonly major: number;
  readonly minor: number;
  /** QEMU's options that make the character device `commands` this port; they follow the one for the console. */
  readonly options: readonly string[];
  /** How many 8250 ports the kernel must have for it; see `CONFIG_SERIAL_8250_RUNTIME_UARTS`. */
  readonly needs8250Ports: number;
}

/** One emulated machine, with everything that lxc-kit knows about it. */
export interface Machine {
  /** QEMU's name for it, for `-M`. */
  readonly name: string;
  /** The QEMU programs that emulate it, by the board's architecture. */
  readonly programs: Readonly<Record<string, { readonly program: string; readonly debianPackage: string }>>;
  /** QEMU's processor and memory, unless the profile names others. */
  readonly cpu: string;
  readonly memory: string;
  /** The make target of the kernel that QEMU boots. */
  readonly kernelImage: string;
  /** The fragment of kconfig-fragments/ with the symbols that a kernel needs for it. */
  readonly fragment: string;
  /** The options that keep QEMU from looking for ROM files, which lie in packages that are not needed here. */
  readonly machineOptions: readonly string[];
  /** The kernel's name for the first serial port: its console. */
  readonly consoleDevice: string;
  /** A serial port that no image uses, for commands and their output; see guest-shell.ts. */
  readonly commandPort: CommandPort;
  /** QEMU's disk controller, and the kernel's name for a disk behind it. */
  readonly disk: { readonly device: string; readonly rootDevice: string };
  /** The options for no network, and QEMU's network card for when there is one. */
  readonly network: { readonly none: readonly string[]; readonly device: string };
  /** QEMU's device that gives the guest random numbers from the host. */
  readonly randomDevice: string;
  /** The prefix of the kernel's defconfigs for it. */
  readonly defconfigPrefix: string;
  /** The symbols its kernel needs: always, and for each kind of root filesystem. Those marked `wanted` are not needed to boot. */
  readonly symbols: {
    readonly always: readonly SymbolNeed[];
    readonly initramfs: readonly SymbolNeed[];
    readonly disk: readonly SymbolNeed[];
    readonly network: readonly SymbolNeed[];
  };
  /** Dependencies of symbols that are specific to this machine. */
  readonly prerequisites: readonly Prerequisite[];
}

/** The emulated machines, by the name a board profile uses in `emulator.machine`. */
export const machines = {
  malta: {
    name: 'malta',
    programs: { mipsel: { program: 'qemu-system-mipsel', debianPackage: 'qemu-system-mips' } },
    cpu: '24Kf',
    memory: '256M',
    kernelImage: 'vmlinux',
    fragment: 'malta',
    machineOptions: ['-vga', 'none'],
    consoleDevice: 'ttyS0',
    // The port of the CBUS (arch/mips/mti-malta/malta-platform.c), so that an image may have a console on ttyS1 too.
    commandPort: {
      name: 'ttyS2',
      major: 4,
      minor: 66,
      options: ['-serial', 'null', '-serial', 'chardev:commands'],
      needs8250Ports: 3,
    },
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
          reason: 'pages as large as one way of the data cache, which avoids aliases',
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
          reason: "the host's random numbers, so that the first container does not wait for them",
          wanted: true,
        },
      ],
      initramfs: [
        { symbols: ['BLK_DEV_INITRD'], reason: 'malta needs it to boot an initramfs' },
        { symbols: ['RD_GZIP'], reason: 'the initramfs is compressed with gzip' },
      ],
      disk: [
        { symbols: ['BLK_DEV_INITRD'], reason: "lxc-kit's own shell comes in an initramfs" },
        { symbols: ['VIRTIO_PCI'], reason: 'the root disk is on the PCI bus' },
        { symbols: ['VIRTIO_BLK'], reason: 'the root disk is a virtio disk' },
        {
          symbols: ['PCI_QUIRKS'],
          // arch/mips/pci/fixup-malta.c
          reason: 'malta routes PCI interrupts in a quirk: without it the disk has no interrupt',
        },
      ],
      network: [
        { symbols: ['VIRTIO_PCI'], reason: 'the network card is on the PCI bus' },
        { symbols: ['VIRTIO_NET'], reason: 'the network card is a virtio device' },
        { symbols: ['PCI_QUIRKS'], reason: 'without it the network card has no interrupt' },
      ],
    },
    // SMP depends on one of the ways in which MIPS has several processors; malta_defconfig uses this one.
    prerequisites: [{ symbol: 'SMP', needs: ['MIPS_MT_SMP'] }],
  },
} as const satisfies Record<string, Machine>;

/** Returns the machine with this name; undefined when lxc-kit does not know it. */
export function findMachine(name: string): Machine | undefined {
  return Object.entries<Machine>(machines).find(([known]) => known === name)?.[1];
}
