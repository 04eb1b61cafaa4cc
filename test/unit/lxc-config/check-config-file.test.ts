import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { checkConfigFiles, type ConfigFileTarget } from '../../../toolkit/lxc-config/check-config-file.ts';
import { checkSystemConfig } from '../../../toolkit/lxc-config/check-system-config.ts';

const onV2 = { lxcVersion: '5.0.2', cgroup: 'v2' } as const;
const TARGET: ConfigFileTarget = onV2;

function check(text: string, { lenient = false, target = TARGET } = {}) {
  const { errors, warnings } = checkConfigFiles(
    [{ shownFile: 'o/limits.conf', text }],
    'web',
    target,
    lenient,
  );
  return { errors: errors.map(formatDiagnostic), warnings: warnings.map(formatDiagnostic) };
}

describe('a configuration that lxc-kit did not write', () => {
  it('is read like raw lines, and each mistake has its place in the file', () => {
    const { errors } = check(
      '# Limits of the vendor.\r\nlxc.tty.max = 4\r\n  lxc.cgroup.memory.limit_in_bytes = 16M\r\nlxc.utsname = web\nlxc.no.key = 1\nlxc.pty.max = many\nlxc.tty.max 5\n',
    );
    expect(errors.map((text) => text.split('\n')[0])).toEqual([
      "o/limits.conf:3:3 web: lxc.cgroup.memory.limit_in_bytes is a setting of cgroup v1, and LXC ignores it on this board's cgroup v2",
      'o/limits.conf:4:1 web: LXC 5.0.2 does not have the key lxc.utsname; 1.0.0 to 2.1.1 did',
      'o/limits.conf:5:1 web: LXC has no key lxc.no.key',
      'o/limits.conf:6:1 web: lxc.pty.max must be a whole number, but is many',
      'o/limits.conf:7:1 web: LXC refuses the configuration because the line "lxc.tty.max 5" has no "="',
    ]);
  });

  it('may set the same for both versions of cgroup, as those of LXC do', () => {
    const both =
      'lxc.cgroup.devices.deny = a\nlxc.cgroup2.devices.deny = a\nlxc.cgroup2.memory.max = 1M\nlxc.cgroup.memory.limit_in_bytes = 1M\n';
    expect(check(both).errors).toEqual([]);
    expect(check(both, { target: { ...onV2, cgroup: 'v1' } }).errors).toEqual([]);
    expect(check('lxc.cgroup2.pids.max = 5\n', { target: { ...onV2, cgroup: 'v1' } }).errors).toEqual([
      expect.stringContaining("LXC ignores it on this board's cgroup v1"),
    ]);
  });

  it('needs the libraries that LXC was built with', () => {
    const target = { ...onV2, buildFeatures: ['libcap'] };
    expect(check('lxc.apparmor.profile = unconfined\n', { target }).errors).toEqual([
      expect.stringContaining('is built without apparmor here'),
    ]);
  });

  it('causes only a warning where LXC skips a line, if its container is not started', () => {
    const { errors, warnings } = check('lxc.cgroup.pids.max = 5\nLXC.x = 1\nlxc.no.key = 1\n', {
      lenient: true,
    });
    expect(errors).toEqual([expect.stringContaining('LXC has no key lxc.no.key')]);
    expect(warnings).toHaveLength(2);
  });
});

describe('the system-wide lxc.conf', () => {
  const system = (text: string, containers = 1, lxcVersion = '5.0.2') => {
    const found = checkSystemConfig(
      { shownFile: 'o/lxc.conf', text },
      { lxcVersion, lxcPath: '/var/lib/lxc', containers },
    );
    return [...found.errors, ...found.warnings].map((one) => formatDiagnostic(one).split('\n')[0]);
  };

  it('has keys of its own', () => {
    expect(
      system('# x\n\nlxc.lxcpath = /var/lib/lxc/\nlxc.bdev.lvm.vg=vg0\nlxc.cgroup.use = @all\n'),
    ).toEqual([]);
    expect(system('lxc.bdev.rbd.rbdpool = x\n', 1, '1.1.5')).toHaveLength(1);
  });

  it('does not take those of containers, nor any other', () => {
    expect(system('lxc.cgroup2.memory.max = 1M\nlxc.lxcpaht = /x\nlxc.lxcpath\n')).toEqual([
      'o/lxc.conf:1:1 LXC silently skips lxc.cgroup2.memory.max here: it is a key of containers, and this file has the system-wide keys',
      'o/lxc.conf:2:1 LXC silently skips lxc.lxcpaht: it has no such system-wide key',
      'o/lxc.conf:3:1 LXC silently skips this line: it has no "="',
    ]);
  });

  it('must not lead LXC away from the containers of the board', () => {
    expect(system('lxc.lxcpath = /data/lxc\n')).toEqual([
      expect.stringContaining(
        'o/lxc.conf:1:1 with this line LXC looks for containers in /data/lxc, but those',
      ),
    ]);
    expect(system('lxc.lxcpath = /data/lxc\n', 0)).toEqual([]);
  });
});
