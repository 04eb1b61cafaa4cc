import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { containerSchema } from '../../../toolkit/board/container-schema.ts';
import type { PlacedSetting } from '../../../toolkit/lxc-keys/problem-list.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { checkMemory } from '../../../toolkit/board-checks/check-memory.ts';
import { programWith } from '../../rigs/make-elf.ts';
import { scratchDir } from '../scratch.ts';

const MIB = 1024 * 1024;

/** Findings about a container whose program is these bytes. */
async function saidOf(
  more: string,
  bytes: Buffer,
  included: readonly PlacedSetting[] = [],
): Promise<string[]> {
  const container = containerSchema.parse(
    parse(`{ name: web, kind: application, command: [/usr/bin/app], bind: [/usr/bin/app]${more} }`),
  );
  const source = join(scratchDir(), 'app');
  writeFileSync(source, bytes);
  const base = { path: '/usr/bin/app', mode: 0o755, uid: 0, gid: 0 };
  const program: RootfsEntry = { ...base, type: 'file', source, sizeBytes: bytes.length, sha256: '' };
  const found = await checkMemory(container, program, included, (path) => ({
    file: `board:${path.join('.')}`,
    line: 1,
    column: 2,
  }));
  return found.map(formatDiagnostic);
}

test('a program with more variables than its limit would be killed', async () => {
  expect(await saidOf(', limits: { memory: 8M }', programWith(24.25 * MIB))).toEqual([
    'board:limits.memory:1:2 web may use 8 MiB of memory, but the variables of its program /usr/bin/app alone need 24.3 MiB (.data and .bss): the kernel kills it\n' +
      '  help: give it more than 25M, or make the arrays of the program smaller',
  ]);
});

test('one whose variables just fit is started', async () => {
  expect(await saidOf(', limits: { memory: 8M }', programWith(8 * MIB))).toEqual([]);
  expect(await saidOf(', limits: { memory: 8M }', programWith(8 * MIB + 1))).toHaveLength(1);
});

test.each(['lxc.cgroup2.memory.max = 4M', 'lxc.cgroup.memory.limit_in_bytes = 4194304'])(
  'a limit in raw counts: %s',
  async (line) => {
    const [said] = await saidOf(`, raw: [ "${line}" ]`, programWith(5 * MIB));
    expect(said).toMatch(/^board:raw\.0:1:2 web may use 4 MiB of memory, /);
  },
);

test('counts the last of several lines, raw ones after included ones', async () => {
  const included = [
    {
      key: 'lxc.cgroup2.memory.max',
      value: '2M',
      place: { file: 'included.conf', line: 4, column: 1, sourceLine: '' },
    },
  ] as unknown as readonly PlacedSetting[];
  expect((await saidOf('', programWith(5 * MIB), included))[0]).toMatch(/^included\.conf:4:1 /);
  const more = ', raw: [ "lxc.cgroup2.memory.max = 1M", "lxc.cgroup2.memory.max = 6M" ]';
  expect(await saidOf(more, programWith(5 * MIB), included)).toEqual([]);
});

test.each([
  ['no limit', '', programWith(24 * MIB)],
  ['a limit that is none', ', raw: [ "lxc.cgroup2.memory.max = max" ]', programWith(24 * MIB)],
  ['another file of the controller', ', raw: [ "lxc.cgroup2.memory.high = 1M" ]', programWith(24 * MIB)],
  ['a script', ', limits: { memory: 8M }', Buffer.from('#!/bin/sh\n')],
  ['a program that is cut short', ', limits: { memory: 8M }', programWith(24 * MIB).subarray(0, 60)],
])('nothing is said of %s', async (_what, more, bytes) => {
  expect(await saidOf(more, bytes)).toEqual([]);
});
