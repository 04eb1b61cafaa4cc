import { CAPABILITIES } from '../base/linux-names.ts';
import type { VersionRange } from '../base/compare-versions.ts';

/*
 * Every key of the LXC configuration, from LXC 1.0.0 to 7.0.0.
 *
 * Read from the lxc/lxc git history: the key tables of confile.c and confile_legacy.c at all 65 release tags.
 * How values are read was checked by loading configurations with liblxc's own parser.
 *
 * To add a key, add a row; to end one, give it `until`. This is the only place with key names by version.
 */

/** The type of a key's value; `check-value.ts` checks its format. */
export type ValueType =
  | 'string' // anything, to the end of the line
  | 'path'
  | 'bool' // 0 or 1
  | 'uint' // within `range`, if there is one
  | 'int'
  | 'enum' // one of `values`
  | 'words' // separated by spaces; each one of `values`, if there are any
  | 'signal' // SIGTERM, SIGRTMIN+3 or a number
  | 'command'
  | 'environment' // NAME=VALUE
  | 'fstab' // a line as in fstab(5)
  | 'idmap' // u|g CONTAINER HOST COUNT
  | 'id-list' // numbers separated by commas
  | 'map' // for the file that the end of the key names
  | 'limit' // SOFT[:HARD]
  | 'options' // mount options
  | 'size' // with KB, MB or GB, or auto
  | 'duration' // with h, m, s, ms, us or ns
  | 'ifname'
  | 'mac'
  | 'address' // with its prefix length
  | 'gateway' // an address, or one of `values`
  | 'clear'; // no value: it clears the earlier settings

/** Values that a range of releases accepts. */
export interface ValueRange extends VersionRange {
  readonly values: readonly string[];
}

/** Optional libraries of liblxc; built without one, it refuses the keys that need it. */
export type BuildFeature = 'libcap' | 'seccomp' | 'apparmor' | 'selinux';

export interface LxcKey {
  /** As written in a configuration; `<…>` is any text, `[i]` a number. */
  readonly key: string;
  readonly type: ValueType;
  /** The first and the last release that has it; without `until`, the newest has it. */
  readonly since: string;
  readonly until?: string;
  /** Releases in between that lack it. */
  readonly absentIn?: readonly string[];
  /** The key with the same meaning in later releases. */
  readonly replacedBy?: string;
  /** Whether each line adds to earlier ones; otherwise the last line counts. */
  readonly repeated?: true;
  readonly values?: readonly ValueRange[];
  /** The first release that refuses other values; earlier ones only warn. */
  readonly valuesRefusedSince?: string;
  /** The last release that reads the whole value as one word, spaces included. */
  readonly noBlanksUntil?: string;
  /** The smallest and the largest number. */
  readonly range?: readonly [number, number];
  /** Kernel symbols that it needs, without `CONFIG_`. */
  readonly kernel?: readonly string[];
  readonly needsBuild?: BuildFeature;
}

const always = (words: string): readonly ValueRange[] => [between('1.0.0', undefined, words)];

function between(since: string, until: string | undefined, words: string): ValueRange {
  return { since, ...(until === undefined ? {} : { until }), values: words.split(' ') };
}

const FOREIGN_ARCHITECTURES =
  'arm arm64 armel armhf armv7l mips mips64 mips64el mipsel powerpc powerpc64 ppc ppc64 ppc64el ppc64le s390x';

const ARCHITECTURES = [
  between('1.0.0', undefined, 'x86 i686 x86_64 amd64'),
  between('1.0.4', undefined, 'athlon i386 i486 i586 linux32 linux64'),
  between('1.0.9', '1.0.11', FOREIGN_ARCHITECTURES),
  between('2.0.5', undefined, FOREIGN_ARCHITECTURES),
  between('1.0.9', '1.0.11', 'aarch64'),
  between('2.0.5', '2.0.9', 'aarch64'),
  between('2.1.0', '3.0.0', 'aarch64'),
  between('4.0.10', undefined, 'aarch64'),
  between('4.0.11', undefined, 'riscv64'),
  between('6.0.0', undefined, 'x32 loongarch64'),
  between('6.0.5', undefined, 'loong64'),
];

const FORCED_CGROUPS =
  'cgroup:force cgroup:mixed:force cgroup:ro:force cgroup:rw:force ' +
  'cgroup-full:force cgroup-full:mixed:force cgroup-full:ro:force cgroup-full:rw:force';

