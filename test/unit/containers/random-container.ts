import { CAPABILITIES, DEVICE_NAMES } from '../../../toolkit/base/linux-names.ts';
import { compareVersions } from '../../../toolkit/base/compare-versions.ts';
import { keyFor, type Concept } from '../../../toolkit/lxc-keys/concept-keys.ts';

/** Draws numbers that are the same for the same seed on every machine (mulberry32). */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to 1. */
  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `first` to `last`. */
  whole(first: number, last: number): number {
    return first + Math.floor(this.number() * (last - first + 1));
  }

  chance(of = 0.5): boolean {
    return this.number() < of;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)]!;
  }

  /** Some of them, at least `least`, in any order. */
  some<Item>(items: readonly Item[], least = 0): Item[] {
    const left = [...items];
    return Array.from({ length: this.whole(least, left.length) }, () =>
      left.splice(this.whole(0, left.length - 1), 1),
    ).flat();
  }
}

const SAFE = ['ro', 'nosuid', 'nodev'];

/**
 * A container definition with any of the features that an LXC release has, as a person would write it: nothing that
 * goes without saying, and each size in its shortest form.
 */
export function randomContainer(seed: number, version: string): Record<string, unknown> {
  const draw = new Draw(seed);
  const has = (concept: Concept): boolean => keyFor(concept, version) !== undefined;
  const since = (release: string): boolean => compareVersions(version, release) >= 0;
  const later = ['perfmon', 'bpf', 'checkpoint_restore'];
  const capabilities = CAPABILITIES.filter((capability) => since('4.0.6') || !later.includes(capability));
  const name = draw.one(['web', 'container1', 'a.b_c-d', 'x9']);
  const kind = draw.one(['application', 'system']);
  const from = kind === 'system' ? draw.one(['busybox', 'bind']) : 'bind';
  const autodev = draw.chance(0.8);
  const definition: Record<string, unknown> = { name };
  const maybe = (key: string, value: () => unknown, of = 0.5): void => {
    if (draw.chance(of)) definition[key] = value();
  };
  if (kind === 'system') definition['kind'] = kind;
  maybe('hostname', () => `${name}-host`);
  if (draw.chance() || from === 'busybox') {
    definition['rootfs'] = {
      ...(draw.chance() ? { path: draw.one(['/srv/web', `/var/lib/lxc/${name}/rootfs`]) } : {}),
      ...(draw.chance(0.2) ? { image: draw.one(['squashfs', 'ext4']) } : {}),
      ...draw.one<object>([
        {},
        since('2.0.9') ? { readonly: true } : {},
        { overlay: {} },
        { overlay: { upper: '/data/changes/upper' } },
      ]),
      ...(from === 'busybox' ? { from } : {}),
    };
    if (Object.keys(definition['rootfs'] as object).length === 0) delete definition['rootfs'];
  }
  const args = since('2.0.0') && draw.chance() ? ['single', '-x'] : [];
  if (kind === 'application') maybe('command', () => ['/bin/busybox', ...args]);
  else if (args.length > 0) definition['command'] = ['/sbin/init', ...args];

  const started: [string, unknown][] = [
    ['cwd', '/srv'],
    ['uid', 1000],
    ['gid', 0],
  ];
  const init = Object.fromEntries(draw.some(started).filter(([key]) => has(`init-${key}` as Concept)));
  if (Object.keys(init).length > 0) definition['init'] = init;
  maybe('include', () => draw.some(['/usr/share/lxc/config/common.seccomp', '/data'], 1), 0.3);
  const bind: unknown[] = ['/bin/busybox', '/bin/sh', '/sbin'].filter(() => from !== 'busybox');
  if (draw.chance()) bind.push({ from: '/data/web', to: '/srv', options: ['ro', 'noexec'] });
  if (draw.chance()) bind.push({ from: '/dev/fuse', options: SAFE.slice(0, 1), optional: true });
  if (draw.chance()) bind.push({ from: '/usr/lib', to: '/deep/lib', options: ['rbind', 'ro'] });
  if (draw.chance()) bind.push({ from: '/run/socket', to: '/tmp/socket', options: ['create=file'] });
  if (draw.chance()) bind.push({ from: '/lib', to: '/run/lib' });
  if (bind.length > 0) definition['bind'] = bind;
  const mounts = draw.some([
    { type: 'tmpfs', to: '/tmp', options: ['nosuid', 'nodev', 'mode=1777'] },
    { type: 'tmpfs', to: '/run' },
    { type: 'ext4', from: '/dev/sda1', to: '/data', options: ['ro'] },
    { type: 'proc', to: '/proc', options: ['nodev', 'noexec', 'nosuid'] },
  ]);
  if (mounts.length > 0) definition['mounts'] = mounts;
  const words = ['proc:rw', 'sys:ro', 'cgroup:mixed', ...(since('4.0.12') ? ['cgroup2:ro'] : [])];
  // A system container gets /proc and /sys by default.
  maybe('auto', () => draw.some(words.slice(kind === 'system' ? 2 : 0), 1), 0.3);
  maybe('devices', () => ({
    allow: draw.some([...DEVICE_NAMES, 'c 30:0 rwm', 'b 8:* r', 'c *:* m']),
  }));
  if (has('share-network') && draw.chance(0.2)) definition['share-network'] = 'router';
  else maybe('network', () => randomNetwork(draw, since));
  maybe('capabilities', () =>
    draw.chance() ? { drop: draw.some(capabilities, 1) } : { keep: draw.some(capabilities) },
  );
  maybe('limits', () => randomLimits(draw));
  if (has('prlimit'))
    maybe('prlimits', () => ({ nofile: '1024:4096', core: 'unlimited', nice: String(draw.whole(0, 40)) }));
  if (has('sysctl')) maybe('sysctl', () => ({ 'net.ipv4.ip_forward': '1', 'net.core.somaxconn': '64' }));
  if (has('no-new-privs')) maybe('no-new-privs', () => draw.chance());
  maybe('console', () => draw.one(['none', '/dev/ttyS0']));
  maybe('tty', () => draw.whole(0, 8));
  // Terminals need a devpts in older releases, and as many places in it say nothing new.
  maybe('pty', () => draw.whole(definition['tty'] === undefined ? 0 : 9, 1024));
  if (!autodev) definition['autodev'] = false;
  maybe('autostart', () =>
    draw.one([true, { order: draw.whole(-5, 5) }, { delay: 3 }, { order: 1, delay: 0 }]),
  );
  maybe('groups', () => draw.some(['onboot', 'web', 'late'], 1));
  maybe('idmap', () => [
    { kind: 'uid', container: 0, host: 100_000, count: 65_536 },
    { kind: 'gid', container: 0, host: 100_000, count: 1000 },
    { kind: 'gid', container: 1000, host: 1000, count: 1 },
  ]);
  maybe('seccomp', () => 'default');
  if (has('environment'))
    maybe('environment', () => ({ TERM: 'linux', GREETING: 'hello there', EMPTY: '', SUM: '1+1=2' }));
  const hooks = draw.some(
    (
      ['pre-start', 'pre-mount', 'mount', 'autodev', 'start-host', 'start', 'stop', 'post-stop'] as const
    ).filter((hook) => has(`hook-${hook}`)),
  );
  if (hooks.length > 0)
    definition['hooks'] = Object.fromEntries(
      hooks.map((hook) => [hook, draw.some(['echo a b', ':; /bin/mount # no comment'], 1)]),
    );
  const signals = draw.some(
    (['halt', 'reboot', 'stop'] as const).filter((signal) => has(`${signal}-signal`)),
  );
  if (signals.length > 0)
    definition['signals'] = Object.fromEntries(
      signals.map((signal) => [signal, draw.one(['SIGKILL', 'SIGRTMIN+3'])]),
    );
  maybe('raw', () => [since('2.1.0') ? 'lxc.log.level = INFO' : 'lxc.loglevel = INFO'], 0.2);
  return definition;
}

