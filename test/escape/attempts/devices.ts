import type { Attempt, AttemptClass } from '../attempt.ts';

const typing = (cls: AttemptClass, id: string, tries: string, needs: readonly string[] = []): Attempt => ({
  id,
  class: cls,
  tries,
  needs,
  witness: `typed ${id}`,
});

const opening = (id: string, what: string, symbol: string): Attempt => ({
  id,
  class: 'devices',
  tries: `opens ${what} through a node of its own`,
  needs: [symbol],
  witness: `stays ${id}`,
});

/** Uses of a device node. */
export const deviceAttempts: readonly Attempt[] = [
  {
    id: 'disk-read',
    class: 'devices',
    tries: "reads the disk with the device's root through a node of its own",
    root: 'disk',
    witness: 'told disk-read "$secret"',
  },
  {
    id: 'disk-write',
    class: 'devices',
    tries: 'writes to that disk, between boot sector and file system',
    root: 'disk',
    witness: '$P disk-mark /dev/vda 768 | grep -qx "disk-write $name"',
  },
  {
    id: 'disk-mount',
    class: 'devices',
    tries: 'mounts that disk and writes a file',
    root: 'disk',
    witness: 'reached disk-mount',
  },
  {
    id: 'disk-read-only',
    class: 'devices',
    tries: 'makes that disk read-only (BLKROSET)',
    root: 'disk',
    alone: 'one 10 disk-read-only; [ "$(blockdev --getro /dev/vda)" = 1 ]',
    witness: 'the disk is read-only',
  },
  {
    id: 'disk-node',
    class: 'setuid',
    tries: 'leaves a node of that disk in its root, which any user of the device can open',
    root: 'disk',
    witness: '[ "$($P as-nobody $P disk-mark "$root/escape-disk" 512)" = "$secret" ]',
  },
  {
    id: 'dev-mem',
    class: 'kernel memory',
    tries: 'reads and writes physical memory (/dev/mem)',
    needs: ['DEVMEM'],
    witness: 'stays dev-mem',
  },
  {
    id: 'dev-port',
    class: 'kernel memory',
    tries: 'reads and writes I/O ports (/dev/port)',
    needs: ['DEVPORT'],
    witness: 'stays dev-port',
  },
  {
    id: 'kmsg-write',
    class: 'devices',
    tries: "writes into the kernel's log through a node of /dev/kmsg",
    witness: 'logged kmsg-write',
  },
  {
    id: 'kmsg-read',
    class: 'devices',
    tries: "reads the kernel's log through such a node",
    witness: 'told kmsg-read "$mark"',
  },
  typing(
    'terminals',
    'serial-type',
    'types a command into the serial console, through a node 4:64 (TIOCSTI)',
  ),
  typing('terminals', 'console-type', 'types into the console, through a node 5:1'),
  typing('terminals', 'vt-type', 'types into the screen, through a node 4:0', ['VT']),
  typing('terminals', 'own-console-type', 'types into its own /dev/console, should that be the device’s'),
  typing('terminals', 'own-tty0-type', 'types into its own /dev/tty0', ['VT']),
  typing('terminals', 'devtmpfs-type', 'mounts devtmpfs and types into its ttyS0'),
  {
    id: 'devtmpfs-file',
    class: 'devices',
    tries: "mounts devtmpfs and makes a file in it, which is the device's /dev",
    witness: '[ -e /dev/devtmpfs-file ]',
  },
  {
    id: 'clock-chip',
    class: 'time',
    tries: 'sets the clock chip through a node of its own',
    needs: ['RTC_INTF_DEV'],
    witness: 'grep -q ^2044 /sys/class/rtc/rtc0/date',
  },
  opening('watchdog-open', 'the watchdog, which restarts the device', 'WATCHDOG'),
  opening('loop-open', 'the loop device', 'BLK_DEV_LOOP'),
  // A flash chip that only the kernel has: no other is in the emulator.
  opening('mtd-open', 'the flash', 'MTD_MTDRAM'),
  opening('tun-open', '/dev/net/tun', 'TUN'),
  opening('fuse-open', '/dev/fuse', 'FUSE_FS'),
  opening('hwrng-open', "the processor's random numbers", 'HW_RANDOM'),
  opening('serial-open', 'a serial port', 'SERIAL_8250'),
];
