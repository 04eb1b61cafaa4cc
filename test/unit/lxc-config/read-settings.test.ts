import { describe, expect, it } from 'vitest';
import { checkConfig, rootfsPlace } from '../../../toolkit/lxc-config/check-config.ts';
import { readSettings } from '../../../toolkit/lxc-config/read-settings.ts';
import { effectiveSettings, modernName } from '../../../toolkit/lxc-config/effective-settings.ts';
import { Findings } from '../../../toolkit/lxc-keys/findings.ts';
import { notesOf, readLines } from '../containers/rig.ts';

/** Everything wrong with a configuration, as `line:column message (help)`, and what is noted. */
async function check(text: string) {
  const findings = new Findings();
  const settings = readSettings(await readLines(text, findings), findings);
  const counting = effectiveSettings(settings);
  checkConfig(counting, rootfsPlace(counting, 'web'), { unread: false }, findings);
  const errors = findings.errors.map(
    ({ location, message, help }) =>
      `${location?.line ?? 0}:${location?.column ?? 0} ${message}${help === undefined ? '' : ` (${help})`}`,
  );
  return {
    errors,
    notes: notesOf(findings),
    counting: counting.map((one) => `${modernName(one)} = ${one.value}`),
  };
}

describe('reports mistakes in one line', () => {
  it.each([
    ['lxc.foo = 1', '1:1 no LXC release has the key lxc.foo (did you mean lxc.hook?)'],
    [
      'lxc.autodevice = 1',
      '1:1 no LXC release has the key lxc.autodevice; LXC up to 4.0.6 reads it as lxc.autodev (did you mean lxc.autodev?)',
    ],
    ['lxc.autodev = 2', '1:15 lxc.autodev must be 0 or 1, but is 2'],
    ['lxc.net.0.type = veth\nlxc.net.0.mtu = 12', '2:17 lxc.net.0.mtu must be from 68 to 65535, but is 12'],
    [
      'lxc.net.0.type = vlan\nlxc.net.0.vlan.id = 5000',
      '2:21 lxc.net.0.vlan.id must be from 1 to 4094, but is 5000',
    ],
    [
      'lxc.cap.drop = sys_time CAP_SYS_ADMIN',
      '1:25 lxc.cap.drop must be a word that LXC knows here, perhaps sys_admin, but is CAP_SYS_ADMIN (write lxc.cap.drop = sys_time sys_admin)',
    ],
    [
      'lxc.cgroup2.devices.allow = dev/null rw',
      '1:29 lxc.cgroup2.devices.allow must be a device rule with one space between its parts, such as "c 1:3 rwm", but is dev/null rw',
    ],
    [
      'lxc.cgroup2.devices.allow = c  1:3 rwm',
      '1:29 lxc.cgroup2.devices.allow must be a device rule with one space between its parts, such as "c 1:3 rwm", but is c  1:3 rwm (write lxc.cgroup2.devices.allow = c 1:3 rwm)',
    ],
    [
      'lxc.signal.halt = usr1',
      '1:19 lxc.signal.halt must be a signal such as SIGTERM, but is usr1 (write lxc.signal.halt = SIGUSR1)',
    ],
    ['lxc.signal.halt = SIGFOO', '1:19 lxc.signal.halt must be a signal such as SIGTERM, but is SIGFOO'],
    [
      'lxc.net.0.type = veth\nlxc.net.0.ipv6.address = fd00::2/129',
      '2:26 lxc.net.0.ipv6.address must have a prefix length from 0 to 128, but is fd00::2/129',
    ],
    [
      'lxc.net.0.type = veth\nlxc.net.0.ipv4.gateway = bridge',
      '2:26 lxc.net.0.ipv4.gateway must be an address or one of auto, dev, but is bridge',
    ],
    [
      'lxc.network.link = br0\nlxc.network.type = veth',
      '1:1 lxc.network.link comes before the first lxc.network.type, and LXC refuses that (move it below the line with the type of its interface)',
    ],
    [
      'lxc.network.0.link = br0',
      '1:1 interface 0 has no type, and LXC needs one (add a line lxc.net.0.type = veth before it, or another type)',
    ],
  ])('%s', async (text, expected) => {
    expect((await check(text)).errors).toEqual([expected]);
  });
});

