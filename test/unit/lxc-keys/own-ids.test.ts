import { describe, expect, test } from 'vitest';
import { idOnDevice, rootInside } from '../../../toolkit/lxc-keys/own-ids.ts';

describe('a user or group of a container on the device', () => {
  const idmap = [
    { kind: 'uid', container: 0, host: 100_000, count: 1_000 },
    { kind: 'gid', container: 0, host: 200_000, count: 10 },
    { kind: 'uid', container: 1_000, host: 1_000, count: 1 },
  ] as const;

  test.each([
    ['uid', 0, 100_000],
    ['uid', 999, 100_999],
    // The first that the next map has, and the first that none has.
    ['uid', 1_000, 1_000],
    ['uid', 1_001, 1_001],
    ['gid', 0, 200_000],
    ['gid', 9, 200_009],
    ['gid', 10, 10],
  ] as const)('%s %i is %i', (kind, inside, outside) => {
    expect(idOnDevice([...idmap], kind, inside)).toBe(outside);
  });

  test('owns the files of the container, if it is root', () => {
    expect(rootInside({ idmap: [...idmap] })).toEqual({ uid: 100_000, gid: 200_000 });
  });

  test('without a map is the same', () => {
    expect(idOnDevice([], 'uid', 33)).toBe(33);
  });

  test('below a map that begins later is not mapped', () => {
    const late = [{ kind: 'uid', container: 5, host: 100_000, count: 5 }] as const;
    expect([4, 5, 9, 10].map((id) => idOnDevice([...late], 'uid', id))).toEqual([4, 100_000, 100_004, 10]);
  });
});
