import type { Capability } from '../base/linux-names.ts';
import type { SystemCallTraits } from '../toolchain/architectures.ts';

/**
 * System calls of a container, in the words of libseccomp (seccomp_syscall_resolve_name(3)).
 *
 * Which calls are allowed follows Docker's default profile (github.com/moby/moby, profiles/seccomp/default.json, of
 * 2022), without io_uring, which newer ones leave out too. A call that is in no row gets ENOSYS: libc then uses an older
 * one. To add a call, add it to a row; to add a condition, add a row.
 */
export interface SystemCalls {
  readonly calls: readonly string[];
  /** Allowed only when the container keeps one of these capabilities. */
  readonly capabilities?: readonly Capability[];
  /** Allowed from this kernel on without the capability. */
  readonly sinceKernel?: string;
  /** The values of `ARCH=` of kernels that have them; all when undefined. */
  readonly kernelArchs?: readonly string[];
  /** Whether only kernels with multiplexed calls have them. */
  readonly multiplexed?: true;
}

/** A call that is allowed only with some arguments. */
export interface FilteredCall {
  readonly call: string;
  /** With this capability every argument is allowed. */
  readonly capability?: Capability;
  /** Each condition allows the call. */
  readonly allowed: readonly ArgumentCondition[];
  /** Each condition refuses the call in a deny list. */
  readonly denied: readonly ArgumentCondition[];
  /** The fate of the call where arguments cannot be filtered. */
  readonly otherwise: 'allow' | 'deny';
  /** A socket call: where the kernel also has it in a multiplexed call, libseccomp cannot filter its arguments. */
  readonly socket?: true;
}

/** A condition of one argument; `mask` belongs to `masked` and says which bits are compared. */
export interface ArgumentCondition {
  readonly argument: number;
  readonly is: 'equal' | 'other' | 'less' | 'masked';
  readonly value: number;
  readonly mask?: number;
}

