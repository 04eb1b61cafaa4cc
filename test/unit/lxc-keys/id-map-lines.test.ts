import { expect, test } from 'vitest';
import { describeIds, mapsOf } from '../../../toolkit/lxc-keys/id-map-lines.ts';

test.each([
  [[], 'privileged: its users and groups are those of the device'],
  [['lxc.idmap = u 0 100000 65536', 'lxc.idmap = g 0 100000 65536'], 'users and groups 100000 to 165535'],
  [
    ['lxc.id_map = u 0 100000 10', 'lxc.id_map = u 10 1000 1', 'lxc.id_map = g 0 5 1'],
    'users 100000 to 100009, 1000 to 1000, groups 5 to 5',
  ],
  [['lxc.idmap = u 0 7 1', 'lxc.cap.drop = u 0 7 1', 'lxc.idmap =', '# lxc.idmap = g 0 7 1'], 'users 7 to 7'],
] as const)('the lines %j are %s', (raw, described) => {
  expect(describeIds(mapsOf({ idmap: [], raw: [...raw] }))).toBe(described);
});

test('the maps of a definition win', () => {
  const own = { kind: 'uid', container: 0, host: 1, count: 2 } as const;
  expect(mapsOf({ idmap: [own], raw: ['lxc.idmap = u 0 100000 65536'] })).toEqual([own]);
});
