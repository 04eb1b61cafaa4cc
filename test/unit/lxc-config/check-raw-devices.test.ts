import { expect, it } from 'vitest';
import { emitContainer } from '../../../toolkit/containers/emit-container.ts';
import { containerFrom, problemsOf, target } from '../containers/rig.ts';

/** The problems of raw lines on a board with LXC 5.0.2. */
async function problemsIn(raw: readonly string[], cgroup: 'v1' | 'v2', devices = ''): Promise<string[]> {
  const container = { ...containerFrom(`{ name: web${devices} }`), raw: [...raw] };
  return problemsOf(() => emitContainer(container, target({ cgroup })));
}

const v1 = (...rules: string[]): string[] => rules.map((rule) => `lxc.cgroup.devices.${rule}`);
const v2 = (...rules: string[]): string[] => rules.map((rule) => `lxc.cgroup2.devices.${rule}`);

it('rules of the other cgroup version are one problem, whose help has the rules of the board', async () => {
  const rules = v1('deny = a', 'allow = c 1:7 rw', 'deny = c 1:7 w');
  expect(await problemsIn(rules, 'v2')).toEqual([
    "web: lxc.cgroup.devices.deny is a setting of cgroup v1, and LXC ignores it on this board's cgroup v2\n" +
      '  help: replace all its device rules with lxc.cgroup2.devices.deny = a; lxc.cgroup2.devices.allow = c 1:7 r',
  ]);
  expect((await problemsIn(v1('deny = c 1:7 rwm'), 'v2'))[0]).toContain(
    'replace all its device rules with lxc.cgroup2.devices.allow = a; lxc.cgroup2.devices.deny = c 1:7 rwm',
  );
  expect((await problemsIn(v1('allow = a', 'deny = c 1:7 w'), 'v2'))[0]).toContain(
    'help: cgroup v2 cannot deny c 1:7 w and allow the rest',
  );
  expect((await problemsIn(v2('allow = c 1:7 r'), 'v1'))[0]).toContain(
    'replace all its device rules with lxc.cgroup.devices.deny = a; lxc.cgroup.devices.allow = c 1:7 r',
  );
});

it('a rule that is not in force is a problem, also beside the devices of the definition', async () => {
  expect((await problemsIn(v2('deny = c 1:5 w'), 'v2', ', devices: { allow: [zero] }'))[0]).toContain(
    'web: devices.deny = c 1:5 w is not in force: on cgroup v2 LXC skips a rule that denies after "deny = a"',
  );
  expect((await problemsIn(v1('deny = a', 'allow = c *:* rwm', 'deny = c 1:5 w'), 'v1'))[0]).toContain(
    'web: devices.deny = c 1:5 w is not in force: on cgroup v1 this revokes only',
  );
  expect((await problemsIn(v2('deny = c 1:5 rwm'), 'v2'))[0]).toContain('web: every device is denied');
  expect((await problemsIn(v2('deny = a'), 'v2'))[0]).toContain('web: every device is open');
});

it.each([
  [v2('deny = a', 'allow = c 1:5 rwm'), 'v2'],
  [v2('allow = a', 'deny = c 1:5 rwm'), 'v2'],
  [v2('deny = a', 'deny = a *:* rwm'), 'v2'],
  [v1('deny = a', 'allow = c 1:5 rw', 'deny = c 1:5 w'), 'v1'],
  [v1('deny = c 1:5 rwm'), 'v1'],
] as const)('%j are in force on cgroup %s', async (raw, cgroup) => {
  expect(await problemsIn(raw, cgroup)).toEqual([]);
});
