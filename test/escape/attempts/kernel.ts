import type { Attempt, AttemptClass } from '../attempt.ts';

interface Setting {
  readonly id: string;
  readonly file: string;
  readonly value: string;
  /** Put there before, where the device may have that value already. */
  readonly before?: string;
  readonly needs?: readonly string[];
  readonly root?: 'disk';
  readonly class?: AttemptClass;
}

/** Settings of the whole kernel, and a value that no device has by itself. */
const SETTINGS: readonly Setting[] = [
  {
    id: 'core-pattern',
    file: '/proc/sys/kernel/core_pattern',
    value: '|/root/escape/core-pattern',
    needs: ['COREDUMP'],
  },
  {
    id: 'modprobe-path',
    file: '/proc/sys/kernel/modprobe',
    value: '/root/escape/modprobe',
    needs: ['MODULES'],
    class: 'modules',
  },
  {
    id: 'uevent-helper',
    file: '/sys/kernel/uevent_helper',
    value: '/root/escape/hotplug',
    needs: ['UEVENT_HELPER'],
  },
  { id: 'sysctl-panic', file: '/proc/sys/kernel/panic', value: '4321' },
  { id: 'sysctl-overcommit', file: '/proc/sys/vm/overcommit_ratio', value: '43' },
  { id: 'sysctl-aslr', file: '/proc/sys/kernel/randomize_va_space', value: '0', before: '1' },
  { id: 'sysctl-printk', file: '/proc/sys/kernel/printk_ratelimit', value: '4321' },
  { id: 'sysctl-links', file: '/proc/sys/fs/protected_hardlinks', value: '0', before: '1' },
  { id: 'sysctl-pid-max', file: '/proc/sys/kernel/pid_max', value: '4321', class: 'processes' },
  { id: 'sysctl-file-max', file: '/proc/sys/fs/file-max', value: '43210' },
  { id: 'sysctl-min-free', file: '/proc/sys/vm/min_free_kbytes', value: '1432', class: 'memory' },
  { id: 'sysctl-threads', file: '/proc/sys/kernel/threads-max', value: '1432', class: 'processes' },
  { id: 'sysctl-laptop', file: '/proc/sys/vm/laptop_mode', value: '7' },
  { id: 'sys-read-ahead', file: '/sys/block/vda/queue/read_ahead_kb', value: '176', root: 'disk' },
  { id: 'sys-module', file: '/sys/module/printk/parameters/console_suspend', value: 'N', before: 'Y' },
  {
    id: 'pci-override',
    file: '/sys/bus/pci/devices/0000:00:00.0/driver_override',
    value: 'escape',
    before: '',
    class: 'PCI',
  },
  {
    id: 'net-sysctl',
    file: '/proc/sys/net/ipv4/conf/all/log_martians',
    value: '1',
    before: '0',
    class: 'network',
  },
  { id: 'net-budget', file: '/proc/sys/net/core/netdev_budget', value: '321', class: 'network' },
];

/** The files whose content is put back after each container. */
export const keptFiles: readonly string[] = [
  ...SETTINGS.filter(({ class: cls }) => cls !== 'PCI').map(({ file }) => file),
  ...['time', 'ignore_loglevel'].map((name) => `/sys/module/printk/parameters/${name}`),
  '/proc/sys/kernel/sched_rt_runtime_us',
  '/proc/sys/kernel/printk',
  '/proc/sys/kernel/printk_devkmsg',
];

const setting = ({ id, file, value, before, needs, root, class: cls }: Setting): Attempt => ({
  id,
  class: cls ?? 'proc and sysfs',
  tries: `writes ${file}`,
  witness: `becomes ${file} '${value}'`,
  ...(before === undefined ? {} : { before: `echo '${before}' > ${file}` }),
  ...(needs === undefined ? {} : { needs }),
  ...(root === undefined ? {} : { root }),
});

const taken = (id: string, tries: string, needs: readonly string[], cls: AttemptClass): Attempt => ({
  id,
  class: cls,
  tries,
  needs,
  // The system call got as far as its arguments, which are wrong on purpose.
  witness: `told ${id} taken`,
});

const removed = (id: string, device: string): Attempt => ({
  id,
  class: 'PCI',
  tries: `takes ${device} off the PCI bus through sysfs`,
  needs: ['PCI'],
  witness: `[ ! -e /sys/bus/pci/devices/${device} ]`,
});

const configByte = (id: string, way: string, offset: number, value: string): Attempt => ({
  id,
  class: 'PCI',
  tries: `writes the configuration of a PCI device through ${way}`,
  needs: ['PCI'],
  before: `printf "\\000" | dd of=/sys/bus/pci/devices/0000:00:00.0/config bs=1 seek=${offset} conv=notrunc 2>/dev/null`,
  witness: `[ "$(hexdump -s ${offset} -n 1 -e '1/1 "%02x"' /sys/bus/pci/devices/0000:00:00.0/config)" = ${value} ]`,
});

