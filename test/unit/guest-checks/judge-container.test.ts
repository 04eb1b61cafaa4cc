import { expect, test } from 'vitest';
import { readSettingsOf } from '../../rigs/read-settings.ts';
import { readContainerFacts } from '../../../toolkit/guest-checks/container-facts.ts';
import { wantedLimits } from '../../../toolkit/guest-checks/inspect-container.ts';
import { judgeFacts } from '../../../toolkit/guest-checks/judge-container.ts';
import { cgroupDirectories, judgeLimit } from '../../../toolkit/guest-checks/judge-limit.ts';

const PRINTED = `== config
lxc.uts.name = a
== mountinfo
60 59 0:30 / / rw - ext4 /dev/root rw
61 60 0:31 / /tmp rw,nosuid - tmpfs tmpfs rw
62 60 0:30 /bin/busybox /bin/busybox ro,nosuid - ext4 /dev/root rw
63 60 0:32 / /proc rw - proc proc rw
== status
Name:\tinit
CapBnd:\t000001fffffeffff
== cgroup
3:cpu,cpuacct:/lxc/a
1:devices:/lxc/a
0::/lxc.payload.a/own
== net/dev
Inter-|   Receive
 face |bytes
    lo:       0
  eth0:       0
== net/fib_trie
Local:
  +-- 10.9.8.0/24 2 0 2
     |-- 10.9.8.7
        /32 host LOCAL
== net/if_inet6
fd000000000000000000000000000007 02 40 00 80     eth0
== namespaces
net:[4026532195]
net:[4026531840]
`;
const { facts } = readContainerFacts(PRINTED);

test.each<[line: string, problem?: string]>([
  ['lxc.mount.entry = tmpfs tmp tmpfs nosuid 0 0'],
  ['lxc.mount.entry = /bin/busybox bin/busybox none bind,ro 0 0'],
  [
    'lxc.mount.entry = tmpfs tmp tmpfs ro 0 0',
    '/tmp must be read-only, but is writable: lxc.mount.entry = tmpfs tmp tmpfs ro 0 0',
  ],
  [
    'lxc.mount.entry = /lib lib none bind,ro 0 0',
    'nothing is mounted on /lib: lxc.mount.entry = /lib lib none bind,ro 0 0',
  ],
  ['lxc.mount.entry = /lib lib none bind,optional 0 0'],
  ['lxc.mount.auto = proc:mixed'],
  ['lxc.mount.auto = proc:mixed sys:ro', 'nothing is mounted on /sys: lxc.mount.auto = sys:ro'],
  ['lxc.cap.drop = sys_module'],
  ['lxc.cap.drop = sys_module sys_time', 'it still has sys_time: lxc.cap.drop is not in force'],
  [
    'lxc.net.0.type = veth\nlxc.net.0.name = eth0\nlxc.net.0.ipv4.address = 10.9.8.7/24\nlxc.net.0.ipv6.address = fd00::7/64',
  ],
  ['lxc.network.type = veth\nlxc.network.ipv4 = 10.9.8.7/24'],
  [
    'lxc.net.0.type = veth\nlxc.net.0.name = wan0',
    'it has no interface wan0: lxc.net.0.name = wan0 is not in force',
  ],
  [
    'lxc.net.0.type = veth\nlxc.net.0.ipv4.address = 10.9.8.70/24',
    'it has no address 10.9.8.70/24: lxc.net.0.ipv4.address = 10.9.8.70/24 is not in force',
  ],
  [
    'lxc.net.0.type = veth\nlxc.net.0.ipv6.address = fd00::8/64',
    'it has no address fd00::8/64: lxc.net.0.ipv6.address = fd00::8/64 is not in force',
  ],
  // LXC up to 4.0.10 names the loopback of an empty network.
  ['lxc.net.0.type = empty\nlxc.net.0.name = lo'],
])('%s', async (text, problem) => {
  expect(judgeFacts(await readSettingsOf(text), facts)).toEqual(problem === undefined ? [] : [problem]);
});

