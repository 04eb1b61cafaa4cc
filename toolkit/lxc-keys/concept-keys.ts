import { describeRange, type VersionRange } from '../base/compare-versions.ts';
import { findKeyOfAnyRelease, releaseHasKey } from './key-table.ts';
import type { LxcKey } from './lxc-keys.ts';

interface ConceptKeys {
  /** Ends the sentence "LXC 5.0.2 has no key for …". */
  readonly what: string;
  /** Newest first; `lxc-keys.ts` says which releases have each. */
  readonly keys: readonly string[];
}

/** The settings that lxc-kit writes into a configuration, and their keys in LXC's releases. */
export const conceptKeys = {
  hostname: { what: 'the host name', keys: ['lxc.uts.name', 'lxc.utsname'] },
  'rootfs-path': { what: 'the root filesystem', keys: ['lxc.rootfs.path', 'lxc.rootfs'] },
  'rootfs-options': { what: 'options of the root filesystem', keys: ['lxc.rootfs.options'] },
  'init-command': { what: 'the first process', keys: ['lxc.init.cmd', 'lxc.init_cmd'] },
  'execute-command': { what: 'the command of lxc-execute', keys: ['lxc.execute.cmd'] },
  'init-cwd': { what: 'the working directory of the first process', keys: ['lxc.init.cwd'] },
  'init-uid': { what: 'the user of the first process', keys: ['lxc.init.uid', 'lxc.init_uid'] },
  'init-gid': { what: 'the group of the first process', keys: ['lxc.init.gid', 'lxc.init_gid'] },
  include: { what: 'included files', keys: ['lxc.include'] },
  environment: { what: 'environment variables', keys: ['lxc.environment'] },
  'halt-signal': { what: 'the halt signal', keys: ['lxc.signal.halt', 'lxc.haltsignal'] },
  'reboot-signal': { what: 'the reboot signal', keys: ['lxc.signal.reboot', 'lxc.rebootsignal'] },
  'stop-signal': { what: 'the stop signal', keys: ['lxc.signal.stop', 'lxc.stopsignal'] },
  console: { what: 'the console', keys: ['lxc.console.path', 'lxc.console'] },
  pty: { what: 'the number of pseudo terminals', keys: ['lxc.pty.max', 'lxc.pts'] },
  tty: { what: 'the number of terminals', keys: ['lxc.tty.max', 'lxc.tty'] },
  autodev: { what: 'a /dev made by LXC', keys: ['lxc.autodev'] },
  'mount-auto': { what: 'kernel file systems mounted by LXC', keys: ['lxc.mount.auto'] },
  'mount-entry': { what: 'mounts', keys: ['lxc.mount.entry'] },
  'cgroup-v1': { what: 'settings of cgroup v1', keys: ['lxc.cgroup.<file>'] },
  'cgroup-v2': { what: 'settings of cgroup v2', keys: ['lxc.cgroup2.<file>'] },
  'network-type': { what: 'network interfaces', keys: ['lxc.net.[i].type', 'lxc.network.type'] },
  'network-link': { what: 'the link of an interface', keys: ['lxc.net.[i].link', 'lxc.network.link'] },
  'network-name': { what: 'the name of an interface', keys: ['lxc.net.[i].name', 'lxc.network.name'] },
  'network-flags': { what: 'the state of an interface', keys: ['lxc.net.[i].flags', 'lxc.network.flags'] },
  'network-hwaddr': { what: 'a MAC address', keys: ['lxc.net.[i].hwaddr', 'lxc.network.hwaddr'] },
  'network-mtu': { what: 'an MTU', keys: ['lxc.net.[i].mtu', 'lxc.network.mtu'] },
  'network-vlan-id': { what: 'a VLAN number', keys: ['lxc.net.[i].vlan.id', 'lxc.network.vlan.id'] },
  'network-macvlan-mode': {
    what: 'the macvlan mode',
    keys: ['lxc.net.[i].macvlan.mode', 'lxc.network.macvlan.mode'],
  },
  'network-veth-pair': {
    what: "a veth pair's name",
    keys: ['lxc.net.[i].veth.pair', 'lxc.network.veth.pair'],
  },
  'network-ipv4': { what: 'an IPv4 address', keys: ['lxc.net.[i].ipv4.address', 'lxc.network.ipv4'] },
  'network-ipv4-gateway': {
    what: 'an IPv4 gateway',
    keys: ['lxc.net.[i].ipv4.gateway', 'lxc.network.ipv4.gateway'],
  },
  'network-ipv6': { what: 'an IPv6 address', keys: ['lxc.net.[i].ipv6.address', 'lxc.network.ipv6'] },
  'network-ipv6-gateway': {
    what: 'an IPv6 gateway',
    keys: ['lxc.net.[i].ipv6.gateway', 'lxc.network.ipv6.gateway'],
  },
  'share-network': {
    what: 'the network of another container',
    keys: ['lxc.namespace.share.<ns>'],
  },
  prlimit: { what: 'limits of processes', keys: ['lxc.prlimit.<res>', 'lxc.limit.<res>'] },
  sysctl: { what: 'kernel settings', keys: ['lxc.sysctl.<name>'] },
  'no-new-privs': { what: 'denying processes new privileges', keys: ['lxc.no_new_privs'] },
  'capability-drop': { what: 'capabilities', keys: ['lxc.cap.drop'] },
  'capability-keep': { what: 'capabilities', keys: ['lxc.cap.keep'] },
  idmap: { what: 'user and group maps', keys: ['lxc.idmap', 'lxc.id_map'] },
  seccomp: { what: 'a seccomp profile', keys: ['lxc.seccomp.profile', 'lxc.seccomp'] },
  'start-auto': { what: 'starting at boot', keys: ['lxc.start.auto'] },
  'start-order': { what: 'the order of starting', keys: ['lxc.start.order'] },
  'start-delay': { what: 'the delay after a start', keys: ['lxc.start.delay'] },
  group: { what: 'groups', keys: ['lxc.group'] },
  'hook-pre-start': { what: 'the pre-start hook', keys: ['lxc.hook.pre-start'] },
  'hook-pre-mount': { what: 'the pre-mount hook', keys: ['lxc.hook.pre-mount'] },
  'hook-mount': { what: 'the mount hook', keys: ['lxc.hook.mount'] },
  'hook-autodev': { what: 'the autodev hook', keys: ['lxc.hook.autodev'] },
  'hook-start-host': { what: 'the start-host hook', keys: ['lxc.hook.start-host'] },
  'hook-start': { what: 'the start hook', keys: ['lxc.hook.start'] },
  'hook-stop': { what: 'the stop hook', keys: ['lxc.hook.stop'] },
  'hook-post-stop': { what: 'the post-stop hook', keys: ['lxc.hook.post-stop'] },
  'hook-clone': { what: 'the clone hook', keys: ['lxc.hook.clone'] },
  'hook-destroy': { what: 'the destroy hook', keys: ['lxc.hook.destroy'] },
} as const satisfies Record<string, ConceptKeys>;

