import { describe, expect, it } from 'vitest';
import type { CgroupLayout } from '../../../toolkit/cgroups/layouts.ts';
import { convertConfig } from '../../../toolkit/lxc-adoption/convert-config.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import { writeSettings } from '../../../toolkit/containers/write-settings.ts';
import { ProblemList } from '../../../toolkit/lxc-keys/problem-list.ts';
import { containerSchema } from '../../../toolkit/board/container-schema.ts';
import { usualLayout } from '../../../toolkit/lxc-adoption/import-raw.ts';
import { imported, notesOf, problemsOf, readLines } from '../containers/rig.ts';

async function convert(
  text: string,
  lxcVersion: string,
  cgroup?: CgroupLayout,
): Promise<{ text: string; notes: string }> {
  const findings = new Findings();
  const lines = await readLines(text, findings);
  const written = convertConfig(lines, { lxcVersion, cgroup }, findings);
  return { text: written, notes: notesOf(findings).join('\n') };
}

const OLD = 'lxc.rootfs = /srv/a\nlxc.utsname = a\n';
const NEW = 'lxc.rootfs.path = /srv/a\nlxc.uts.name = a\n';

describe('two blocks for one interface', () => {
  const text = `${NEW}lxc.net.0.type = macvlan\nlxc.net.0.link = eth0\nlxc.net.0.type = phys\nlxc.net.0.link = eth1\n`;

  it('are one interface, of the later lines, and that is said', async () => {
    for (const version of ['1.1.5', '2.1.1', '5.0.2']) {
      const { text: written, notes } = await convert(text, version);
      expect(written.match(/type = (.*)/g)).toEqual(['type = phys']);
      expect(written.match(/link = (.*)/g)).toEqual(['link = eth1']);
      expect(notes).toContain('3:1 left-out: interface 0 has a second block from line 5 on');
      expect(notes).toContain('4:1 left-out: overwritten by line 6');
    }
    const { definition, notes } = await imported(text);
    expect(definition['network']).toEqual([{ type: 'phys', link: 'eth1', up: false }]);
    expect(notes.join('\n')).toContain('overwritten by line 6');
  });

  it('stay two when a clearing line parts them', async () => {
    const { notes } = await convert(
      `${NEW}lxc.net.0.type = veth\nlxc.net =\nlxc.net.0.type = phys\n`,
      '5.0.2',
    );
    expect(notes).toBe('');
  });
});

describe('values that eras read otherwise', () => {
  it('lxc.pts as a mere yes is no limit from 2.1 on', async () => {
    expect((await convert(`${OLD}lxc.pts = 2\n`, '1.1.5')).text).toContain('lxc.pts = 2');
    const { text, notes } = await convert(`${OLD}lxc.pts = 2\n`, '5.0.2');
    expect(text).not.toContain('lxc.pty');
    expect(notes).toContain('left-out: lxc.pts = 2 only meant that there are pseudo terminals');
    expect((await convert(`${OLD}lxc.pts = 1024\n`, '5.0.2')).text).toContain('lxc.pty.max = 1024');
    expect((await imported(`${OLD}lxc.pts = 2\n`)).definition['pty']).toBeUndefined();
  });

  it.each([
    ['lxc.network.ipv6 = fd00:5::9', 'lxc.net.0.ipv6.address = fd00:5::9/64'],
    ['lxc.network.ipv4 = 10.1.2.3', 'lxc.net.0.ipv4.address = 10.1.2.3/8'],
    ['lxc.network.ipv4 = 172.20.2.200', 'lxc.net.0.ipv4.address = 172.20.2.200/16'],
    ['lxc.network.ipv4 = 192.168.7.3 192.168.7.255', 'lxc.net.0.ipv4.address = 192.168.7.3/24 192.168.7.255'],
  ])('%s has its prefix length written', async (line, written) => {
    const { text, notes } = await convert(`${OLD}lxc.network.type = veth\n${line}\n`, '5.0.2');
    expect(text).toContain(`${written}\n`);
    expect(notes).toContain('4:');
    expect(notes).toContain('mended: the address has no prefix length');
  });

  it('says what a little-endian machine made of an address without a length', async () => {
    const { notes } = await convert(
      `${OLD}lxc.network.type = veth\nlxc.network.ipv4 = 192.168.7.3\n`,
      '1.1.5',
    );
    expect(notes).toContain('on little-endian machines LXC looks at the last number and uses 8');
  });

  it.each([
    ['mips', '1.1.5', undefined],
    ['mips', '5.0.2', 'mips'],
    ['vax', '3.0.3', undefined],
    ['vax', '5.0.2', undefined],
  ])('lxc.arch = %s for LXC %s', async (arch, version, written) => {
    const { text, notes } = await convert(`${OLD}lxc.arch = ${arch}\n`, version);
    expect(/lxc\.arch = (.*)/.exec(text)?.[1]).toBe(written);
    expect(notes.includes('LXC before 4.0.9 only warns')).toBe(written === undefined);
  });

  it('leaves out empty values that old parsers refuse, and keeps those they take', async () => {
    const text = `${OLD}lxc.network.type = veth\nlxc.network.link =\nlxc.network.mtu =\nlxc.network.ipv4 =\nlxc.network.ipv6 =\nlxc.network.veth.pair =\nlxc.haltsignal =\n`;
    const old = (await convert(text, '1.1.5')).text;
    for (const gone of ['ipv4', 'ipv6', 'haltsignal']) expect(old).not.toContain(gone);
    for (const kept of ['link =', 'mtu =', 'veth.pair =']) expect(old).toContain(kept);
    expect((await convert(text, '5.0.2')).text).toContain('lxc.net.0.ipv4.address =\n');
  });

  it('leaves out unconfined where LXC without AppArmor refuses it', async () => {
    const text = `${OLD}lxc.aa_profile = unconfined\n`;
    expect((await convert(text, '1.1.5')).text).toContain('lxc.aa_profile = unconfined');
    expect((await convert(text, '4.0.12')).text).toContain('lxc.apparmor.profile = unconfined');
    const { text: written, notes } = await convert(text, '5.0.2');
    expect(written).not.toContain('apparmor');
    expect(notes).toContain('left-out: lxc.apparmor.profile = unconfined is the default without AppArmor');
  });

  it('keeps lxc.pivotdir for releases that know it', async () => {
    expect((await convert(`${OLD}lxc.pivotdir = mnt\n`, '2.1.1')).text).toContain('lxc.pivotdir = mnt');
    expect((await convert(`${OLD}lxc.pivotdir = mnt\n`, '2.1.0')).text).not.toContain('pivotdir');
  });
});