function randomNetwork(draw: Draw, since: (release: string) => boolean): unknown[] {
  if (draw.chance(0.15)) return [{ type: 'none' }];
  const optional = (key: string, value: unknown): object => (draw.chance() ? { [key]: value } : {});
  return Array.from({ length: draw.whole(1, 3) }, (_, i) => {
    const addressed = draw.chance();
    const common = {
      ...optional('name', `eth${i}`),
      ...optional('hwaddr', `00:16:3e:xx:xx:0${i}`),
      ...optional('mtu', draw.whole(68, 1500)),
      ...(addressed
        ? {
            ipv4: draw.one<unknown>([`10.0.${i}.2/24`, [`10.0.${i}.2/24`, `10.1.${i}.2/16`]]),
            ...optional('gateway', draw.one([`10.0.${i}.1`, 'auto', ...(since('3.2.0') ? ['dev'] : [])])),
            ipv6: `fd00::${i + 2}/64`,
          }
        : optional('up', false)),
    };
    return draw.one<unknown>([
      { type: 'veth', ...optional('link', 'lxcbr0'), ...optional('pair', `vweb${i}`), ...common },
      { type: 'macvlan', link: 'eth1', mode: since('2.0.0') ? 'passthru' : 'bridge', ...common },
      { type: 'vlan', link: 'eth1', 'vlan-id': draw.whole(1, 4094), ...common },
      { type: 'phys', link: `can${i}`, ...common },
    ]);
  });
}

function randomLimits(draw: Draw): Record<string, unknown> {
  const limits = draw.some<[string, unknown]>([
    ['pids', draw.whole(1, 9999)],
    ['cpu-shares', 2 ** draw.whole(7, 18)],
    ['cpu-quota', `${draw.whole(1, 400)}%`],
    ['cpus', draw.one(['0', '0-1', '0-1,3'])],
  ]);
  if (draw.chance()) limits.push(['memory', draw.one(['32M', '1G', '4097', '3K'])]);
  if (draw.chance() && limits.some(([name]) => name === 'memory')) limits.push(['swap', '16M']);
  return Object.fromEntries(limits);
}
