import { expect, test } from 'vitest';
import { checkSettings } from '../../../toolkit/containers/check-settings.ts';
import type { RootfsNode } from '../../../toolkit/containers/host-rootfs.ts';
import { ProblemList } from '../../../toolkit/lxc-keys/problem-list.ts';
import { containerFrom, device } from './rig.ts';

/** The errors about a container on a device with more files. */
function errorsOf(yaml: string, ...more: RootfsNode[]): string[] {
  const problems = new ProblemList();
  checkSettings(containerFrom(yaml), {
    host: device(...more),
    prefix: '/usr',
    lxcVersion: '5.0.2',
    cgroup: 'v2',
    problems,
  });
  return problems.errors.map(({ message }) => message);
}

test('a seccomp profile has to be a file with something in it', () => {
  const path = '/etc/web.seccomp';
  const yaml = `{ name: web, seccomp: ${path} }`;
  expect(errorsOf(yaml, { path: '/etc', type: 'dir' }, { path, type: 'file', sizeBytes: 9 })).toEqual([]);
  expect(errorsOf(yaml, { path: '/etc', type: 'dir' }, { path, type: 'file', sizeBytes: 0 })).toEqual([
    'web uses the seccomp profile /etc/web.seccomp, which is empty: LXC refuses it',
  ]);
});

test.each([
  ['kind: system, sysctl: { kernel.msgmax: "1" }', 1],
  ['kind: system, sysctl: { net.ipv4.ip_forward: "1" }', 0],
  ['auto: ["proc:mixed"], sysctl: { kernel.msgmax: "1" }', 1],
  ['auto: ["proc:rw"], sysctl: { kernel.msgmax: "1" }', 0],
  ['sysctl: { kernel.msgmax: "1" }', 0],
])('a kernel setting needs a /proc that LXC can write: %s', (yaml, count) => {
  expect(errorsOf(`{ name: web, ${yaml} }`)).toHaveLength(count);
});