describe('an interface without a type', () => {
  const text = `lxc.include = /not-here.conf\n${NEW}lxc.net.0.link = br-lan\n`;

  it('may have it in an included file', async () => {
    const { text: written, notes } = await convert(text, '5.0.2');
    expect(written).toBe(text);
    expect(notes).toContain('assumed: interface 0 has no type here; it is assumed to be in an included file');
    expect(notes).toContain('1:15 assumed: the line stays; the file could not be read');
    expect((await imported(text)).definition['raw']).toEqual(['lxc.net.0.link = br-lan']);
  });

  it('is refused for releases that need the type first', async () => {
    const problems = await problemsOf(() => convert(text, '1.1.5'));
    expect(problems.join('\n')).toContain(
      'LXC 1.1.5 accepts lxc.net.0.link only after the type of its interface',
    );
  });
});

describe('keys that no container has', () => {
  it.each([
    ['lxc.net.0.ipv4 = 10.9.0.5/24', 'help: write lxc.net.0.ipv4.address = 10.9.0.5/24'],
    ['lxc.net.3.ipv6 = fd00::9/64', 'help: write lxc.net.3.ipv6.address = fd00::9/64'],
    ['lxc.net = 10.9.0.5/24', 'help: write lxc.net.0.ipv4.address = 10.9.0.5/24'],
    ['lxc.console.buffer.logfile = /a', 'help: write lxc.console.logfile = /a'],
    ['lxc.rootfs.ro = 1', 'help: write lxc.rootfs.options = ro'],
    ['lxc.console.colour.depth = 1', 'help: remove the line'],
    ['lxc.lxcpath = /srv', 'lxc.lxcpath belongs to the system-wide lxc.conf'],
    ['lxc.bdev.lvm.vg = a', 'lxc.bdev.lvm.vg belongs to the system-wide lxc.conf'],
  ])('%s', async (line, help) => {
    const [problem = ''] = await problemsOf(() => convert(`${NEW}${line}\n`, '5.0.2'));
    expect(problem).toContain(help);
  });
});