test('capabilities that are not to be kept', async () => {
  const problems = judgeFacts(await readSettingsOf('lxc.cap.keep = kill'), facts);
  expect(problems[0]).toMatch(/^it still has chown, .*: lxc\.cap\.keep is not in force$/);
});

test("the device's network in place of one of its own", async () => {
  const shared = { ...facts, hostNetwork: true };
  const settings = await readSettingsOf('lxc.net.0.type = empty');
  expect(judgeFacts(settings, shared)).toEqual([
    "it must have its own network, but shares the device's: lxc.net is not in force",
  ]);
  expect(judgeFacts(await readSettingsOf('lxc.net.0.type = none'), shared)).toEqual([]);
});

test('a limit is looked for in the group of the first process and in those above it', () => {
  expect(cgroupDirectories('memory', facts.cgroups, 'v2', [])).toEqual([
    '/sys/fs/cgroup/lxc.payload.a/own',
    '/sys/fs/cgroup/lxc.payload.a',
  ]);
  const mounts = [
    {
      root: '/',
      at: '/sys/fs/cgroup/cpu',
      options: ['rw'],
      type: 'cgroup',
      source: 'cgroup',
      superOptions: ['rw', 'cpu'],
    },
  ];
  expect(cgroupDirectories('cpu', facts.cgroups, 'v1', mounts)).toEqual([
    '/sys/fs/cgroup/cpu/lxc/a',
    '/sys/fs/cgroup/cpu/lxc',
  ]);
  expect(cgroupDirectories('memory', facts.cgroups, 'v1', mounts)).toEqual([]);
});

test.each<[file: string, wanted: string, found: string, inForce: boolean]>([
  ['memory.max', '33554432', '33554432', true],
  ['memory.max', '1000000', '999424', true],
  ['memory.max', '32M', 'max', false],
  ['memory.max', '32M', '67108864', false],
  ['memory.limit_in_bytes', '32M', '9223372036854771712', false],
  ['pids.max', '64', 'max', false],
  ['cpu.max', '50000', '50000 100000', true],
  ['cpu.max', '50000 100000', 'max 100000', false],
  ['cpuset.cpus', '0-1,3', '0,1,3', true],
  ['cpuset.cpus', '0', '', false],
  // Nothing is known of how the kernel shows it.
  ['memory.reclaim', '1M', '', true],
])('%s = %s, and the kernel has %s', (file, value, text, inForce) => {
  const limit = { file, value, line: `lxc.cgroup2.${file} = ${value}` };
  const problem = judgeLimit(limit, [`/g/${file}`], new Map([[`/g/${file}`, text]]));
  expect(problem).toBe(
    inForce ? undefined : `lxc.cgroup2.${file} = ${value} is not in force: ${file} is ${text}`,
  );
});

test('a limit without its file', () => {
  const limit = { file: 'memory.max', value: '1M', line: 'lxc.cgroup2.memory.max = 1M' };
  expect(judgeLimit(limit, ['/g/memory.max'], new Map())).toBe(
    'lxc.cgroup2.memory.max = 1M is not in force: its group has no memory.max',
  );
});

test('a limit that is written only for the other version is wanted, too', async () => {
  const only = await readSettingsOf('lxc.cgroup.memory.limit_in_bytes = 8M\nlxc.cgroup.devices.deny = a');
  expect(wantedLimits(only, 'v2')).toEqual([
    { file: 'memory.max', value: '8M', line: 'lxc.cgroup.memory.limit_in_bytes = 8M' },
  ]);
  const both = await readSettingsOf('lxc.cgroup.memory.limit_in_bytes = 8M\nlxc.cgroup2.memory.max = 9M');
  expect(wantedLimits(both, 'v2')).toEqual([
    { file: 'memory.max', value: '9M', line: 'lxc.cgroup2.memory.max = 9M' },
  ]);
});