export type Concept = keyof typeof conceptKeys;

/** Returns the key of a concept in an LXC release, placeholders included; undefined when the release has none. */
export function keyFor(concept: Concept, version: string): string | undefined {
  return conceptKeys[concept].keys.find((name) => {
    const key = findKeyOfAnyRelease(name);
    return key !== undefined && releaseHasKey(key, version);
  });
}

/** Returns the concept of a configuration key; undefined for keys that a definition cannot express. */
export function conceptOf(row: LxcKey): Concept | undefined {
  const modern = row.replacedBy ?? row.key;
  return (Object.keys(conceptKeys) as Concept[]).find((concept) =>
    (conceptKeys[concept].keys as readonly string[]).includes(modern),
  );
}

/** Returns for example "LXC 7.0.0 has no key for settings of cgroup v1; 1.0.0 to 6.0.6 have". */
export function noKeyMessage(concept: Concept, version: string): string {
  const { what, keys } = conceptKeys[concept];
  const rows = keys.flatMap((name) => findKeyOfAnyRelease(name) ?? []);
  return `LXC ${version} has no key for ${what}; ${describeRange(joined(rows))} have`;
}

/** Joins version ranges: from the first release of the oldest key to the last one of the newest. */
function joined(rows: readonly VersionRange[]): VersionRange {
  const { since } = rows.at(-1) ?? {};
  const { until } = rows[0] ?? {};
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
}
