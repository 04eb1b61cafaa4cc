import { expect, test } from 'vitest';
import { readSettingsOf } from '../../rigs/read-settings.ts';
import { devicesToTry, judgeDevices, tryDevicesScript } from '../../../toolkit/guest-checks/try-devices.ts';

/** The rights that are expected for a device, such as `r--`. */
async function rightsOf(device: string, ...rules: readonly string[]): Promise<string> {
  const tries = devicesToTry(
    await readSettingsOf(rules.map((rule) => `lxc.cgroup2.devices.${rule}`).join('\n')),
  );
  const own = tries.filter(({ type, numbers }) => `${type} ${numbers}` === device);
  return (['r', 'w', 'm'] as const)
    .map((right) => {
      const one = own.find((candidate) => candidate.right === right);
      return one === undefined ? '?' : one.allowed ? right : '-';
    })
    .join('');
}

test.each<[device: string, rights: string, ...rules: string[]]>([
  ['c 1:5', 'rwm', 'deny = a', 'allow = c 1:5 rwm'],
  ['c 1:7', '---', 'deny = a', 'allow = c 1:5 rwm'],
  ['c 1:5', 'r--', 'deny = a', 'allow = c 1:5 r'],
  // A narrower rule that comes later.
  ['c 1:5', 'r-m', 'deny = a', 'allow = c 1:5 rwm', 'deny = c 1:5 w'],
  ['c 1:9', 'r-m', 'allow = a', 'deny = c 1:9 w'],
  ['c 1:8', 'rwm', 'deny = c 1:5 rwm'],
  ['c 1:9', 'rw-', 'deny = a', 'allow = c *:* rw'],
  ['b 259:1048575', '--m', 'deny = a', 'allow = b *:* m'],
  // A node is made for a device of the board, but it is not opened.
  ['c 10:130', '??-', 'deny = a', 'allow = c 10:130 rw'],
])('%s is %s after %j', async (device, rights, ...rules) => {
  expect(await rightsOf(device, ...rules)).toBe(rights);
});

test('without rules nothing is tried', () => {
  expect(devicesToTry([])).toEqual([]);
});

test('a group is entered before anything is opened, and nothing is left behind', async () => {
  const tries = devicesToTry(await readSettingsOf('lxc.cgroup2.devices.deny = a'));
  const script = tryDevicesScript(tries, '/sys/fs/cgroup/lxc.payload.a/cgroup.procs');
  const lines = script.split('\n');
  expect(lines[0]).toBe('mknod /dev/.lxc-kit-0 c 1 3 2>/dev/null');
  expect(script).toContain(
    'sh -c \'echo $$ > /sys/fs/cgroup/lxc.payload.a/cgroup.procs || exit 1\necho == "c 1:3 r"; true < /dev/.lxc-kit-0 && echo ok',
  );
  expect(lines.at(-1)).toBe('rm -f /dev/.lxc-kit-*');
});

test('compares what the kernel did with the rules', async () => {
  const tries = devicesToTry(
    await readSettingsOf('lxc.cgroup2.devices.deny = a\nlxc.cgroup2.devices.allow = c 1:5 r'),
  );
  const refused = "sh: can't open /dev/.lxc-kit-0: Operation not permitted";
  const answers = (own: Readonly<Record<string, string>>): string =>
    tries
      .map(({ type, numbers, right }) => `${type} ${numbers} ${right}`)
      .map((title) => `== ${title}\n${own[title] ?? (title === 'c 1:5 r' ? 'ok' : refused)}\n`)
      .join('');
  expect(judgeDevices(tries, answers({}))).toEqual([]);
  expect(
    judgeDevices(
      tries,
      answers({
        'c 1:5 r': refused,
        'c 1:5 w': 'ok',
        'c 1:200 r': "sh: can't open /dev/.lxc-kit-5: No such device or address",
        'b 259:1048575 m': '',
      }),
    ),
  ).toEqual([
    'device c 1:5 cannot be opened for reading: lxc.cgroup2.devices.allow = c 1:5 r is not in force',
    'device c 1:5 can be opened for writing: lxc.cgroup2.devices.deny = a is not in force',
    'device c 1:200 can be opened for reading: lxc.cgroup2.devices.deny = a is not in force',
    'device b 259:1048575 can be made with mknod: lxc.cgroup2.devices.deny = a is not in force',
  ]);
  expect(judgeDevices(tries, 'sh: write error: Device or resource busy')).toBeUndefined();
});