const staying = (cls: AttemptClass, id: string, tries: string, check: string): Attempt => ({
  id,
  class: cls,
  tries,
  witness: `stays ${id} && ${check}`,
});

const clock = (id: string, tries: string, days: number): Attempt => ({
  id,
  class: 'time',
  tries,
  witness: `[ $(($(days) & ${days})) = ${days} ]`,
});

/** Everything that belongs to the whole kernel. */
export const kernelAttempts: readonly Attempt[] = [
  ...SETTINGS.map(setting),
  {
    id: 'sysrq',
    class: 'proc and sysfs',
    tries: 'gives orders to the kernel (/proc/sysrq-trigger)',
    needs: ['MAGIC_SYSRQ'],
    witness: 'grep -q "sysrq: HELP" $S/log',
  },
  {
    id: 'sys-power',
    class: 'proc and sysfs',
    tries: 'keeps the device awake (/sys/power/wake_lock)',
    needs: ['PM_WAKELOCKS'],
    witness: 'grep -q escape /sys/power/wake_lock',
  },
  {
    id: 'kcore',
    class: 'kernel memory',
    tries: "reads the kernel's memory (/proc/kcore)",
    needs: ['PROC_KCORE'],
    witness: 'stays kcore',
  },
  {
    id: 'kernel-addresses',
    class: 'kernel memory',
    tries: "reads the kernel's addresses (/proc/kallsyms)",
    needs: ['KALLSYMS'],
    opens: 'echo 0 > /proc/sys/kernel/kptr_restrict',
    witness: 'grep "^told kernel-addresses " $S/out | grep -qv " 00* [Tt] "',
  },
  {
    id: 'log-read',
    class: 'kernel memory',
    tries: "reads the kernel's log (syslog(2))",
    witness: 'told log-read "$mark"',
  },
  {
    id: 'console-level',
    class: 'proc and sysfs',
    tries: 'chooses what the kernel prints on the console (syslog(2))',
    witness: 'grep -q "^2[^0-9]" /proc/sys/kernel/printk',
  },
  configByte('pci-proc', '/proc/bus/pci', 12, '51'),
  configByte('pci-sysfs', 'sysfs', 60, '52'),
  removed('pci-remove', '0000:00:0a.2'),
  removed('pci-remove-2', '0000:00:0a.3'),
  taken('init-module', 'loads a module by init_module(2)', ['MODULES'], 'modules'),
  taken('finit-module', 'loads a module by finit_module(2)', ['MODULES'], 'modules'),
  taken('delete-module', 'removes a module', ['MODULE_UNLOAD'], 'modules'),
  taken('kexec', 'loads another kernel', ['KEXEC'], 'modules'),
  taken('swapon', 'swaps to a file of its own', ['SWAP'], 'memory'),
  taken('quotactl', 'writes quotas to disk', ['QUOTACTL'], 'disk'),
  {
    id: 'acct',
    class: 'proc and sysfs',
    tries: 'has the kernel write down every process of the device (acct(2))',
    needs: ['BSD_PROCESS_ACCT'],
    witness: 'told acct on',
  },
  clock('clock-set', "sets the device's clock (clock_settime)", 1),
  clock('time-of-day', "sets the device's clock (settimeofday)", 2),
  clock('clock-step', "moves the device's clock (adjtimex)", 4),
  {
    id: 'clock-tick',
    class: 'time',
    tries: "slows the device's clock down (adjtimex)",
    witness: '[ "$($P tick)" = 9950 ]',
  },
  staying(
    'memory',
    'oom-score',
    'is never chosen when memory runs out (oom_score_adj)',
    '[ "$(cat /proc/$process/oom_score_adj)" = -1000 ]',
  ),
  staying(
    'processes',
    'real-time',
    'runs with a real-time priority',
    '[ "$(cut -d" " -f41 /proc/$process/stat)" = 1 ]',
  ),
  staying(
    'processes',
    'nice',
    "runs before the device's processes (nice -20)",
    '[ "$(cut -d" " -f19 /proc/$process/stat)" = -20 ]',
  ),
  staying(
    'disk',
    'io-class',
    'reads and writes before all others (ioprio_set)',
    'ionice -p "$process" | grep -q realtime',
  ),
  staying(
    'memory',
    'lock-memory',
    'locks memory above the limit',
    '[ "$(sed -n "s/^VmLck:[^0-9]*\\([0-9]*\\).*/\\1/p" /proc/$process/status)" -ge 12288 ]',
  ),
  staying(
    'processes',
    'more-files',
    'raises a hard limit',
    'grep -q "^Max open files *1048576" /proc/$process/limits',
  ),
];