/** The properties of an architecture that its filters depend on. */
export interface CallTraits extends SystemCallTraits {
  /** The bits of a system call's argument. */
  readonly bits: 32 | 64;
}

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET (the kernel's include/uapi/linux/sched.h). */
const NAMESPACES = 0x7e020000;
const CLONE_NEWUSER = 0x10000000;

/** AF_ALG and AF_VSOCK: the families before them are those of ordinary networks (include/linux/socket.h). */
const AF_ALG = 38;
const AF_VSOCK = 40;

/** The personalities of Docker's profile: Linux and Linux32, each with UNAME26, and the question for the present one. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** ADDR_NO_RANDOMIZE and READ_IMPLIES_EXEC (include/uapi/linux/personality.h). */
const WEAKER_PERSONALITIES = [0x0040000, 0x0400000];
/** Set only in the question for the present personality, 0xffffffff. */
const QUESTION_BIT = 0x80000000;

/** Returns the calls whose arguments are filtered. */
export function filteredCalls({ bits, tiocsti }: CallTraits): readonly FilteredCall[] {
  return [
    {
      call: 'clone',
      capability: 'sys_admin',
      allowed: [{ argument: 0, is: 'masked', value: 0, mask: NAMESPACES }],
      denied: [{ argument: 0, is: 'masked', value: CLONE_NEWUSER, mask: CLONE_NEWUSER }],
      otherwise: 'allow',
    },
    {
      call: 'socket',
      allowed: [{ argument: 0, is: 'less', value: AF_ALG }],
      denied: [AF_ALG, AF_VSOCK].map((value) => ({ argument: 0, is: 'masked', value, mask: ALL_BITS })),
      otherwise: 'allow',
      socket: true,
    },
    {
      call: 'personality',
      allowed: PERSONALITIES.map((value) => ({ argument: 0, is: 'equal', value })),
      denied: WEAKER_PERSONALITIES.map((value) => ({
        argument: 0,
        is: 'masked',
        value,
        mask: value + QUESTION_BIT,
      })),
      otherwise: 'deny',
    },
    {
      call: 'ioctl',
      allowed: bits === 32 ? [{ argument: 1, is: 'other', value: tiocsti }] : anyBitOtherThan(1, tiocsti),
      denied: [{ argument: 1, is: 'masked', value: tiocsti, mask: ALL_BITS }],
      otherwise: 'allow',
    },
  ];
}

const ALL_BITS = 0xffffffff;

/**
 * Returns conditions for "the lower 32 bits are not this value", one for each bit. The kernel takes these bits from a
 * register of 64, so a comparison of the whole register would miss a value with other upper bits.
 */
function anyBitOtherThan(argument: number, value: number): ArgumentCondition[] {
  return Array.from({ length: 32 }, (_, bit) => {
    const mask = 2 ** bit;
    const isSet = Math.floor(value / mask) % 2 === 1;
    return { argument, is: 'masked', value: isSet ? 0 : mask, mask };
  });
}

/**
 * clone3 has its flags in memory, where no filter sees them. It is always refused with ENOSYS, so that libc uses clone.
 */
export const UNFILTERABLE_CLONE = 'clone3';

/** The calls that every container may make. */
export const allowedCalls: readonly SystemCalls[] = [
  {
    calls: `
      accept accept4 access adjtimex alarm bind brk capget capset chdir chmod chown chown32 clock_adjtime
      clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
      clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1
      epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit
      exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchown
      fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64
      fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_time64 futex_waitv futimesat get_robust_list
      get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups
      getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32
      getresuid getresuid32 getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getuid32
      getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents
      io_pgetevents io_pgetevents_time64 io_setup io_submit ioprio_get ioprio_set ipc kill landlock_add_rule
      landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listxattr llistxattr
      _llseek lremovexattr lseek lsetxattr lstat lstat64 madvise membarrier memfd_create memfd_secret mincore mkdir
      mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive
      mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock
      munlockall munmap name_to_handle_at nanosleep newfstatat _newselect open openat openat2 pause pidfd_open
      pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv
      preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead readlink
      readlinkat readv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr rename renameat
      renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
      rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr
      sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval
      sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp
      select semctl semget semop semtimedop semtimedop_time64 sendfile sendfile64 sendmmsg sendmsg sendto set_robust_list
      set_thread_area set_tid_address setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32
      setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32
      setrlimit setsid setsockopt setuid setuid32 setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd
      signalfd4 sigprocmask sigreturn socketcall socketpair splice stat stat64 statfs statfs64 statx symlink symlinkat
      sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime
      timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
      timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat utime utimensat
      utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write writev`
      .trim()
      .split(/\s+/),
  },
  { calls: ['recv', 'send'], multiplexed: true },
  // Code made at run time: just-in-time compilers, and functions within functions of C.
  { calls: ['cacheflush'], kernelArchs: ['mips', 'arm', 'arm64'] },
  {
    calls: ['arm_fadvise64_64', 'arm_sync_file_range', 'sync_file_range2', 'breakpoint', 'set_tls'],
    kernelArchs: ['arm', 'arm64'],
  },
];

/** The calls that a container may make only with a capability or a newer kernel; others are refused with EPERM. */
export const conditionalCalls: readonly SystemCalls[] = [
  // Before 4.8 a traced process could get around its filter (seccomp(2)).
  {
    calls: ['ptrace', 'process_vm_readv', 'process_vm_writev'],
    capabilities: ['sys_ptrace'],
    sinceKernel: '4.8',
  },
  { calls: ['kcmp', 'pidfd_getfd', 'process_madvise'], capabilities: ['sys_ptrace'] },
  { calls: ['open_by_handle_at'], capabilities: ['dac_read_search'] },
  {
    calls: `
      fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree pivot_root
      quotactl quotactl_fd setdomainname sethostname setns swapoff swapon umount umount2 unshare`
      .trim()
      .split(/\s+/),
    capabilities: ['sys_admin'],
  },
  { calls: ['bpf'], capabilities: ['sys_admin', 'bpf'] },
  { calls: ['perf_event_open'], capabilities: ['sys_admin', 'perfmon'] },
  { calls: ['syslog'], capabilities: ['sys_admin', 'syslog'] },
  { calls: ['reboot'], capabilities: ['sys_boot'] },
  { calls: ['chroot'], capabilities: ['sys_chroot'] },
  { calls: ['init_module', 'finit_module', 'delete_module'], capabilities: ['sys_module'] },
  { calls: ['acct'], capabilities: ['sys_pacct'] },
  { calls: ['iopl', 'ioperm'], capabilities: ['sys_rawio'] },
  { calls: ['settimeofday', 'stime', 'clock_settime', 'clock_settime64'], capabilities: ['sys_time'] },
  { calls: ['vhangup'], capabilities: ['sys_tty_config'] },
  {
    calls: [
      'get_mempolicy',
      'mbind',
      'migrate_pages',
      'move_pages',
      'set_mempolicy',
      'set_mempolicy_home_node',
    ],
    capabilities: ['sys_nice'],
  },
  // No capability allows them: they are of no use in a container, or the kernel keeps no containers apart in them.
  {
    calls: `
      _sysctl add_key afs_syscall bdflush create_module get_kernel_syms getpmsg idle io_uring_enter io_uring_register
      io_uring_setup kexec_file_load kexec_load keyctl modify_ldt nfsservctl pciconfig_iobase pciconfig_read
      pciconfig_write putpmsg query_module request_key security sysfs sysmips tuxcall uselib userfaultfd ustat vm86
      vm86old vserver`
      .trim()
      .split(/\s+/),
  },
];
