import { inVersionRange, type VersionRange } from '../base/compare-versions.ts';

/** A device node that the kernel makes, and the symbols that it cannot exist without. */
interface DeviceNode extends VersionRange {
  /** The path below /dev. */
  readonly node: RegExp;
  /** Without `CONFIG_`. All of them are needed, but even with all set the hardware may be missing. */
  readonly symbols: readonly string[];
}

/*
 * Nodes that only one driver or subsystem makes (Documentation/admin-guide/devices.txt, and the names in misc_register(),
 * device_create() and the devnode functions of Linux 6.1). If vendors' drivers make nodes of the same name, only the
 * symbols that all of them need are listed, or the node is left out.
 */
const deviceNodes: readonly DeviceNode[] = [
  { node: /^net\/tun$/, symbols: ['TUN'] },
  { node: /^ppp$/, symbols: ['PPP'] },
  { node: /^vhost-net$/, symbols: ['VHOST_NET'] },
  { node: /^rfkill$/, symbols: ['RFKILL'] },

  { node: /^fuse$/, symbols: ['FUSE_FS'] },
  { node: /^cuse$/, symbols: ['CUSE'] },
  { node: /^autofs$/, symbols: ['AUTOFS_FS'], since: '4.18' },
  { node: /^autofs$/, symbols: ['AUTOFS4_FS'], until: '4.17' },
  { node: /^btrfs-control$/, symbols: ['BTRFS_FS'] },

  { node: /^loop(?:-control|\d+)$/, symbols: ['BLK_DEV_LOOP'] },
  { node: /^nbd\d+$/, symbols: ['BLK_DEV_NBD'] },
  { node: /^ram\d+$/, symbols: ['BLK_DEV_RAM'] },
  { node: /^zram(?:\d+|-control)$/, symbols: ['ZRAM'] },
  { node: /^mapper\/control$/, symbols: ['BLK_DEV_DM'] },
  { node: /^md\d+$/, symbols: ['BLK_DEV_MD'] },
  { node: /^sd[a-z]+\d*$/, symbols: ['BLK_DEV_SD'] },
  { node: /^sr\d+$/, symbols: ['BLK_DEV_SR'] },
  { node: /^sg\d+$/, symbols: ['CHR_DEV_SG'] },
  { node: /^mmcblk\d/, symbols: ['MMC_BLOCK'] },
  { node: /^nvme\d+n\d+/, symbols: ['BLK_DEV_NVME'] },
  { node: /^mtd\d+(?:ro)?$/, symbols: ['MTD'] },
  { node: /^mtdblock\d+$/, symbols: ['MTD', 'BLOCK'] },
  { node: /^ubi(?:_ctrl|\d+(?:_\d+)?)$/, symbols: ['MTD_UBI'] },
  { node: /^ubiblock\d+_\d+$/, symbols: ['MTD_UBI_BLOCK'] },

  { node: /^watchdog\d*$/, symbols: ['WATCHDOG'] },
  { node: /^rtc\d+$/, symbols: ['RTC_CLASS', 'RTC_INTF_DEV'] },
  { node: /^i2c-\d+$/, symbols: ['I2C_CHARDEV'] },
  { node: /^spidev\d+\.\d+$/, symbols: ['SPI_SPIDEV'] },
  { node: /^gpiochip\d+$/, symbols: ['GPIOLIB'], since: '4.6' },
  { node: /^gpiochip\d+$/, symbols: ['GPIO_CDEV'], since: '5.10' },
  { node: /^iio:device\d+$/, symbols: ['IIO'] },
  { node: /^uio\d+$/, symbols: ['UIO'] },
  { node: /^pps\d+$/, symbols: ['PPS'] },
  { node: /^ptp\d+$/, symbols: ['PTP_1588_CLOCK'] },
  { node: /^hwrng$/, symbols: ['HW_RANDOM'] },
  { node: /^tpm(?:rm)?\d+$/, symbols: ['TCG_TPM'] },
  { node: /^nvram$/, symbols: ['NVRAM'] },

  { node: /^mem$/, symbols: ['DEVMEM'], since: '4.0' },
  { node: /^kmem$/, symbols: ['DEVKMEM'], until: '5.12' },
  { node: /^port$/, symbols: ['DEVPORT'], since: '2.6.35' },
  { node: /^kmsg$/, symbols: ['PRINTK'] },
  { node: /^kvm$/, symbols: ['KVM'] },
  { node: /^vfio(?:$|\/)/, symbols: ['VFIO'] },
  { node: /^snapshot$/, symbols: ['HIBERNATION'] },
  { node: /^userfaultfd$/, symbols: ['USERFAULTFD'], since: '6.1' },
  { node: /^(?:hw|vnd)?binder$/, symbols: ['ANDROID_BINDER_IPC'] },

  { node: /^input(?:$|\/)/, symbols: ['INPUT'] },
  { node: /^input\/event\d+$/, symbols: ['INPUT_EVDEV'] },
  { node: /^input\/(?:mice|mouse\d+)$/, symbols: ['INPUT_MOUSEDEV'] },
  { node: /^input\/js\d+$/, symbols: ['INPUT_JOYDEV'] },
  { node: /^(?:input\/)?uinput$/, symbols: ['INPUT_UINPUT'] },
  { node: /^uhid$/, symbols: ['UHID'] },
  { node: /^hidraw\d+$/, symbols: ['HIDRAW'] },
  { node: /^lirc\d+$/, symbols: ['LIRC'], since: '4.16' },

  { node: /^snd(?:$|\/)/, symbols: ['SOUND', 'SND'] },
  { node: /^snd\/pcm/, symbols: ['SND_PCM'] },
  { node: /^snd\/timer$/, symbols: ['SND_TIMER'] },
  { node: /^snd\/seq$/, symbols: ['SND_SEQUENCER'] },
  { node: /^snd\/midi/, symbols: ['SND_RAWMIDI'] },

  { node: /^video\d+$/, symbols: ['VIDEO_DEV'] },
  { node: /^v4l-subdev\d+$/, symbols: ['VIDEO_V4L2_SUBDEV_API'] },
  { node: /^dvb(?:$|\/)/, symbols: ['DVB_CORE'] },
  { node: /^cec\d+$/, symbols: ['CEC_CORE'], since: '4.10' },
  { node: /^dri(?:$|\/)/, symbols: ['DRM'] },
  { node: /^fb\d+$/, symbols: ['FB'] },

  { node: /^bus\/usb(?:$|\/)/, symbols: ['USB'] },
  { node: /^usbmon\d+$/, symbols: ['USB_MON'] },
  { node: /^usb\/lp\d+$/, symbols: ['USB_PRINTER'] },
  { node: /^ttyUSB\d+$/, symbols: ['USB_SERIAL'] },
  { node: /^ttyACM\d+$/, symbols: ['USB_ACM'] },
  { node: /^ttyGS\d+$/, symbols: ['USB_GADGET'] },
  { node: /^ttyAMA\d+$/, symbols: ['SERIAL_AMBA_PL011'] },
  { node: /^tty[A-Z]*\d*$/, symbols: ['TTY'], since: '3.9' },
  { node: /^tty\d+$/, symbols: ['VT'] },
  { node: /^vcsa?\d*$/, symbols: ['VT'] },
  { node: /^(?:ptmx|pts\/ptmx)$/, symbols: ['UNIX98_PTYS'] },
];

