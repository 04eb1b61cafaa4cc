import { describe, expect, test } from 'vitest';
import { checkValue } from '../../../toolkit/yaml/check-value.ts';
import { containerSchema } from '../../../toolkit/board/container-schema.ts';
import { boardSchema } from '../../../toolkit/board/schema.ts';

const container = {
  name: 'web',
  kind: 'application',
  hostname: 'web',
  include: ['/usr/share/lxc/config/common.conf'],
  rootfs: {
    path: '/opt/lxc/web',
    from: { tar: 'web.tar' },
    image: 'squashfs',
    readonly: false,
    overlay: { upper: '/data/web/upper' },
  },
  init: { cwd: '/srv', uid: 1000, gid: 1000 },
  command: ['/bin/sh', '-c'],
  bind: ['/bin/sh', { from: '/lib', to: '/lib', options: ['ro'], optional: true }],
  mounts: [{ type: 'tmpfs', from: 'tmpfs', to: '/tmp', options: ['mode=1777'] }],
  auto: ['proc:mixed', 'sys:ro'],
  devices: { allow: ['null', 'c 30:0 rwm'] },
  network: [
    {
      type: 'veth',
      link: 'br0',
      name: 'eth0',
      ipv4: '10.0.0.2/24',
      ipv6: ['fd00::2/64'],
      gateway: 'auto',
      mtu: 1500,
    },
    { type: 'macvlan', link: 'eth0', name: 'eth1', hwaddr: '00:16:3e:xx:xx:xx', mode: 'bridge', up: false },
    { type: 'vlan', link: 'eth0', name: 'eth2', 'vlan-id': 5 },
  ],
  capabilities: { drop: ['sys_admin'] },
  prlimits: { nofile: '1024:4096', core: 'unlimited', nproc: 64 },
  sysctl: { 'net.ipv4.ip_forward': 1, 'kernel.msgmax': '8192' },
  'no-new-privs': true,
  limits: { memory: '32M', swap: 1024, pids: 64, 'cpu-shares': 512, cpus: '0-1,3', 'cpu-quota': '50%' },
  console: 'none',
  pty: 0,
  tty: 0,
  autodev: true,
  autostart: { order: 1, delay: 2 },
  groups: ['onboot'],
  idmap: [{ kind: 'uid', container: 0, host: 100_000, count: 65_536 }],
  seccomp: 'default',
  environment: { TERM: 'linux' },
  hooks: { 'pre-start': '/bin/true', stop: ['/bin/a', '/bin/b'] },
  signals: { halt: 'SIGUSR1', stop: 'SIGRTMIN+3' },
  raw: ['lxc.signal.halt = SIGTERM'],
};

const board = {
  schema: 1,
  name: 'stb',
  description: 'A board',
  toolchain: { arch: 'mipsel', prefix: 'mips-', directory: '/opt/bin', cflags: ['-Os'] },
  cgroup: 'v1-single',
  kernel: {
    sources: [
      { version: '6.1.161', url: 'https://example.org/linux.tar.xz', sha256: '0'.repeat(64) },
      { debian: 'linux-source-6.1' },
      { 'debian-pool': 'pool/main/l/linux.deb', sha256: '0'.repeat(64) },
      { path: '../linux', version: '6.1' },
    ],
    defconfig: 'malta_defconfig',
    fragments: ['lxc', './x.config'],
    config: { CONFIG_A: 'y', B: 5, C: true },
    modules: 'keep',
    require: ['CONFIG_VETH'],
    image: 'vmlinux',
  },
  busybox: { config: 'defconfig', fragments: ['static'] },
  lxc: { prefix: '/usr', features: ['seccomp'] },
  rootfs: {
    hostname: 'stb',
    overlays: ['overlay'],
    files: [
      { path: '/dev/console', type: 'char', dev: '5:1', mode: '0600', uid: 0, gid: 0 },
      { path: '/etc/mtab', type: 'symlink', target: '/proc/mounts' },
      { path: '/', type: 'dir', mode: '0755' },
    ],
  },
  iptables: { sources: [{ debian: 'iptables' }] },
  interfaces: [
    { name: 'eth0', ipv4: '10.0.0.2/24', gateway: '10.0.0.1' },
    { name: 'eth1', dhcp: true },
  ],
  bridges: [
    {
      name: 'lxcbr0',
      ipv4: '192.168.0.1/24',
      gateway: '192.168.0.254',
      attach: ['eth2'],
      stp: true,
      'forward-delay': 2,
      nat: true,
      forward: [{ port: 8080, to: '192.168.0.2:80', proto: 'tcp' }],
    },
    { name: 'br9', external: true },
  ],
  containers: ['web.yaml', container],
  images: ['tar.gz', 'ext4'],
  emulator: {
    machine: 'malta',
    cpu: '24Kf',
    memory: '256M',
    network: { forward: ['8080:80'] },
    kernel: { defconfig: 'allnoconfig', config: { A: 'y' } },
  },
};

function problemsOf(value: unknown): string[] {
  const result = checkValue({ schema: boardSchema, value, noun: 'the profile', writtenAt: () => undefined });
  return result.ok ? [] : result.problems.map(({ message, help }) => `${message} | ${help ?? ''}`);
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [
    path,
    ...entries.flatMap(([key, child]: [string | number, unknown]) => pathsOf(child, [...path, key])),
  ];
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe('a profile that uses every key', () => {
  test('is accepted', () => {
    expect(problemsOf(board)).toEqual([]);
  });

  test('with an unusual value anywhere is accepted, or refused with a sentence that says what is wrong', () => {
    const unusual = [
      null,
      7,
      -1.5,
      true,
      '',
      'two words',
      '/',
      '../up',
      'a\nb',
      [],
      {},
      [null],
      [[]],
      { a: 1 },
    ];
    const paths = pathsOf(board).slice(1);
    expect(paths.length).toBeGreaterThan(120);
    const refused = new Set<Path>();
    for (const path of paths) {
      for (const value of unusual) {
        for (const problem of problemsOf(replaced(board, path, value))) {
          refused.add(path);
          expect(problem, JSON.stringify({ path, value })).not.toMatch(
            /undefined|\[object|invalid|Invalid|is wrong/,
          );
          expect(problem).toMatch(/ must | has | is |cannot /);
        }
      }
    }
    expect(refused.size).toBe(paths.length);
  });

  test('a line end in a text would end a line of the LXC configuration early', () => {
    for (const path of pathsOf(container).slice(1)) {
      const problems = checkValue({
        schema: containerSchema,
        value: replaced(container, path, 'x\nlxc.include = /etc/passwd'),
        noun: 'the container',
        writtenAt: () => undefined,
      });
      expect(problems.ok, JSON.stringify(path)).toBe(false);
    }
  });
});