/** Configurations of all eras, and what `raw` has of them for a release. */
const CORPUS = [
  'lxc.devttydir = lxc\nlxc.mount = /srv/a/fstab',
  'lxc.loglevel = 1\nlxc.logfile = /var/log/a.log',
  'lxc.aa_profile = unconfined',
  'lxc.aa_profile = lxc-container-default',
  'lxc.aa_allow_incomplete = 1',
  'lxc.se_context = system_u:system_r:lxc_t:s0',
  'lxc.kmsg = 0\nlxc.pivotdir = mnt',
  'lxc.arch = mips',
  'lxc.arch = vax',
  'lxc.rootfs.mount = /mnt',
  'lxc.rootfs.options = noatime',
  'lxc.cgroup.memory.swappiness = 0',
  'lxc.cgroup.memory.soft_limit_in_bytes = 16M',
  'lxc.cgroup.blkio.weight = 500',
  'lxc.cgroup.cpu.rt_runtime_us = 1000',
  'lxc.cgroup.net_cls.classid = 0x100001',
  'lxc.cgroup2.memory.high = 16M',
  'lxc.cgroup2.io.weight = 100',
  'lxc.cgroup.devices.deny = c 1:9 rwm',
  'lxc.cgroup.devices.deny = c 1:9 w',
  'lxc.cgroup2.devices.allow = a\nlxc.cgroup2.devices.deny = b *:* rwm',
  'lxc.cgroup.devices.deny = a\nlxc.cgroup.devices.allow = c 1:3 rwm\nlxc.cgroup.devices.deny = c 1:3 w',
  'lxc.network.type = veth\nlxc.network.script.up = /up\nlxc.network.ipv4 = 10.0.0.9',
  'lxc.network.type = veth\nlxc.network.ipv4 =',
  'lxc.net.0.type = ipvlan\nlxc.net.0.link = eth0\nlxc.net.0.ipvlan.mode = l2',
  'lxc.net.0.type = veth\nlxc.net.0.veth.mode = router',
  'lxc.signal.halt = 37',
  'lxc.environment = TERM',
  'lxc.environment.runtime = A=b',
  'lxc.init.groups = 4,5',
  'lxc.monitor.unshare = 1',
  'lxc.ephemeral = 1',
  'lxc.keyring.session = 0',
  'lxc.console.logfile = /var/log/c',
  'lxc.console.buffer.size = 64KB',
  'lxc.seccomp.allow_nesting = 1',
  'lxc.namespace.keep = ipc',
  'lxc.proc.oom_score_adj = 10',
  'lxc.time.offset.boot = 1h',
  'lxc.sched.core = 0',
  'lxc.cgroup.dir = lxc/a',
  'lxc.cgroup.dir.container = lxc/a',
  'lxc.syslog = local0',
  'lxc.limit.nofile = 64',
  'lxc.tty = 1\nlxc.pts = 1\nlxc.console = none',
  'lxc.include = /not-here.conf\nlxc.cgroup.devices.allow = c 10:200 rwm',
  'lxc.hook.version = 1\nlxc.hook.start-host = /bin/true',
  'lxc.execute.cmd = /bin/a',
  'lxc.autodev.tmpfs.size = 500000',
  'lxc.mount.entry = a a none bind 0 0\nlxc.mount.entry = b a none bind 0 0',
];

/** Errors for a definition on a board whose LXC is built with libcap alone. */
function refused(definition: Record<string, unknown>, lxcVersion: string, cgroup: CgroupLayout): string[] {
  const problems = new ProblemList();
  const target = { lxcVersion, cgroup, prefix: '/usr', buildFeatures: ['libcap'] };
  writeSettings(containerSchema.parse(definition), [], target, problems);
  // The keys of a definition, such as a limit, may need a later LXC; raw lines may not.
  return problems.errors
    .map(({ message }) => message)
    .filter((message) => !/has no key for|must not be|lxc\.seccomp\.profile/.test(message));
}

describe.each(['1.1.5', '2.0.8', '2.1.1', '3.0.3', '4.0.12', '5.0.2', '6.0.6', '7.0.0'])(
  'the definition that import writes for LXC %s',
  (lxcVersion) => {
    it.each(CORPUS)('a build takes: %j', async (lines) => {
      for (const cgroup of new Set<CgroupLayout>([
        usualLayout(lxcVersion),
        lxcVersion === '7.0.0' ? 'v2' : 'v1',
      ])) {
        const { definition } = await imported(`${OLD}${lines}\n`, {}, { lxcVersion, cgroup });
        expect(refused(definition, lxcVersion, cgroup)).toEqual([]);
      }
    });
  },
);

it('raw has the words of the release that is imported for', async () => {
  const text = `${OLD}lxc.devttydir = lxc\nlxc.mount = /srv/a/fstab\nlxc.cgroup.blkio.weight = 500\n`;
  expect((await imported(text)).definition['raw']).toEqual([
    'lxc.tty.dir = lxc',
    'lxc.mount.fstab = /srv/a/fstab',
    'lxc.cgroup2.io.weight = 4950',
  ]);
  expect((await imported(text, {}, { lxcVersion: '1.1.5', cgroup: 'v1' })).definition['raw']).toEqual([
    'lxc.devttydir = lxc',
    'lxc.mount = /srv/a/fstab',
    'lxc.cgroup.blkio.weight = 500',
  ]);
});
