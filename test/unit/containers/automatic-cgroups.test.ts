import { describe, expect, test } from 'vitest';
import type { CgroupLayout } from '../../../toolkit/cgroups/layouts.ts';
import { checkAutomaticCgroups } from '../../../toolkit/containers/automatic-cgroups.ts';
import { emitContainer } from '../../../toolkit/containers/emit-container.ts';
import { ProblemList } from '../../../toolkit/lxc-keys/problem-list.ts';
import { containerFrom, target } from './rig.ts';

/** The warnings for a word, without the source in LXC that they name. */
function warningsOf(
  lxcVersion: string,
  cgroup: CgroupLayout,
  word: string,
  more = 'rootfs: { from: bind }',
): string[] {
  const problems = new ProblemList();
  const container = containerFrom(`{ name: web, kind: system, auto: ["${word}"], ${more} }`);
  checkAutomaticCgroups(container, { lxcVersion, cgroup, problems });
  expect(problems.errors).toEqual([]);
  return problems.warnings.map(({ message, help = '' }) => {
    expect(message).toMatch(/^web: with \S+ LXC \S+ .* \(src\/lxc\/cgroups\/cgfsng\.c, .+\)$/);
    return `${message.replace(/ \(src.*$/, '')}; ${help}`;
  });
}

const NOTHING = /mounts nothing, and \/sys\/fs\/cgroup stays an empty directory in the container on cgroup/;
const OWN_ONLY = /mounts only the container's own group, not the whole hierarchy of the device/;
const EBUSY = /refuses child limits there with EBUSY/;
const BELOW = /mounts a tmpfs, and cgroup2 at \/sys\/fs\/cgroup\/cgroup below it/;
const REFUSED = /starts the container only if a script on the device has mounted cgroup2/;

describe('words of lxc.mount.auto for cgroups', () => {
  test.each<[string, CgroupLayout, string, RegExp | undefined]>([
    // LXC 1 knows no cgroup namespaces, and mounts what the word says.
    ['1.1.5', 'v1', 'cgroup:rw', undefined],
    ['1.1.5', 'v1-single', 'cgroup-full:ro', undefined],
    ['2.0.8', 'v1', 'cgroup', NOTHING],
    ['2.1.1', 'v1', 'cgroup:mixed', NOTHING],
    ['2.0.11', 'v1', 'cgroup:rw:force', undefined],
    ['3.0.3', 'v1', 'cgroup:ro', NOTHING],
    ['5.0.2', 'v1', 'cgroup:rw', NOTHING],
    ['6.0.6', 'v1', 'cgroup-full:rw', NOTHING],
    ['5.0.2', 'v1', 'cgroup:rw:force', undefined],
    ['5.0.2', 'v1', 'cgroup-full:rw:force', OWN_ONLY],
    ['5.0.2', 'v1', 'cgroup2', REFUSED],
    ['5.0.2', 'v1-single', 'cgroup:rw:force', NOTHING],
    ['3.2.1', 'v2', 'cgroup:rw', NOTHING],
    ['3.2.1', 'v2', 'cgroup:rw:force', BELOW],
    ['4.0.2', 'v2', 'cgroup:rw', NOTHING],
    ['4.0.2', 'v2', 'cgroup:rw:force', EBUSY],
    ['4.0.3', 'v2', 'cgroup:rw', EBUSY],
    ['5.0.2', 'v2', 'cgroup', EBUSY],
    ['5.0.2', 'v2', 'cgroup:mixed', EBUSY],
    ['7.0.0', 'v2', 'cgroup:ro', undefined],
    ['7.0.0', 'v2', 'cgroup-full:mixed', OWN_ONLY],
    ['7.0.0', 'v2', 'cgroup2', EBUSY],
    ['7.0.0', 'v2', 'cgroup2:ro', undefined],
    ['5.0.2', 'v1', 'proc:rw', undefined],
  ])('LXC %s on cgroup %s: %s', (lxcVersion, cgroup, word, expected) => {
    const found = warningsOf(lxcVersion, cgroup, word);
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringMatching(expected)]);
  });

  test('the help is a word where one helps, else a command', () => {
    expect(warningsOf('5.0.2', 'v1', 'cgroup:ro')).toEqual([
      'web: with cgroup:ro LXC 5.0.2 mounts nothing, and /sys/fs/cgroup stays an empty directory in the container on cgroup v1; write cgroup:ro:force',
    ]);
    expect(warningsOf('2.0.8', 'v1', 'cgroup:ro')[0]).toContain("mount it in the container's init: mount -t");
    expect(warningsOf('4.0.0', 'v2', 'cgroup')[0]).toMatch(/; write cgroup:force$/);
  });

  test('a container without CAP_SYS_ADMIN gets every word forced', () => {
    for (const more of [
      'capabilities: { drop: [sys_admin] }',
      'capabilities: { keep: [chown] }',
      'raw: ["lxc.cap.drop = sys_admin mknod"]',
    ])
      expect(warningsOf('5.0.2', 'v1', 'cgroup:rw', more)).toEqual([]);
    expect(warningsOf('5.0.2', 'v1', 'cgroup:rw', 'capabilities: { drop: [mknod] }')).toHaveLength(1);
  });

  test("lxc-kit's own rcS moves the processes, so there is nothing to say", () => {
    const own = 'rootfs: { from: busybox }';
    expect(warningsOf('5.0.2', 'v2', 'cgroup:rw', own)).toEqual([]);
    expect(warningsOf('5.0.2', 'v2', 'cgroup:rw', `${own}, command: [/bin/sh]`)).toHaveLength(1);
  });

  test('raw lines count, and a namespace that is chosen there leaves it open', () => {
    const raw = (line: string): string => `rootfs: { from: bind }, raw: ["${line}"]`;
    expect(warningsOf('5.0.2', 'v1', 'sys:ro', raw('lxc.mount.auto = cgroup:mixed'))).toEqual([
      expect.stringMatching(NOTHING),
    ]);
    expect(warningsOf('5.0.2', 'v1', 'cgroup', raw('lxc.namespace.keep = cgroup'))).toEqual([]);
  });
});

test('the mount point is there where /sys is not mounted', async () => {
  const pathsOf = async (auto: string): Promise<string[]> => {
    const yaml = `{ name: web, kind: system, rootfs: { from: busybox }, auto: [${auto}] }`;
    return (await emitContainer(containerFrom(yaml), target())).entries.map(({ path }) => path);
  };
  expect(await pathsOf('"cgroup:rw"')).toContain('/opt/lxc/web/sys/fs/cgroup');
  expect(await pathsOf('"proc:rw"')).not.toContain('/opt/lxc/web/sys/fs/cgroup');
});
