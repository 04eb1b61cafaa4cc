import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { emitContainer } from '../../../toolkit/containers/emit-container.ts';
import { containerFrom, problemsOf, target } from '../containers/rig.ts';

const emit = async (container: string, changes = {}) =>
  emitContainer(containerFrom(container), target(changes));

/** The printed problem of one raw line, as a person wrote it: the schema of the board lets fewer through. */
async function problemOf(raw: string, changes = {}): Promise<string | undefined> {
  const container = { ...containerFrom('name: web'), raw: [raw] };
  return (await problemsOf(() => emitContainer(container, target(changes))))[0];
}

describe('raw lines', () => {
  it('stand at the end, as they are', async () => {
    const { configText } = await emit(
      '{ name: web, raw: ["lxc.prlimit.nofile=1024", "lxc.no_new_privs = 1"] }',
    );
    expect(configText).toMatch(
      /\n# Lines given as they are\nlxc\.prlimit\.nofile = 1024\nlxc\.no_new_privs = 1\n$/,
    );
  });

  it.each([
    ['lxc.uts.nmae = a', 'web: LXC has no key lxc.uts.nmae\n  help: did you mean lxc.uts.name?'],
    ['lxc.net.2.lnik = br0', 'web: LXC has no key lxc.net.2.lnik\n  help: did you mean lxc.net.2.link?'],
    ['lxc.kmsg = 0', 'web: LXC 5.0.2 does not have the key lxc.kmsg; 1.0.0 to 2.1.1 did'],
    [
      'lxc.pts = 4',
      'web: LXC 5.0.2 does not have the key lxc.pts; 1.0.0 to 2.1.1 did\n  help: write lxc.pty.max = 4',
    ],
    [
      'lxc.network.1.link = br0',
      'web: LXC 5.0.2 does not have the key lxc.network.1.link; 1.0.0 to 2.1.1 did\n  help: write lxc.net.1.link = br0',
    ],
    [
      'lxc.limit.nofile = 64',
      'web: LXC 5.0.2 does not have the key lxc.limit.nofile; 2.1.0 to 2.1.1 did\n  help: write lxc.prlimit.nofile = 64',
    ],
    [
      'lxc.environment.runtime = A=b',
      'web: LXC 5.0.2 does not have the key lxc.environment.runtime; 7.0.0 and later do',
    ],
    [
      'lxc.network.name: "eth0"',
      'web: LXC refuses the configuration because the line "lxc.network.name: "eth0"" has no "="\n  help: write lxc.network.name = eth0',
    ],
    ['Lxc.autodev = 0', 'web: LXC ignores the line "Lxc.autodev = 0": it does not start with "lxc."'],
    [
      'lxc.rootfs.mount = /mnt # here',
      'web: lxc.rootfs.mount would have "# here" in its value: LXC allows comments only on their own lines',
    ],
    [
      'lxc.monitor.signal.pdeath = TERM',
      'web: lxc.monitor.signal.pdeath must be a signal such as SIGTERM, but is TERM',
    ],
  ])('%s', async (raw, problem) => {
    expect(await problemOf(raw)).toBe(problem);
  });

  it('may be of a later release than the one built', async () => {
    expect(await problemOf('lxc.uts.name = a', { lxcVersion: '1.1.5', cgroup: 'v1' })).toBe(
      'web: LXC 1.1.5 does not have the key lxc.uts.name; 2.1.0 and later do\n  help: write lxc.utsname = a',
    );
  });

  it('must be for the cgroup version of the board', async () => {
    expect(await problemOf('lxc.cgroup.memory.limit_in_bytes = 8M')).toBe(
      "web: lxc.cgroup.memory.limit_in_bytes is a setting of cgroup v1, and LXC ignores it on this board's cgroup v2\n" +
        '  help: the same file is lxc.cgroup2.memory.max',
    );
    expect(await problemOf('lxc.cgroup2.pids.max = 8', { cgroup: 'v1' })).toBe(
      "web: lxc.cgroup2.pids.max is a setting of cgroup v2, and LXC ignores it on this board's cgroup v1\n" +
        '  help: write lxc.cgroup.pids.max = 8',
    );
    expect(await problemOf('lxc.cgroup.dir = lxc/web')).toBeUndefined();
  });

  it('must not set again what the definition sets', async () => {
    const problems = await problemsOf(() =>
      emit(
        '{ name: web, limits: { pids: 5 }, raw: ["lxc.uts.name = other", "lxc.cgroup2.pids.max = 9", "lxc.autodev = 0"] }',
      ),
    );
    expect(problems).toEqual([
      'web: lxc.uts.name is set twice, here and by hostname\n  help: keep one of the two',
      'web: lxc.cgroup2.pids.max is set twice, here and by limits.pids\n  help: keep one of the two',
      'web: lxc.autodev is set twice, here and by autodev\n  help: keep one of the two',
    ]);
  });

  it('add to what may be given more than once', async () => {
    const { configText } = await emit(`
name: web
devices: { allow: [null] }
environment: { A: b }
raw: ["lxc.cgroup2.devices.allow = c 10:200 rwm", "lxc.environment = C=d", "lxc.mount.entry = proc proc proc ro 0 0"]`);
    expect(configText.match(/devices\.allow|lxc\.environment/g)).toHaveLength(4);
  });

  it('replace what lxc-kit adds of its own accord', async () => {
    const { configText } = await emit(`
name: box
kind: system
rootfs: { from: busybox }
raw: ["lxc.signal.halt = SIGUSR2", "lxc.mount.auto = proc:rw", "lxc.net.0.type = none", "lxc.init.cmd = /bin/sh"]`);
    expect(configText).not.toContain('SIGUSR1');
    expect(configText).not.toContain('proc:mixed');
    expect(configText).not.toContain('empty');
    expect(configText).not.toContain('# Network');
    expect(configText).not.toContain('/sbin/init');
    expect(configText).toContain('lxc.signal.reboot = SIGTERM');
  });
});

describe('addresses of raw lines without a prefix length', () => {
  it.each([
    ['lxc.net.0.ipv6.address = 2001:db8::7', 'every LXC uses 64', '2001:db8::7/64'],
    ['lxc.net.0.ipv4.address = 10.9.8.7', 'LXC uses 8, the length of a class', '10.9.8.7/8'],
    [
      'lxc.net.0.ipv4.address = 192.168.4.5',
      'LXC uses 8 (on big-endian machines 24), the length of a class',
      '192.168.4.5/24',
    ],
  ])('%s is taken, and what LXC makes of it is said', async (line, taken, whole) => {
    const { configText, warnings } = await emit(`{ name: web, raw: ["${line}"] }`);
    expect(configText).toContain(`\n${line}\n`);
    expect(warnings.map((warning) => formatDiagnostic(warning)).join('\n')).toBe(
      `web: ${line} has no prefix length, and ${taken}\n  help: write ${line.split(' = ')[0] ?? ''} = ${whole}`,
    );
  });

  it.each(['lxc.net.0.ipv4.address = 10.9.8', 'lxc.net.0.ipv4.address = 10.9.8.7/33'])(
    '%s is refused all the same',
    async (line) => {
      expect(await problemOf(line)).toContain('web: lxc.net.0.ipv4.address');
    },
  );
});
