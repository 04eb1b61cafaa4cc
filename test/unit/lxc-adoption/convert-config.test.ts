import { describe, expect, it } from 'vitest';
import type { CgroupLayout } from '../../../toolkit/cgroups/layouts.ts';
import { convertConfig } from '../../../toolkit/lxc-adoption/convert-config.ts';
import { emitContainer } from '../../../toolkit/containers/emit-container.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import { findKey } from '../../../toolkit/lxc-keys/key-table.ts';
import { randomContainer } from '../containers/random-container.ts';
import { device, imported, notesOf, ofBoard, problemsOf, readLines, target } from '../containers/rig.ts';

async function convert(
  text: string,
  lxcVersion: string,
  cgroup?: CgroupLayout,
  files: Readonly<Record<string, string>> = {},
): Promise<{ text: string; notes: string[] }> {
  const findings = new Findings();
  const lines = await readLines(text, findings, files);
  return { text: convertConfig(lines, { lxcVersion, cgroup }, findings), notes: notesOf(findings) };
}

const OLD = `\
# The web server
  lxc.utsname=web
lxc.rootfs = /srv/web
#lxc.aa_profile = unconfined

lxc.network.type = veth
# lxc.network.hwaddr = 00:16:3e:01:02:03
lxc.network.ipv4 = 10.0.0.2/8
lxc.network.ipv4.gateway = auto
lxc.network.type = phys
lxc.network.link = can0
lxc.pivotdir = mnt
lxc.limit.nofile = 1024
lxc.id_map = u 0 100000 65536
lxc.mount.entry = proc /srv/web/proc proc ro 0 0
lxc.cgroup.devices.deny = a
lxc.cgroup.devices.allow = c 1:3 rwm # null
lxc.cgroup.memory.limit_in_bytes = 32M
lxc.cgroup.memory.memsw.limit_in_bytes = 48M
lxc.tty =
`;

const NEW = `\
# The web server
lxc.uts.name = web
lxc.rootfs.path = /srv/web
#lxc.apparmor.profile = unconfined

lxc.net.0.type = veth
# lxc.net.0.hwaddr = 00:16:3e:01:02:03
lxc.net.0.ipv4.address = 10.0.0.2/8
lxc.net.0.ipv4.gateway = auto
lxc.net.1.type = phys
lxc.net.1.link = can0
lxc.prlimit.nofile = 1024
lxc.idmap = u 0 100000 65536
lxc.mount.entry = proc proc proc ro 0 0
lxc.cgroup2.devices.deny = a
# null
lxc.cgroup2.devices.allow = c 1:3 rwm
lxc.cgroup2.memory.max = 32M
lxc.cgroup2.memory.swap.max = 16777216
lxc.tty.max =
`;