const AUTOMATIC_MOUNTS = [
  between('1.0.0', undefined, 'proc proc:mixed proc:rw sys sys:ro sys:rw'),
  between('1.0.0', undefined, 'cgroup cgroup:mixed cgroup:ro cgroup:rw'),
  between('1.0.0', undefined, 'cgroup-full cgroup-full:mixed cgroup-full:ro cgroup-full:rw'),
  between('1.1.0', undefined, 'sys:mixed'),
  between('2.0.10', '2.0.11', FORCED_CGROUPS),
  between('3.0.0', undefined, FORCED_CGROUPS),
  // After the final colon comes the rest of the value: shmounts:HOSTPATH[:CONTAINERPATH].
  between('3.1.0', undefined, 'shmounts:'),
  between('4.0.12', undefined, 'cgroup2 cgroup2:ro cgroup2:force cgroup2:ro:force'),
];

const NETWORK_TYPES = [
  between('1.0.0', undefined, 'veth macvlan vlan phys empty none'),
  between('3.2.0', undefined, 'ipvlan'),
];

const MACVLAN_MODES = [
  between('1.0.0', undefined, 'private vepa bridge'),
  between('2.0.0', undefined, 'passthru'),
];

const GATEWAY_WORDS = [between('1.0.0', undefined, 'auto'), between('3.2.0', undefined, 'dev')];

/** Capability names added after 1.0.0, from the table in conf.c. */
const LATER_CAPABILITIES = [
  between('1.0.8', '1.0.11', 'block_suspend audit_read'),
  between('1.1.4', undefined, 'block_suspend audit_read'),
  between('4.0.6', undefined, 'perfmon bpf checkpoint_restore'),
];

const CAPABILITY_WORDS = [
  {
    since: '1.0.0',
    // Releases that do not know a capability's name accept its number.
    values: CAPABILITIES.flatMap((name, number) =>
      LATER_CAPABILITIES.some(({ values }) => values.includes(name)) ? [`${number}`] : [name, `${number}`],
    ),
  },
  ...LATER_CAPABILITIES,
];

/** The limits of Ethernet and the kernel (68 is the minimum for IPv4: RFC 791). */
const MTU = [68, 65_535] as const;
const VLAN_ID = [1, 4094] as const;
const ID = [0, 4_294_967_294] as const;

const LOG_LEVELS = always('TRACE DEBUG INFO NOTICE WARN ERROR CRIT ALERT FATAL 0 1 2 3 4 5 6 7 8');
const SYSLOG_FACILITIES = always('daemon local0 local1 local2 local3 local4 local5 local6 local7');
const NAMESPACES = [
  between('3.0.0', undefined, 'user mnt pid uts ipc net cgroup'),
  between('4.0.7', undefined, 'time'),
];

