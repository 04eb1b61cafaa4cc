/**
 * Symbols that open what Kconfig deliberately keeps closed, with the reason. They are switched on only when the user names
 * them. `usable`: naming them can make sense on a device.
 */
export const gates: ReadonlyMap<string, { readonly why: string; readonly usable: boolean }> = new Map([
  ['COMPILE_TEST', { why: 'builds drivers for machines other than this one', usable: false }],
  ['BROKEN', { why: 'opens what is known not to work', usable: false }],
  ['KUNIT_ALL_TESTS', { why: 'builds the tests of the kernel', usable: false }],
  ['EXPERT', { why: 'opens settings that are safe by default', usable: true }],
  ['EMBEDDED', { why: 'switches EXPERT on', usable: true }],
]);

/** Symbols that programs and containers rely on without asking: never switched off to make room for another. */
export const neverOff: ReadonlySet<string> = new Set([
  ...[
    'AIO',
    'BINFMT_ELF',
    'BINFMT_SCRIPT',
    'BLK_DEV_INITRD',
    'BLOCK',
    'BUG',
    'CGROUPS',
    'DEVMEM',
    'DEVTMPFS',
  ],
  ...['EPOLL', 'EVENTFD', 'FHANDLE', 'FILE_LOCKING', 'FUTEX', 'INET', 'INOTIFY_USER', 'KALLSYMS', 'MMU'],
  ...['MODULES', 'MULTIUSER', 'NAMESPACES', 'NET', 'PCI', 'POSIX_TIMERS', 'PRINTK', 'PROC_FS', 'PROC_SYSCTL'],
  ...['SECCOMP', 'SHMEM', 'SIGNALFD', 'SMP', 'STACKPROTECTOR', 'STRICT_DEVMEM', 'STRICT_KERNEL_RWX', 'SYSFS'],
  ...['SYSVIPC', 'TIMERFD', 'TMPFS', 'TTY', 'UNIX', 'UNIX98_PTYS'],
]);
