import { describe, expect, it } from 'vitest';
import { checkValue } from '../../../toolkit/lxc-keys/check-value.ts';
import { findKeyOfAnyRelease } from '../../../toolkit/lxc-keys/key-table.ts';

function check(name: string, value: string, version = '5.0.2'): string | undefined {
  const key = findKeyOfAnyRelease(name);
  if (key === undefined) throw new Error(`no key ${name}`);
  return checkValue(key, value, version);
}

// The values that liblxc refuses were tried with its own parser.
describe('checkValue', () => {
  it.each([
    ['lxc.autodev', '2', 'must be 0 or 1, but is 2'],
    ['lxc.tty.max', '-1', 'must be a whole number, but is -1'],
    ['lxc.signal.halt', 'USR1', 'must be a signal such as SIGTERM, but is USR1'],
    ['lxc.idmap', 'u 0 100000', 'must be an ID map such as "u 0 100000 65536", but is u 0 100000'],
    ['lxc.environment', 'TERM', 'must be NAME=VALUE, but is TERM'],
    [
      'lxc.net.0.name',
      'a-name-far-too-long',
      'must be the name of an interface, 15 characters at most, but is a-name-far-too-long',
    ],
    ['lxc.net.0.flags', 'down', 'must be one of up, but is down'],
    ['lxc.mount.auto', 'proc:mixed dev', /^must be one of proc, .*, but is dev$/],
    ['lxc.net.0.ipv4.address', '10.0.0.2/33', /^must have a prefix length from 0 to 32/],
    ['lxc.net.0.ipv6.address', 'fd00::2/129', /^must have a prefix length from 0 to 128/],
    ['lxc.net.0.ipv4.address', '10.0.0.256/24', /^must be an IPv4 address/],
    ['lxc.net', 'veth', 'takes no value: it only clears the earlier settings'],
    ['lxc.mount.entry', 'tmpfs tmp', /^must be a line as in fstab: /],
  ])('refuses %s = %s', (name, value, message) => {
    expect(check(name, value)).toMatch(message);
  });

  it.each([
    ['lxc.signal.halt', 'SIGRTMIN+3'],
    ['lxc.signal.halt', '37'],
    ['lxc.mount.auto', 'proc:mixed sys:ro shmounts:/srv/shared'],
    ['lxc.log.level', 'trace'],
    ['lxc.log.level', '1'],
    ['lxc.net.0.type', ''],
    ['lxc.prlimit.nofile', '1024:unlimited'],
    ['lxc.net.0.ipv4.address', '10.0.0.2/32'],
    ['lxc.net.0.ipv4.address', '10.0.0.2/0'],
    ['lxc.net.0.ipv4.address', '192.168.0.2/24 192.168.0.255'],
    ['lxc.net.0.ipv6.address', 'fd00::2/128'],
  ])('takes %s = %s', (name, value) => {
    expect(check(name, value)).toBeUndefined();
  });

  it('knows which release brought a value', () => {
    expect(check('lxc.net.0.type', 'ipvlan', '3.0.4')).toBe(
      'must not be ipvlan: LXC 3.0.4 does not know it; 3.2.0 and later do',
    );
    expect(check('lxc.cap.drop', 'mknod bpf', '3.0.3')).toBe(
      'must not be bpf: LXC 3.0.3 does not know it; 4.0.6 and later do',
    );
    expect(check('lxc.cap.drop', 'mknod 39', '3.0.3')).toBeUndefined();
    expect(check('lxc.mount.auto', 'cgroup:rw:force', '2.1.1')).toBe(
      'must not be cgroup:rw:force: LXC 2.1.1 does not know it; 2.0.10 to 2.0.11 and 3.0.0 and later do',
    );
  });

  it('sees a comment that would become part of the value', () => {
    expect(check('lxc.uts.name', 'web # the server')).toBe(
      'would have "# the server" in its value: LXC allows comments only on their own lines',
    );
    expect(check('lxc.cgroup2.devices.allow', 'c 30:0 rwm #dev/brcm0')).toContain('#dev/brcm0');
  });

  it('leaves a # alone where it is harmless', () => {
    expect(check('lxc.mount.entry', 'tmpfs tmp tmpfs nosuid 0 0 # small')).toBeUndefined();
    expect(check('lxc.environment', 'PROMPT=a # b')).toBeUndefined();
    expect(check('lxc.hook.start', '/bin/sh -c "true # ok"')).toBeUndefined();
    expect(check('lxc.rootfs.path', '/opt/a#b')).toBeUndefined();
  });
});
