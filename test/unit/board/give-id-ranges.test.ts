import { describe, expect, test } from 'vitest';
import { giveIdRanges } from '../../../toolkit/board/give-id-ranges.ts';
import { chooseRanges, ID_RANGES } from '../../../toolkit/lxc-keys/id-ranges.ts';
import { containerSchema, type ContainerDefinition } from '../../../toolkit/board/container-schema.ts';

const container = (name: string, more: Readonly<Record<string, unknown>> = {}): ContainerDefinition =>
  containerSchema.parse({ name, ...more });
const firstOf = (containers: readonly ContainerDefinition[], name: string): number | undefined =>
  containers.find((one) => one.name === name)?.idmap[0]?.host;

/** Two names with one hash, found by trying: SHA-256 modulo the number of ranges. */
const MEETING = ['c178', 'c257'] as const;

describe('a range of IDs', () => {
  test('is 65,536 users and as many groups, aligned, below 2^31', () => {
    const [web] = giveIdRanges([container('web')]);
    const host = web?.idmap[0]?.host ?? 0;
    expect(web?.idmap).toEqual([
      { kind: 'uid', container: 0, host, count: 65_536 },
      { kind: 'gid', container: 0, host, count: 65_536 },
    ]);
    expect(web?.givenIds).toBe(true);
    expect(host % 65_536).toBe(0);
    expect(host).toBeGreaterThanOrEqual(1_048_576);
    const last = ID_RANGES.first + ID_RANGES.count * ID_RANGES.size - 1;
    expect(last).toBe(2 ** 31 - 1);
  });

  test('comes from the name alone: files on a flash keep their owner in the next release of the firmware', () => {
    expect(Object.fromEntries(chooseRanges(['container1', 'system1', 'web'], []))).toEqual(
      Object.fromEntries([
        ['container1', 210_763_776],
        ['system1', 1_418_395_648],
        ['web', 1_156_972_544],
      ]),
    );
  });

  test('stays when other containers come, go and change places', () => {
    const names = Array.from({ length: 40 }, (_, index) => `box${index}`);
    const all = giveIdRanges(names.map((name) => container(name)));
    const fewer = giveIdRanges(names.filter((_, index) => index % 3 === 0).map((name) => container(name)));
    const turned = giveIdRanges([...names].reverse().map((name) => container(name)));
    expect(new Set(all.map(({ name }) => firstOf(all, name))).size).toBe(40);
    for (const { name } of fewer) expect(firstOf(fewer, name), name).toBe(firstOf(all, name));
    for (const { name } of turned) expect(firstOf(turned, name), name).toBe(firstOf(all, name));
  });

  test('is never one of two: the name that comes first keeps it, whatever the order of the profile', () => {
    const [first, second] = MEETING;
    const alone = chooseRanges([second], []).get(second);
    expect(chooseRanges([first], []).get(first)).toBe(alone);
    const together = chooseRanges([second, first], []);
    expect(together.get(first)).toBe(alone);
    expect(together.get(second)).not.toBe(alone);
    expect(chooseRanges([first, second], [])).toEqual(together);
  });

  test('touches no range by hand, nor one of a raw line', () => {
    const usual = chooseRanges(['web'], []).get('web') ?? 0;
    const byHand = container('hand', {
      idmap: [{ kind: 'gid', container: 0, host: usual + 65_535, count: 1 }],
    });
    const inRaw = container('raw', { raw: [`lxc.idmap = u 0 ${usual - 10} 11`] });
    const beside = container('beside', {
      idmap: [{ kind: 'uid', container: 0, host: usual - 10, count: 10 }],
    });
    expect(firstOf(giveIdRanges([byHand, container('web')]), 'web')).not.toBe(usual);
    expect(firstOf(giveIdRanges([inRaw, container('web')]), 'web')).not.toBe(usual);
    expect(firstOf(giveIdRanges([beside, container('web')]), 'web')).toBe(usual);
  });

  test('is not for a privileged container, nor for one that has its own', () => {
    const own = { idmap: [{ kind: 'uid', container: 0, host: 100_000, count: 10 }] };
    const given = giveIdRanges([
      container('root', { privileged: true }),
      container('hand', own),
      container('raw', { raw: ['lxc.id_map = g 0 100000 10'] }),
    ]);
    expect(given.map(({ idmap }) => idmap.length)).toEqual([0, 1, 0]);
    expect(given.map(({ givenIds }) => givenIds)).toEqual([false, false, false]);
  });
});
