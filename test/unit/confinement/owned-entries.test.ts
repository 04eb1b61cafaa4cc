import { describe, expect, test } from 'vitest';
import { containerSchema } from '../../../toolkit/board/container-schema.ts';
import { giveIdRanges } from '../../../toolkit/board/give-id-ranges.ts';
import { ownedEntries } from '../../../toolkit/confinement/owned-entries.ts';
import { ProblemList } from '../../../toolkit/lxc-keys/problem-list.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';

const dir = (path: string, uid = 0, gid = 0): RootfsEntry => ({ path, type: 'dir', mode: 0o755, uid, gid });
const node = (path: string, type: 'char' | 'block', major: number, minor: number): RootfsEntry => ({
  path,
  type,
  mode: 0o600,
  uid: 0,
  gid: 0,
  major,
  minor,
});

function owned(more: Readonly<Record<string, unknown>>, entries: readonly RootfsEntry[]) {
  const [container] = giveIdRanges([containerSchema.parse({ name: 'web', ...more })]);
  if (container === undefined) throw new Error('no container');
  const problems = new ProblemList();
  const inside = (path: string): string => path.slice('/opt/lxc/web'.length) || '/';
  return { entries: ownedEntries(container, entries, inside, problems), problems };
}

const small = {
  idmap: [
    { kind: 'uid', container: 0, host: 100_000, count: 100 },
    { kind: 'gid', container: 0, host: 200_000, count: 100 },
  ],
};

describe('the files of an unprivileged container', () => {
  test('belong to the users of its range, set-user-ID bits and all', () => {
    const su: RootfsEntry = { ...dir('/opt/lxc/web/bin/su', 0, 33), mode: 0o4755 };
    const { entries, problems } = owned({}, [dir('/opt/lxc/web'), su]);
    expect(entries.map(({ uid, gid, mode }) => [uid, gid, mode])).toEqual([
      [1_156_972_544, 1_156_972_544, 0o755],
      [1_156_972_544, 1_156_972_577, 0o4755],
    ]);
    expect([...problems.errors, ...problems.warnings]).toEqual([]);
  });

  test('stay as they are when an overlay gave them an ID of the range already', () => {
    const { entries, problems } = owned(small, [dir('/opt/lxc/web', 100_005, 200_006)]);
    expect(entries.map(({ uid, gid }) => [uid, gid])).toEqual([[100_005, 200_006]]);
    expect(problems.errors).toEqual([]);
  });

  test('are refused when the range has no ID for their owner', () => {
    const files = [1, 2, 3, 4, 5].map((n) => dir(`/opt/lxc/web/${n}`, 1000 + n, 5));
    const { problems } = owned(small, files);
    expect(problems.errors).toEqual([
      {
        message:
          'web: its idmap has no uid 1001 of /1, uid 1002 of /2, uid 1003 of /3 and 2 more: the container would see it as owned by 65534',
        help: 'map more IDs, such as count: 65536, or remove idmap: then lxc-kit gives it a range of that size',
      },
    ]);
  });

  test('have no device nodes but those that anybody may have', () => {
    const nodes = [
      node('/opt/lxc/web/dev/null', 'char', 1, 3),
      node('/opt/lxc/web/dev/console', 'char', 5, 1),
      node('/opt/lxc/web/dev/mem', 'char', 1, 1),
      node('/opt/lxc/web/dev/sda', 'block', 8, 0),
    ];
    const { entries, problems } = owned({}, nodes);
    expect(entries.map(({ path }) => path)).toEqual(['/opt/lxc/web/dev/null']);
    expect(problems.warnings).toEqual([
      {
        message:
          'web: /dev/mem, /dev/sda of its root filesystem are device nodes and left out: its root would own the device',
        help: 'bind the node of the device: bind: [{ from: /dev/mem }]',
      },
    ]);
    // Without autodev nothing else brings a console.
    expect(owned({ autodev: false }, nodes).problems.warnings[0]?.message).toContain('/dev/console');
  });

  test('are those of the definition when it is privileged', () => {
    const nodes = [dir('/opt/lxc/web', 7, 8), node('/opt/lxc/web/dev/sda', 'block', 8, 0)];
    expect(owned({ privileged: true }, nodes).entries).toEqual(nodes);
  });
});
