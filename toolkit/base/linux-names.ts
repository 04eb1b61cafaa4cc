/** Linux capabilities as LXC writes them, without `cap_` (include/uapi/linux/capability.h, in its order). */
/** The limits of setrlimit(2) by their names in LXC and prlimit(1). */
export const PROCESS_LIMITS = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
] as const;

export const CAPABILITIES = [
  'chown',
  'dac_override',
  'dac_read_search',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setpcap',
  'linux_immutable',
  'net_bind_service',
  'net_broadcast',
  'net_admin',
  'net_raw',
  'ipc_lock',
  'ipc_owner',
  'sys_module',
  'sys_rawio',
  'sys_chroot',
  'sys_ptrace',
  'sys_pacct',
  'sys_admin',
  'sys_boot',
  'sys_nice',
  'sys_resource',
  'sys_time',
  'sys_tty_config',
  'mknod',
  'lease',
  'audit_write',
  'audit_control',
  'setfcap',
  'mac_override',
  'mac_admin',
  'syslog',
  'wake_alarm',
  'block_suspend',
  'audit_read',
  'perfmon',
  'bpf',
  'checkpoint_restore',
] as const;

/** A capability without `CAP_`, as LXC writes it. */
export type Capability = (typeof CAPABILITIES)[number];

/** Device nodes with a name in `devices.allow`; others are given by number ("c 30:0 rwm"). */
export const DEVICE_NAMES = [
  'null',
  'zero',
  'full',
  'random',
  'urandom',
  'kmsg',
  'tty',
  'console',
  'ptmx',
  'pts',
  'tty0',
  'ttyS0',
  'fuse',
  'tun',
] as const;

/** A device that `devices.allow` may name. */
export type DeviceName = (typeof DEVICE_NAMES)[number];

/** Signals as the kernel names them (signal(7)); SIGRTMIN+N and SIGRTMAX-N exist as well. */
export const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGIOT',
  'SIGEMT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGUSR1',
  'SIGSEGV',
  'SIGUSR2',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGSTKFLT',
  'SIGCHLD',
  'SIGCLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGPROF',
  'SIGWINCH',
  'SIGIO',
  'SIGPOLL',
  'SIGINFO',
  'SIGLOST',
  'SIGPWR',
  'SIGUNUSED',
  'SIGSYS',
] as const;

const SIGNAL_NAME = `(?:${SIGNALS.join('|')}|SIGRTMIN(?:\\+[0-9]+)?|SIGRTMAX(?:-[0-9]+)?)`;

/** The name of a signal; real-time signals are counted from the first or the last. */
export const SIGNAL_PATTERN = new RegExp(`^${SIGNAL_NAME}$`);

/** A signal as LXC reads it: by name, in any case, or by number. */
export const SIGNAL_OR_NUMBER = new RegExp(`^(?:${SIGNAL_NAME}|[0-9]+)$`, 'i');