/** Every key of every release, a line each: the order is that of the documentation. */
// prettier-ignore
export const lxcKeys: readonly LxcKey[] = [
  { key: 'lxc.utsname', type: 'string', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.uts.name' },
  { key: 'lxc.uts.name', type: 'string', since: '2.1.0' },
  { key: 'lxc.arch', type: 'enum', since: '1.0.0', values: ARCHITECTURES, valuesRefusedSince: '4.0.9' },
  { key: 'lxc.include', type: 'path', since: '1.0.0', repeated: true },
  { key: 'lxc.haltsignal', type: 'signal', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.signal.halt' },
  { key: 'lxc.signal.halt', type: 'signal', since: '2.1.0' },
  { key: 'lxc.rebootsignal', type: 'signal', since: '2.0.0', until: '2.1.1', replacedBy: 'lxc.signal.reboot' },
  { key: 'lxc.signal.reboot', type: 'signal', since: '2.1.0' },
  { key: 'lxc.stopsignal', type: 'signal', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.signal.stop' },
  { key: 'lxc.signal.stop', type: 'signal', since: '2.1.0' },
  {
    key: 'lxc.init_cmd',
    type: 'path',
    since: '1.1.0',
    until: '2.1.1',
    replacedBy: 'lxc.init.cmd',
    // Arguments are allowed since 2.0.0.
    noBlanksUntil: '1.1.5',
  },
  { key: 'lxc.init.cmd', type: 'string', since: '2.1.0' },
  { key: 'lxc.init_uid', type: 'uint', since: '2.0.0', until: '2.1.1', replacedBy: 'lxc.init.uid', range: ID },
  { key: 'lxc.init.uid', type: 'uint', since: '2.1.0', range: ID },
  { key: 'lxc.init_gid', type: 'uint', since: '2.0.0', until: '2.1.1', replacedBy: 'lxc.init.gid', range: ID },
  { key: 'lxc.init.gid', type: 'uint', since: '2.1.0', range: ID },
  { key: 'lxc.init.groups', type: 'id-list', since: '4.0.10', repeated: true },
  { key: 'lxc.init.cwd', type: 'path', since: '3.0.0' },
  { key: 'lxc.execute.cmd', type: 'string', since: '3.0.0' },
  { key: 'lxc.ephemeral', type: 'bool', since: '2.0.0' },
  { key: 'lxc.environment', type: 'environment', since: '1.1.0', repeated: true },
  { key: 'lxc.environment.runtime', type: 'environment', since: '7.0.0', repeated: true },
  { key: 'lxc.environment.hooks', type: 'environment', since: '7.0.0', repeated: true },
  { key: 'lxc.rootfs', type: 'path', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.rootfs.path' },
  { key: 'lxc.rootfs.path', type: 'path', since: '2.1.0' },
  { key: 'lxc.rootfs.backend', type: 'enum', since: '2.0.0', until: '2.1.1', values: always('dir zfs lvm rbd btrfs aufs overlayfs loop nbd') },
  { key: 'lxc.rootfs.mount', type: 'path', since: '1.0.0' },
  { key: 'lxc.rootfs.options', type: 'options', since: '1.0.0' },
  { key: 'lxc.rootfs.managed', type: 'bool', since: '3.1.0' },
  { key: 'lxc.pivotdir', type: 'string', since: '1.0.0', until: '2.1.1', absentIn: ['2.1.0'] },
  { key: 'lxc.mount', type: 'path', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.mount.fstab' },
  { key: 'lxc.mount.fstab', type: 'path', since: '2.1.0' },
  { key: 'lxc.mount.entry', type: 'fstab', since: '1.0.0', repeated: true },
  { key: 'lxc.mount.auto', type: 'words', since: '1.0.0', repeated: true, values: AUTOMATIC_MOUNTS, kernel: ['PROC_FS', 'SYSFS'] },
  { key: 'lxc.autodev', type: 'bool', since: '1.0.0', kernel: ['TMPFS'] },
  { key: 'lxc.autodev.tmpfs.size', type: 'uint', since: '4.0.0' },
  { key: 'lxc.pts', type: 'uint', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.pty.max', kernel: ['UNIX98_PTYS'] },
  { key: 'lxc.pty.max', type: 'uint', since: '2.1.0', kernel: ['UNIX98_PTYS'] },
  { key: 'lxc.tty', type: 'uint', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.tty.max', kernel: ['UNIX98_PTYS'] },
  { key: 'lxc.tty.max', type: 'uint', since: '2.1.0', kernel: ['UNIX98_PTYS'] },
  { key: 'lxc.devttydir', type: 'string', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.tty.dir' },
  { key: 'lxc.tty.dir', type: 'string', since: '2.1.0' },
  { key: 'lxc.kmsg', type: 'bool', since: '1.0.0', until: '2.1.1', absentIn: ['2.1.0'] },
  { key: 'lxc.console', type: 'path', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.console.path' },
  { key: 'lxc.console.path', type: 'path', since: '2.1.0' },
  { key: 'lxc.console.logfile', type: 'path', since: '1.0.6' },
  { key: 'lxc.console.buffer.size', type: 'size', since: '3.0.0' },
  { key: 'lxc.console.size', type: 'size', since: '3.0.0' },
  { key: 'lxc.console.rotate', type: 'bool', since: '3.0.0' },
  { key: 'lxc.cap.drop', type: 'words', since: '1.0.0', repeated: true, values: CAPABILITY_WORDS, needsBuild: 'libcap' },
  { key: 'lxc.cap.keep', type: 'words', since: '1.0.0', repeated: true, values: [...always('none'), ...CAPABILITY_WORDS], needsBuild: 'libcap' },
  { key: 'lxc.no_new_privs', type: 'bool', since: '2.1.0' },
  { key: 'lxc.aa_profile', type: 'string', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.apparmor.profile', needsBuild: 'apparmor' },
  { key: 'lxc.aa_allow_incomplete', type: 'bool', since: '1.1.0', until: '2.1.1', replacedBy: 'lxc.apparmor.allow_incomplete', needsBuild: 'apparmor' },
  { key: 'lxc.apparmor.profile', type: 'string', since: '2.1.0', needsBuild: 'apparmor' },
  { key: 'lxc.apparmor.allow_incomplete', type: 'bool', since: '2.1.0', needsBuild: 'apparmor' },
  { key: 'lxc.apparmor.allow_nesting', type: 'bool', since: '3.1.0', needsBuild: 'apparmor' },
  { key: 'lxc.apparmor.raw', type: 'string', since: '3.1.0', repeated: true, needsBuild: 'apparmor' },
  { key: 'lxc.se_context', type: 'string', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.selinux.context', needsBuild: 'selinux' },
  { key: 'lxc.selinux.context', type: 'string', since: '2.1.0', needsBuild: 'selinux' },
  { key: 'lxc.selinux.context.keyring', type: 'string', since: '4.0.0', needsBuild: 'selinux' },
  { key: 'lxc.keyring.session', type: 'bool', since: '4.0.0' },
  { key: 'lxc.seccomp', type: 'path', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.seccomp.profile', kernel: ['SECCOMP', 'SECCOMP_FILTER'], needsBuild: 'seccomp' },
  { key: 'lxc.seccomp.profile', type: 'path', since: '2.1.0', kernel: ['SECCOMP', 'SECCOMP_FILTER'], needsBuild: 'seccomp' },
  { key: 'lxc.seccomp.allow_nesting', type: 'bool', since: '3.2.0', needsBuild: 'seccomp' },
  { key: 'lxc.seccomp.notify.cookie', type: 'string', since: '3.2.0', needsBuild: 'seccomp' },
  { key: 'lxc.seccomp.notify.proxy', type: 'string', since: '3.2.0', needsBuild: 'seccomp' },
  { key: 'lxc.id_map', type: 'idmap', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.idmap', repeated: true, kernel: ['USER_NS'] },
  { key: 'lxc.idmap', type: 'idmap', since: '2.1.0', repeated: true, kernel: ['USER_NS'] },
  { key: 'lxc.cgroup.<file>', type: 'map', since: '1.0.0', until: '6.0.6', repeated: true },
  { key: 'lxc.cgroup2.<file>', type: 'map', since: '3.0.0', repeated: true },
  { key: 'lxc.cgroup.dir', type: 'path', since: '2.1.0' },
  { key: 'lxc.cgroup.dir.container', type: 'path', since: '5.0.0' },
  { key: 'lxc.cgroup.dir.container.inner', type: 'string', since: '5.0.0' },
  { key: 'lxc.cgroup.dir.monitor', type: 'path', since: '5.0.0' },
  { key: 'lxc.cgroup.dir.monitor.pivot', type: 'path', since: '5.0.0' },
  { key: 'lxc.cgroup.relative', type: 'bool', since: '3.1.0' },
  { key: 'lxc.namespace.clone', type: 'words', since: '3.0.0', values: NAMESPACES },
  { key: 'lxc.namespace.keep', type: 'words', since: '3.0.0', values: NAMESPACES },
  { key: 'lxc.namespace.share.<ns>', type: 'string', since: '3.0.0' },
  { key: 'lxc.time.offset.boot', type: 'duration', since: '5.0.0', kernel: ['TIME_NS'] },
  { key: 'lxc.time.offset.monotonic', type: 'duration', since: '5.0.0', kernel: ['TIME_NS'] },
  { key: 'lxc.limit.<res>', type: 'limit', since: '2.1.0', until: '2.1.1', replacedBy: 'lxc.prlimit.<res>' },
  { key: 'lxc.prlimit.<res>', type: 'limit', since: '2.1.0', repeated: true },
  { key: 'lxc.sysctl.<name>', type: 'map', since: '3.0.0', repeated: true },
  { key: 'lxc.proc.<file>', type: 'map', since: '3.0.0', repeated: true },
  { key: 'lxc.sched.core', type: 'bool', since: '4.0.11', kernel: ['SCHED_CORE'] },
  { key: 'lxc.monitor.unshare', type: 'bool', since: '2.0.0' },
  { key: 'lxc.monitor.signal.pdeath', type: 'signal', since: '3.1.0' },
  { key: 'lxc.hook.pre-start', type: 'command', since: '1.0.0', repeated: true },
  { key: 'lxc.hook.pre-mount', type: 'command', since: '1.0.0', repeated: true },
  { key: 'lxc.hook.mount', type: 'command', since: '1.0.0', repeated: true },
  { key: 'lxc.hook.autodev', type: 'command', since: '1.0.0', repeated: true },
  { key: 'lxc.hook.start', type: 'command', since: '1.0.0', repeated: true },
  { key: 'lxc.hook.post-stop', type: 'command', since: '1.0.0', repeated: true },
  { key: 'lxc.hook.clone', type: 'command', since: '1.0.0', repeated: true },
  { key: 'lxc.hook.stop', type: 'command', since: '2.0.0', repeated: true },
  { key: 'lxc.hook.destroy', type: 'command', since: '2.0.0', repeated: true },
  { key: 'lxc.hook.start-host', type: 'command', since: '3.0.0', repeated: true },
  { key: 'lxc.hook.version', type: 'enum', since: '3.0.0', values: always('0 1') },
  { key: 'lxc.hook', type: 'clear', since: '1.1.0' },
  { key: 'lxc.logfile', type: 'path', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.log.file' },
  { key: 'lxc.log.file', type: 'path', since: '2.1.0' },
  { key: 'lxc.loglevel', type: 'enum', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.log.level', values: LOG_LEVELS },
  { key: 'lxc.log.level', type: 'enum', since: '2.1.0', values: LOG_LEVELS },
  { key: 'lxc.syslog', type: 'enum', since: '2.1.0', until: '2.1.1', replacedBy: 'lxc.log.syslog', values: SYSLOG_FACILITIES },
  { key: 'lxc.log.syslog', type: 'enum', since: '2.1.0', values: SYSLOG_FACILITIES },
  { key: 'lxc.start.auto', type: 'bool', since: '1.0.0' },
  { key: 'lxc.start.delay', type: 'uint', since: '1.0.0' },
  { key: 'lxc.start.order', type: 'int', since: '1.0.0' },
  { key: 'lxc.group', type: 'words', since: '1.0.0', repeated: true },
  { key: 'lxc.network.type', type: 'enum', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].type', values: NETWORK_TYPES },
  { key: 'lxc.network.[i].type', type: 'enum', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].type', values: NETWORK_TYPES },
  { key: 'lxc.net.[i].type', type: 'enum', since: '2.1.0', values: NETWORK_TYPES },
  { key: 'lxc.network.flags', type: 'enum', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].flags', values: always('up') },
  { key: 'lxc.network.[i].flags', type: 'enum', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].flags', values: always('up') },
  { key: 'lxc.net.[i].flags', type: 'enum', since: '2.1.0', values: always('up') },
  { key: 'lxc.network.link', type: 'ifname', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].link' },
  { key: 'lxc.network.[i].link', type: 'ifname', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].link' },
  { key: 'lxc.net.[i].link', type: 'ifname', since: '2.1.0' },
  { key: 'lxc.network.name', type: 'ifname', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].name' },
  { key: 'lxc.network.[i].name', type: 'ifname', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].name' },
  { key: 'lxc.net.[i].name', type: 'ifname', since: '2.1.0' },
  { key: 'lxc.network.hwaddr', type: 'mac', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].hwaddr' },
  { key: 'lxc.network.[i].hwaddr', type: 'mac', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].hwaddr' },
  { key: 'lxc.net.[i].hwaddr', type: 'mac', since: '2.1.0' },
  { key: 'lxc.network.mtu', type: 'uint', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].mtu', range: MTU },
  { key: 'lxc.network.[i].mtu', type: 'uint', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].mtu', range: MTU },
  { key: 'lxc.net.[i].mtu', type: 'uint', since: '2.1.0', range: MTU },
  { key: 'lxc.network.macvlan.mode', type: 'enum', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].macvlan.mode', values: MACVLAN_MODES, kernel: ['MACVLAN'] },
  { key: 'lxc.network.[i].macvlan.mode', type: 'enum', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].macvlan.mode', values: MACVLAN_MODES, kernel: ['MACVLAN'] },
  { key: 'lxc.net.[i].macvlan.mode', type: 'enum', since: '2.1.0', values: MACVLAN_MODES, kernel: ['MACVLAN'] },
  { key: 'lxc.network.veth.pair', type: 'ifname', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].veth.pair', kernel: ['VETH'] },
  { key: 'lxc.network.[i].veth.pair', type: 'ifname', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].veth.pair', kernel: ['VETH'] },
  { key: 'lxc.net.[i].veth.pair', type: 'ifname', since: '2.1.0', kernel: ['VETH'] },
  { key: 'lxc.network.vlan.id', type: 'uint', range: VLAN_ID, since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].vlan.id', kernel: ['VLAN_8021Q'] },
  { key: 'lxc.network.[i].vlan.id', type: 'uint', range: VLAN_ID, since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].vlan.id', kernel: ['VLAN_8021Q'] },
  { key: 'lxc.net.[i].vlan.id', type: 'uint', since: '2.1.0', kernel: ['VLAN_8021Q'], range: VLAN_ID },
  { key: 'lxc.network.script.up', type: 'command', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].script.up' },
  { key: 'lxc.network.[i].script.up', type: 'command', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].script.up' },
  { key: 'lxc.net.[i].script.up', type: 'command', since: '2.1.0' },
  { key: 'lxc.network.script.down', type: 'command', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].script.down' },
  { key: 'lxc.network.[i].script.down', type: 'command', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].script.down' },
  { key: 'lxc.net.[i].script.down', type: 'command', since: '2.1.0' },
  { key: 'lxc.network.ipv4.gateway', type: 'gateway', values: GATEWAY_WORDS, since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].ipv4.gateway' },
  { key: 'lxc.network.[i].ipv4.gateway', type: 'gateway', values: GATEWAY_WORDS, since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].ipv4.gateway' },
  { key: 'lxc.net.[i].ipv4.gateway', type: 'gateway', since: '2.1.0', values: GATEWAY_WORDS },
  { key: 'lxc.network.ipv6.gateway', type: 'gateway', values: GATEWAY_WORDS, since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].ipv6.gateway' },
  { key: 'lxc.network.[i].ipv6.gateway', type: 'gateway', values: GATEWAY_WORDS, since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].ipv6.gateway' },
  { key: 'lxc.net.[i].ipv6.gateway', type: 'gateway', since: '2.1.0', values: GATEWAY_WORDS },
  { key: 'lxc.network.ipv4', type: 'address', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].ipv4.address', repeated: true },
  { key: 'lxc.network.[i].ipv4', type: 'address', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].ipv4.address', repeated: true },
  { key: 'lxc.net.[i].ipv4.address', type: 'address', since: '2.1.0', repeated: true },
  { key: 'lxc.network.ipv6', type: 'address', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].ipv6.address', repeated: true },
  { key: 'lxc.network.[i].ipv6', type: 'address', since: '1.0.0', until: '2.1.1', replacedBy: 'lxc.net.[i].ipv6.address', repeated: true },
  { key: 'lxc.net.[i].ipv6.address', type: 'address', since: '2.1.0', repeated: true },
  { key: 'lxc.network', type: 'clear', since: '1.1.0', until: '2.1.1', replacedBy: 'lxc.net' },
  { key: 'lxc.net', type: 'clear', since: '2.1.0' },
  { key: 'lxc.net.[i].ipvlan.mode', type: 'enum', since: '3.2.0', values: always('l3 l3s l2'), kernel: ['IPVLAN'] },
  { key: 'lxc.net.[i].ipvlan.isolation', type: 'enum', since: '3.2.0', values: always('bridge private vepa'), kernel: ['IPVLAN'] },
  { key: 'lxc.net.[i].l2proxy', type: 'bool', since: '3.2.0' },
  { key: 'lxc.net.[i].veth.mode', type: 'enum', since: '3.2.0', values: always('bridge router'), kernel: ['VETH'] },
  { key: 'lxc.net.[i].veth.ipv4.route', type: 'address', since: '3.2.0', repeated: true, kernel: ['VETH'] },
  { key: 'lxc.net.[i].veth.ipv6.route', type: 'address', since: '3.2.0', repeated: true, kernel: ['VETH'] },
  { key: 'lxc.net.[i].veth.n_rxqueues', type: 'uint', since: '5.0.0', kernel: ['VETH'] },
  { key: 'lxc.net.[i].veth.n_txqueues', type: 'uint', since: '5.0.0', kernel: ['VETH'] },
  { key: 'lxc.net.[i].veth.vlan.id', type: 'string', since: '5.0.0', kernel: ['VETH'] },
  { key: 'lxc.net.[i].veth.vlan.tagged.id', type: 'uint', since: '5.0.0', repeated: true, kernel: ['VETH'], range: VLAN_ID },
];
