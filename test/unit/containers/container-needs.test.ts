import { describe, expect, it } from 'vitest';
import type { CgroupLayout } from '../../../toolkit/containers/cgroup-settings.ts';
import { kernelNeeds } from '../../../toolkit/containers/container-needs.ts';
import { containerFrom } from './rig.ts';

const BASE = 'CGROUPS EPOLL IPC_NS NAMESPACES NET PID_NS PROC_FS SIGNALFD UNIX UTS_NS'.split(' ');

const symbols = (yaml: string, cgroup: CgroupLayout = 'v2', kernel?: string): string[] =>
  kernelNeeds([containerFrom(yaml)], cgroup, kernel).map(({ symbol }) => symbol.replace('CONFIG_', ''));

/** What a definition needs beyond the smallest one. */
const extra = (yaml: string, cgroup?: CgroupLayout, kernel?: string): string[] =>
  symbols(
    `{ name: c, console: none, autodev: false, network: [{ type: none }], ${yaml} }`,
    cgroup,
    kernel,
  ).filter((symbol) => !BASE.includes(symbol));

describe('kernelNeeds', () => {
  it('asks little for the smallest container, and names its symbols in order', () => {
    expect(symbols('{ name: c, console: none, autodev: false, network: [{ type: none }] }')).toEqual(BASE);
  });

  it('knows what the defaults need', () => {
    expect(symbols('name: c').filter((symbol) => !BASE.includes(symbol))).toEqual([
      'NET_NS',
      'TMPFS',
      'UNIX98_PTYS',
    ]);
  });

  it.each([
    ['limits: { memory: 8M }', 'v2', ['MEMCG']],
    ['limits: { memory: 8M, swap: 8M }', 'v2', ['MEMCG', 'SWAP']],
    ['limits: { pids: 9 }', 'v1', ['CGROUP_PIDS']],
    ['limits: { cpu-shares: 9 }', 'v2', ['CGROUP_SCHED', 'FAIR_GROUP_SCHED']],
    ['limits: { cpu-quota: 50% }', 'v2', ['CFS_BANDWIDTH', 'CGROUP_SCHED', 'FAIR_GROUP_SCHED']],
    ['limits: { cpus: "0" }', 'v1-single', ['CPUSETS']],
    ['devices: {}', 'v2', ['BPF_SYSCALL', 'CGROUP_BPF']],
    ['devices: {}', 'v1', ['CGROUP_DEVICE']],
    ['idmap: [{ kind: uid, container: 0, host: 100000, count: 65536 }]', 'v2', ['USER_NS']],
    ['seccomp: default', 'v2', ['SECCOMP', 'SECCOMP_FILTER']],
    ['tty: 2', 'v2', ['UNIX98_PTYS']],
    ['kind: system', 'v2', ['SYSFS']],
    ['mounts: [{ type: overlay, to: /x }, { type: tmpfs, to: /y }]', 'v2', ['OVERLAY_FS', 'TMPFS']],
    ['raw: ["lxc.sched.core = 1", "lxc.net.0.veth.pair = v0"]', 'v2', ['SCHED_CORE', 'VETH']],
  ] as const)('%s on cgroup %s', (yaml, cgroup, needed) => {
    expect(extra(yaml, cgroup)).toEqual(needed);
  });

  it('knows network interfaces', () => {
    const needed = symbols(`
name: c
network:
  - { type: veth, link: br0, ipv4: 10.0.0.2/24, ipv6: "fd00::2/64" }
  - { type: macvlan, link: eth0 }
  - { type: vlan, link: eth0, vlan-id: 5 }`);
    expect(needed).toEqual(
      expect.arrayContaining(['VETH', 'BRIDGE', 'MACVLAN', 'VLAN_8021Q', 'INET', 'IPV6', 'NET_NS']),
    );
  });

  it('asks each kernel for what it calls things', () => {
    const yaml = 'limits: { memory: 8M, swap: 8M, cpus: "0" }';
    expect(extra(yaml, 'v1', '3.10')).toEqual([
      'CPUSETS',
      'MEMCG',
      'MEMCG_SWAP',
      'RESOURCE_COUNTERS',
      'SWAP',
    ]);
    expect(extra(yaml, 'v1', '6.1.161')).toEqual(['CPUSETS', 'MEMCG', 'SWAP']);
    expect(extra(yaml, 'v1', '6.12.107')).toEqual(['CPUSETS', 'CPUSETS_V1', 'MEMCG', 'MEMCG_V1', 'SWAP']);
    expect(extra(yaml, 'v2', '6.12.107')).toEqual(['CPUSETS', 'MEMCG', 'SWAP']);
  });

  it('gives each symbol once, with every reason', () => {
    const containers = [
      containerFrom('{ name: web, network: [{ type: veth, link: br0 }] }'),
      containerFrom('{ name: db, network: [{ type: veth }], mounts: [{ type: tmpfs, to: /tmp }] }'),
    ];
    const reasons = new Map(kernelNeeds(containers, 'v2').map(({ symbol, reason }) => [symbol, reason]));
    expect(reasons.get('CONFIG_VETH')).toBe('veth interface (web, db)');
    expect(reasons.get('CONFIG_BRIDGE')).toBe('veth interface on a bridge (web)');
    expect(reasons.get('CONFIG_TMPFS')).toBe('/dev made by LXC (web, db), tmpfs mount (db)');
    expect(reasons.get('CONFIG_PID_NS')).toBe('every container');
  });

  it('asks for nothing without containers', () => {
    expect(kernelNeeds([], 'v2')).toEqual([]);
  });
});