describe('convertConfig', () => {
  it('writes an old configuration for a new release', async () => {
    expect((await convert(OLD, '7.0.0')).text).toBe(NEW);
    expect((await convert(OLD, '5.0.3')).text).toBe(NEW);
    expect((await convert(OLD, '5.0.3', 'v1')).text).toContain(
      '\nlxc.cgroup.memory.memsw.limit_in_bytes = 48M\n',
    );
  });

  it('writes a new configuration for an old release', async () => {
    const modern = NEW.replace('lxc.prlimit.nofile = 1024\n', '');
    expect((await convert(modern, '1.1.5')).text).toBe(
      OLD.replace('  lxc.utsname=web', 'lxc.utsname = web')
        .replace(/^lxc\.(pivotdir|limit).*\n/gm, '')
        .replace('/srv/web/proc', 'proc')
        .replace(
          'lxc.cgroup.devices.allow = c 1:3 rwm # null',
          '# null\nlxc.cgroup.devices.allow = c 1:3 rwm',
        )
        .replace('48M', '50331648'),
    );
  });

  it('changes nothing where there is nothing to change', async () => {
    expect((await convert(NEW, '6.0.6')).text).toBe(NEW);
    expect((await convert('lxc.autodev=1\n\n# x\n', '1.1.5')).text).toBe('lxc.autodev=1\n\n# x\n');
    expect((await convert('', '1.1.5')).text).toBe('');
  });

  it('writes 2.1 with its own keys: it warns of the old ones', async () => {
    expect((await convert('lxc.utsname = web', '2.1.1')).text).toBe('lxc.uts.name = web\n');
  });

  it('leaves out what later releases have no key for, and need none', async () => {
    const old = 'lxc.pivotdir = mnt\nlxc.kmsg = 0\n';
    for (const knows of ['2.0.8', '2.1.1'])
      expect((await convert(old, knows)).text).toContain('lxc.pivotdir = mnt\nlxc.kmsg = 0\n');
    const { text, notes } = await convert(old, '3.0.3');
    expect(text).not.toContain('lxc.');
    expect(notes).toHaveLength(2);
  });

  it('leaves settings of both cgroup versions to releases that read both', async () => {
    const both = 'lxc.cgroup.pids.max = 5\nlxc.cgroup2.pids.max = 6\n';
    expect((await convert(both, '5.0.3')).text).toBe(both);
    expect((await convert(both, '5.0.3', 'v2')).text).toBe('lxc.cgroup2.pids.max = 6\n');
    expect((await convert(both, '1.1.5')).text).toBe('lxc.cgroup.pids.max = 5\n');
    expect((await convert(both, '7.0.0')).text).toBe('lxc.cgroup2.pids.max = 6\n');
  });

  it.each([
    ['lxc.cgroup.pids.max = 5', '3.0.3', 'lxc.cgroup.pids.max = 5\n'],
    ['lxc.cgroup2.pids.max = 5', '3.0.3', 'lxc.cgroup.pids.max = 5\n'],
    ['lxc.cgroup2.pids.max = 5', '3.2.1', 'lxc.cgroup2.pids.max = 5\n'],
    [
      'lxc.cgroup2.pids.max = 5\nlxc.cgroup2.devices.deny = a',
      '3.2.1',
      'lxc.cgroup.pids.max = 5\nlxc.cgroup.devices.deny = a\n',
    ],
    ['lxc.cgroup.pids.max = 4\nlxc.cgroup2.pids.max = 5', '3.2.1', 'lxc.cgroup.pids.max = 4\n'],
    ['lxc.cgroup.pids.max = 4\nlxc.cgroup2.pids.max = 5', '4.0.2', 'lxc.cgroup2.pids.max = 5\n'],
    ['lxc.cgroup2.pids.max = 5', '2.0.8', 'lxc.cgroup.pids.max = 5\n'],
    ['lxc.cgroup.pids.max = 5', '4.0.12', 'lxc.cgroup2.pids.max = 5\n'],
  ])('%s becomes for LXC %s %s', async (text, version, expected) => {
    expect((await convert(text, version)).text).toBe(expected);
  });

  it.each([
    ['lxc.rootfs = overlayfs:/a:/b', '5.0.3', 'lxc.rootfs.path = overlay:/a:/b\n'],
    ['lxc.rootfs.path = overlay:/a:/b', '1.1.5', 'lxc.rootfs = overlayfs:/a:/b\n'],
    ['lxc.rootfs.path = dir:/a', '1.1.5', 'lxc.rootfs = /a\n'],
    ['lxc.rootfs = /a\nlxc.rootfs.backend = loop', '5.0.3', 'lxc.rootfs.path = loop:/a\n'],
    ['lxc.rootfs.backend = dir\nlxc.rootfs = /a', '5.0.3', 'lxc.rootfs.path = /a\n'],
    ['lxc.rootfs = /a\nlxc.rootfs.backend = loop', '2.0.8', 'lxc.rootfs = /a\nlxc.rootfs.backend = loop\n'],
  ])('%j becomes for LXC %s %j', async (text, version, expected) => {
    expect((await convert(text, version)).text).toBe(expected);
  });

  it('puts interfaces together, each with its type first', async () => {
    const mixed =
      'lxc.net.1.link = can0\nlxc.net.0.type = veth\nlxc.net.1.type = phys\nlxc.net.0.link = br0\n';
    expect((await convert(mixed, '1.1.5')).text).toBe(
      'lxc.network.type = veth\nlxc.network.link = br0\nlxc.network.type = phys\nlxc.network.link = can0\n',
    );
    const { text, notes } = await convert('lxc.net.0.link = br0\nlxc.net.0.type = veth', '5.0.3');
    expect(text).toBe('lxc.net.0.type = veth\nlxc.net.0.link = br0\n');
    expect(notes).toHaveLength(1);
  });

  it('names included files that are of another era', async () => {
    const text = 'lxc.include = /old.conf\nlxc.include = /new.conf\nlxc.include = /none.conf\n';
    const files = { '/old.conf': 'lxc.tty = 4\n', '/new.conf': 'lxc.tty.max = 4\n' };
    const converted = await convert(text, '5.0.3', undefined, files);
    expect(converted.text).toBe(text);
    expect(converted.notes).toEqual([
      '1:15 assumed: the line stays; /old.conf is not for LXC 5.0.3 and was not converted',
      '3:15 assumed: the line stays; the file could not be read (there is no /none.conf), so its settings were not checked',
    ]);
  });

  it.each([
    [
      'lxc.prlimit.nofile = 1',
      '1.1.5',
      'LXC 1.1.5 has no equivalent of lxc.prlimit.nofile; 2.1.0 and later have',
    ],
    [
      'lxc.cgroup.memory.swappiness = 0',
      '7.0.0',
      'cgroup v2 has no equivalent of memory.swappiness = 0; LXC 1.0.0 to 6.0.6 can set it on cgroup v1',
    ],
    [
      'lxc.mount.auto = cgroup2:ro',
      '1.1.5',
      'lxc.mount.auto must not be cgroup2:ro: LXC 1.1.5 does not know it; 4.0.12 and later do',
    ],
    [
      'lxc.init.cmd = /sbin/init single',
      '1.1.5',
      'lxc.init_cmd must be one word for LXC up to 1.1.5, but is /sbin/init single',
    ],
    ['lxc.rootfs = aufs:/a:/b', '5.0.3', 'LXC 5.0.3 has no storage of type aufs; 1.0.0 to 2.1.1 have'],
    [
      'lxc.mount.entry = /a b none bind,idmap=container 0 0',
      '4.0.0',
      'LXC 4.0.0 does not know the mount option idmap=container; 4.0.7 and later do',
    ],
    ['lxc.environment = TERM', '3.0.3', 'LXC 3.0.3 accepts no variable without a value; 3.1.0 and later do'],
  ])('%s has no equivalent in LXC %s', async (text, version, message) => {
    const [problem = '', ...more] = await problemsOf(() => convert(text, version));
    expect(problem.split('\n')[0]?.replace(/^c\.conf:\d+:\d+ /, '')).toBe(message);
    expect(more).toEqual([]);
  });

  it('refuses a cgroup version that the release does not have', async () => {
    expect(await problemsOf(() => convert('', '7.0.0', 'v1'))).toEqual([
      'LXC 7.0.0 has no key for settings of cgroup v1; 1.0.0 to 6.0.6 have\n  help: omit --cgroup, or use --cgroup v2',
    ]);
  });
});

