import { expect, test } from 'vitest';
import { switchedOffBy } from '../../../toolkit/cgroups/switched-off.ts';

test.each([
  ['quiet cgroup_disable=memory', 'memory', 'v2', 'cgroup_disable=memory'],
  ['cgroup_disable=cpuset,blkio', 'io', 'v2', 'cgroup_disable=cpuset,blkio'],
  ['cgroup_disable=io', 'blkio', 'v1', 'cgroup_disable=io'],
  ['cgroup_no_v1=memory,pids', 'pids', 'v1', 'cgroup_no_v1=memory,pids'],
  ['cgroup_no_v1=all', 'devices', 'v1', 'cgroup_no_v1=all'],
  // It is about hierarchies of v1 alone, and cgroup_disable knows no "all".
  ['cgroup_no_v1=all', 'memory', 'v2', undefined],
  ['cgroup_disable=all', 'memory', 'v1', undefined],
  ['cgroup_disable=memory', 'pids', 'v2', undefined],
  ['cgroup.memory=nokmem cgroup_enable=memory', 'memory', 'v1', undefined],
] as const)('%s and %s of %s', (commandLine, controller, version, word) => {
  expect(switchedOffBy(commandLine, controller, version)).toBe(word);
});