describe('reports mistakes in lines together', () => {
  it('id maps that overlap in the container or on the device', async () => {
    expect(
      (await check('lxc.idmap = u 0 1000 10\nlxc.idmap = u 5 5000 10\nlxc.idmap = u 100 1009 1')).errors,
    ).toEqual([
      '2:13 this map overlaps the one of line 1 in the container: that one takes 0 to 9, and the kernel refuses both (begin at 10, or shorten the earlier one)',
      '3:13 this map overlaps the one of line 1 on the device: that one takes 1000 to 1009, and the kernel refuses both (begin at 1010, or shorten the earlier one)',
    ]);
    expect((await check('lxc.idmap = u 0 1000 10\nlxc.idmap = g 0 1000 10')).errors).toEqual([]);
    expect((await check('lxc.idmap = u 0 1000 10\nlxc.idmap = u 10 1010 10')).errors).toEqual([]);
    expect((await check('lxc.idmap = u 0 4294967290 5')).errors).toEqual([]);
    expect((await check('lxc.idmap = u 0 4294967290 6')).errors[0]).toContain('goes beyond the last ID');
    expect((await check('lxc.id_map = u 0 1000 0')).errors[0]).toContain('maps nothing');
  });

  it('two interfaces of one name', async () => {
    const text =
      'lxc.network.type = veth\nlxc.network.name = eth0\nlxc.network.type = phys\nlxc.network.name = eth0';
    expect((await check(text)).errors).toEqual([
      '4:20 two interfaces have the name eth0: this one and that of line 2 (give one of them another name, such as eth1)',
    ]);
  });

  it('capabilities both dropped and kept', async () => {
    expect((await check('lxc.cap.drop = mknod\nlxc.cap.keep = kill')).errors[0]).toMatch(
      /^2:1 lxc.cap.keep cannot be combined/,
    );
  });

  it('mounts that lead out, and those that LXC skips', async () => {
    const { errors, notes } = await check(
      'lxc.rootfs = /opt/web\nlxc.mount.entry = proc /opt/web/proc proc ro 0 0\n' +
        'lxc.mount.entry = tmpfs /tmp tmpfs nosuid 0 0\nlxc.mount.entry = /a ../b none bind 0 0',
    );
    expect(errors).toEqual([
      '4:22 the mount target ../b leads out of the root filesystem (write the path in the container, relative to its root)',
    ]);
    expect(notes).toEqual([
      '3:25 mended: LXC skips this mount with only a warning: /tmp is not in the root filesystem /opt/web',
    ]);
  });
});

describe('comments behind values', () => {
  it.each([
    [
      'lxc.cgroup.devices.allow = c 30:0 rwm #dev/brcm0',
      'which stops reading after three permission letters',
    ],
    ['lxc.cgroup.devices.allow = c 30:0 rw # x', 'and the kernel refuses that at the start'],
    ['lxc.tty = 4 # four', 'LXC up to 2.0.5 ignores it'],
    ['lxc.utsname = web # the server', 'LXC reads it as part of the value'],
    ['lxc.group = onboot # x', 'LXC reads its words as more of the list'],
    ['lxc.mount.entry = tmpfs tmp tmpfs ro 0 0 # x', 'LXC ignores it after the six fields'],
    ['lxc.cap.drop = mknod # x', 'LXC reads its words as capabilities'],
  ])('%s is mended', async (text, effect) => {
    const { errors, notes, counting } = await check(text);
    expect(errors).toEqual([]);
    expect(notes.join()).toContain(effect);
    expect(counting.join()).not.toContain('#');
  });

  it.each([
    'lxc.mount.auto = proc:mixed # x',
    'lxc.net.0.type = veth # x',
    // Every release that has the other key refuses a number with a comment.
    'lxc.uts.name = web\nlxc.autodev = 1 # x',
  ])('%s is refused', async (text) => {
    expect((await check(text)).errors.join()).toContain('"# x" is not a comment here');
  });

  it('a # of a shell or a program stays', async () => {
    const { notes, counting } = await check('lxc.hook.start = /bin/a # b\nlxc.environment = A=b # c');
    expect(notes).toEqual([]);
    expect(counting).toEqual(['lxc.hook.start = /bin/a # b', 'lxc.environment = A=b # c']);
  });
});

it('notes quotes where a release that has all keys keeps them', async () => {
  expect((await check('lxc.utsname = "web"')).notes).toEqual([
    '1:15 mended: LXC 1.0.0 to 1.0.8 and 1.1 read the quotes as part of lxc.utsname; later releases strip them',
  ]);
  expect((await check('lxc.uts.name = "web"')).notes).toEqual([]);
});

describe('effectiveSettings', () => {
  it('takes the last of what counts once, all of a list, and nothing before what empties it', async () => {
    const { counting } = await check(
      'lxc.tty = 1\nlxc.tty = 2\nlxc.cap.drop = mknod\nlxc.cap.drop =\nlxc.cap.drop = kill\nlxc.cap.drop = chown\n' +
        'lxc.cgroup.devices.deny = a\nlxc.cgroup.devices.deny =\nlxc.devttydir = lxc\nlxc.devttydir =',
    );
    expect(counting).toEqual(['lxc.tty.max = 2', 'lxc.cap.drop = kill', 'lxc.cap.drop = chown']);
  });

  it('numbers the interfaces of old releases by their types', async () => {
    const { counting } = await check(
      'lxc.network.type = veth\nlxc.network.ipv4 = 10.0.0.2/8\nlxc.network.type = phys\nlxc.network.link = can0\nlxc.network.0.mtu = 1400',
    );
    expect(counting).toEqual([
      'lxc.net.0.type = veth',
      'lxc.net.0.ipv4.address = 10.0.0.2/8',
      'lxc.net.1.type = phys',
      'lxc.net.1.link = can0',
      'lxc.net.0.mtu = 1400',
    ]);
  });

  it('forgets interfaces and hooks that are emptied as a whole', async () => {
    const { counting } = await check(
      'lxc.network.type = veth\nlxc.network.link = a\nlxc.hook.start = /a\nlxc.network =\nlxc.hook =\nlxc.network.type = none',
    );
    expect(counting).toEqual(['lxc.net.0.type = none']);
  });
});
