import { describe, expect, test } from 'vitest';
import { controllersOf, versionQuestion } from '../../../toolkit/board-checks/describe-conflicts.ts';
import { sampleBuild } from '../../rigs/step-context.ts';
import { scratchDir } from '../scratch.ts';

type Plain = Readonly<Record<string, unknown>>;

/** The profile of a board with containers `a`, `b` and so on. */
async function profileOf(cgroup: 'v1' | 'v2', ...containers: readonly Plain[]) {
  const build = await sampleBuild(scratchDir(), {
    cgroup,
    containers: containers.map((changes, index) => ({
      name: 'abc'.charAt(index),
      kind: 'application',
      rootfs: { path: `/opt/lxc/${index}`, from: 'bind' },
      command: ['/bin/sh'],
      bind: ['/bin/sh', '/bin/busybox'],
      ...changes,
    })),
  });
  return build.loaded.profile;
}

describe('the controllers in whose files a container sets something', () => {
  test.each<[string, 'v1' | 'v2', Plain, readonly string[]]>([
    [
      'limits, on v2',
      'v2',
      { limits: { memory: '8M', pids: 20, cpus: 0, 'cpu-quota': '50%' } },
      ['cpu', 'cpuset', 'memory', 'pids'],
    ],
    [
      'limits, on v1',
      'v1',
      { limits: { memory: '8M', pids: 20, cpus: 0, 'cpu-quota': '50%' } },
      ['cpu', 'cpuset', 'memory', 'pids'],
    ],
    ['a line in raw', 'v2', { raw: ['lxc.cgroup2.io.weight = 50'] }, ['io']],
    ['a line of the other version', 'v2', { raw: ['lxc.cgroup.cpuset.cpus = 0'] }, []],
    ['a line of its own version', 'v1', { raw: ['lxc.cgroup.cpuset.cpus = 0'] }, ['cpuset']],
    ['a file of every group', 'v2', { raw: ['lxc.cgroup2.cgroup.freeze = 0'] }, []],
    ['the name of a group', 'v1', { raw: ['lxc.cgroup.dir = lxc/a'] }, []],
    ['device rules, on v2', 'v2', { devices: { allow: ['zero'] } }, []],
    ['device rules, on v1', 'v1', { devices: { allow: ['zero'] } }, ['devices']],
    ['nothing', 'v2', {}, []],
  ])('%s', async (_what, cgroup, changes, controllers) => {
    const [container] = (await profileOf(cgroup, changes)).containers;
    if (container === undefined) throw new Error('no container');
    expect(controllersOf(container, cgroup)).toEqual(controllers);
  });
});

test('collects the features in use, with the containers that use them', async () => {
  const fit = versionQuestion(
    await profileOf(
      'v2',
      { limits: { memory: '8M' }, raw: ['lxc.cgroup2.devices.deny = c 1:9 w'] },
      { raw: ['lxc.rootfs.options = idmap=container'] },
      { limits: { memory: '4M' }, autodev: false },
    ),
  );
  expect(fit.cgroup).toBe('v2');
  expect(Object.fromEntries(fit.uses)).toEqual({
    devices: ['a'],
    memory: ['a', 'c'],
    'idmapped-rootfs': ['b'],
    ...(fit.uses.has('autodev') ? { autodev: fit.uses.get('autodev') } : {}),
  });
  expect(fit.uses.get('autodev') ?? []).not.toContain('c');
  expect(fit.withSettings).toEqual(['a', 'c']);
});