/*
 * Files of /proc and /sys that exist only with one part of the kernel. Everything below them needs the same.
 */
const kernelFiles: readonly { readonly path: string; readonly symbols: readonly string[] }[] = [
  { path: '/proc/config.gz', symbols: ['IKCONFIG_PROC'] },
  { path: '/proc/kallsyms', symbols: ['KALLSYMS'] },
  { path: '/proc/modules', symbols: ['MODULES'] },
  { path: '/proc/mtd', symbols: ['MTD'] },
  { path: '/proc/swaps', symbols: ['SWAP'] },
  { path: '/proc/sysvipc', symbols: ['SYSVIPC'] },
  { path: '/proc/bus/input', symbols: ['INPUT'] },
  { path: '/proc/bus/pci', symbols: ['PCI'] },
  { path: '/proc/asound', symbols: ['SND'] },
  { path: '/sys/kernel/debug', symbols: ['DEBUG_FS'] },
  { path: '/sys/kernel/security', symbols: ['SECURITYFS'] },
  { path: '/sys/kernel/config', symbols: ['CONFIGFS_FS'] },
  { path: '/sys/fs/fuse', symbols: ['FUSE_FS'] },
  { path: '/sys/class/gpio', symbols: ['GPIO_SYSFS'] },
  { path: '/sys/class/leds', symbols: ['LEDS_CLASS'] },
  { path: '/sys/class/pwm', symbols: ['PWM'] },
  { path: '/sys/class/rtc', symbols: ['RTC_CLASS'] },
  { path: '/sys/class/thermal', symbols: ['THERMAL'] },
  { path: '/sys/class/input', symbols: ['INPUT'] },
  { path: '/sys/class/sound', symbols: ['SND'] },
  { path: '/sys/class/backlight', symbols: ['BACKLIGHT_CLASS_DEVICE'] },
];

/** Returns the symbols that a file below /dev, /proc or /sys needs, without `CONFIG_`; empty when the tables do not list it. */
export function symbolsOfNode(path: string, kernelVersion: string): string[] {
  const name = path.replace(/^\/dev\//, '');
  if (name === path) {
    return kernelFiles
      .filter((file) => path === file.path || path.startsWith(`${file.path}/`))
      .flatMap(({ symbols }) => symbols);
  }
  return deviceNodes
    .filter(({ node, ...range }) => node.test(name) && inVersionRange(kernelVersion, range))
    .flatMap(({ symbols }) => symbols);
}