/** The meaning of a definition in any era: shares are rounded by cgroup v2, and parents are mounted before children. */
function meaningOf(definition: unknown): unknown {
  const { bind, mounts, limits, privileged, ...rest } = ofBoard(definition);
  const byTarget = (a: { to: string }, b: { to: string }): number => (a.to < b.to ? -1 : 1);
  return {
    ...rest,
    privileged: privileged === true,
    limits,
    bind: bind.toSorted(byTarget),
    mounts: mounts.toSorted(byTarget),
  };
}

describe('a configuration of LXC 1.1.5 means the same when it is converted', () => {
  const host = device({ path: '/data', type: 'dir' }, { path: '/run', type: 'dir' });

  it.each([
    ['1.1.5', 'v1'],
    ['2.0.8', 'v1'],
    ['2.1.1', 'v1'],
    ['3.0.3', 'v1'],
    ['3.2.1', 'v1'],
    ['4.0.12', 'v2'],
    ['5.0.3', 'v2'],
    ['6.0.6', 'v1'],
    ['7.0.0', 'v2'],
  ] as const)('to LXC %s, cgroup %s, and back', async (version, cgroup) => {
    for (let seed = 1; seed <= 30; seed++) {
      const { raw: _raw, ...definition } = randomContainer(seed, '1.1.5');
      const container = ofBoard(definition);
      const { configText } = await emitContainer(
        container,
        target({ lxcVersion: '1.1.5', cgroup: 'v1', host }),
      );
      const there = await convert(configText, version, cgroup);
      for (const line of there.text.split('\n').filter((one) => one.startsWith('lxc.')))
        expect(findKey(line.split(' = ')[0] ?? '', version), line).toBeDefined();
      const back = await convert(there.text, '1.1.5', 'v1');
      expect(back.text).toBe(configText);
      expect(meaningOf((await imported(there.text)).definition), there.text).toEqual(meaningOf(definition));
    }
  });
});
