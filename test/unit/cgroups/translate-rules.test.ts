import { describe, expect, it } from 'vitest';
import type { RuleEffect, RuleLine } from '../../../toolkit/cgroups/device-rule.ts';
import { rulesOfV1, rulesOfV2 } from '../../../toolkit/cgroups/rules-in-force.ts';
import { translateRules } from '../../../toolkit/cgroups/translate-rules.ts';
import { passesEarlyV2, passesV1, passesV2, type DeviceUse } from '../../rigs/device-programs.ts';
import { RandomNumbers } from '../../rigs/random-numbers.ts';

/** "deny a; allow c 1:3 rw" */
function rules(text: string): RuleLine[] {
  return text
    .split('; ')
    .filter((one) => one !== '')
    .map((one) => ({
      effect: one.replace(/ .*/, '') as RuleEffect,
      value: one.replace(/^\w+ /, ''),
    }));
}

function texts(lines: readonly RuleLine[]): string {
  return lines.map(({ effect, value }) => `${effect} ${value}`).join('; ');
}

const USES: DeviceUse[] = (['b', 'c'] as const).flatMap((type) =>
  [1, 2, 3].flatMap((major) =>
    [1, 2, 3].flatMap((minor) =>
      (['r', 'w', 'rw', 'm'] as const).map((rights) => ({ type, major, minor, rights })),
    ),
  ),
);

function passing(lines: readonly RuleLine[], passes: typeof passesV1): string[] {
  return USES.filter((use) => passes(lines, use)).map(
    ({ type, major, minor, rights }) => `${type} ${major}:${minor} ${rights}`,
  );
}

describe('from cgroup v1 to v2', () => {
  it.each([
    ['deny a; allow c 1:5 rw; deny c 1:5 w', 'deny a; allow c 1:5 r'],
    ['deny a; allow c 1:5 r; allow c 1:5 w', 'deny a; allow c 1:5 rw'],
    ['deny a; allow c 1:5 rwm; deny c 1:5 rwm', 'deny a; deny a *:* rwm'],
    ['deny a', 'deny a; deny a *:* rwm'],
    ['deny c 1:5 rwm', 'allow a; deny c 1:5 rwm'],
    ['deny c 1:5 rw', 'allow a; deny c 1:5 rw'],
    ['deny b 8:* m', 'allow a; deny b 8:* m'],
    ['allow a; deny c 1:9 rwm', 'allow a; deny c 1:9 rwm'],
    ['allow c 1:3 rwm', ''],
    ['allow a', 'allow a'],
    ['deny a; allow a *:* rwm; deny c 1:3 rwm', 'allow a; deny c 1:3 rwm'],
    ['deny a; allow c 1:3 mrw; allow b 8:* r', 'deny a; allow c 1:3 mrw; allow b 8:* r'],
  ])('%s -> %s', (from, to) => {
    const { written, unsayable } = translateRules(rules(from), 'v1');
    expect(texts(written)).toBe(to);
    expect(unsayable).toEqual([]);
  });

  it('cannot deny only reading or only writing where all else is allowed', () => {
    const { unsayable } = translateRules(rules('allow a; deny c 1:9 w; deny c 1:8 rm; deny c 1:7 rw'), 'v1');
    expect(unsayable.map(({ rule, lines }) => [rule.minor, rule.rights, lines])).toEqual([
      ['9', 'w', [1]],
      ['8', 'rm', [2]],
    ]);
  });

  it('knows a deny that takes nothing away', () => {
    expect(rulesOfV1(rules('deny a; allow c *:* rwm; deny c 1:5 w'))).toMatchObject({
      idle: [2],
      broken: [2],
    });
    expect(rulesOfV1(rules('deny a; allow c 1:3 rwm; deny c 1:5 w'))).toMatchObject({
      idle: [2],
      broken: [],
    });
  });
});

describe('from cgroup v2 to v1', () => {
  it.each([
    ['deny a; allow c 1:3 rwm', 'deny a; allow c 1:3 rwm'],
    ['allow c 1:3 rwm', 'deny a; allow c 1:3 rwm'],
    ['deny a; allow a 1:3 rw', 'deny a; allow c 1:3 rw; allow b 1:3 rw'],
    ['deny a; allow c 1:5 rw; deny c 1:5 w', 'deny a; allow c 1:5 rw'],
    ['deny a; allow c 1:5 rw; deny c 1:5 rw', 'deny a'],
    ['deny c 1:5 rwm', 'deny a'],
    ['allow a; deny c 1:5 rwm', 'allow a; deny c 1:5 rwm'],
    ['deny a; deny a *:* rwm', 'deny a'],
  ])('%s -> %s', (from, to) => {
    expect(texts(translateRules(rules(from), 'v2').written)).toBe(to);
  });

  it('knows a deny that LXC skips', () => {
    expect(rulesOfV2(rules('deny a; allow c 1:5 rw; deny c 1:5 w'))).toMatchObject({
      idle: [2],
      broken: [2],
    });
    expect(rulesOfV2(rules('deny a; allow c 1:5 rw; allow c 1:5 rw'))).toMatchObject({
      idle: [2],
      broken: [],
    });
    expect(rulesOfV2(rules('deny a; allow c 1:5 w; deny c 1:5 w'))).toMatchObject({
      idle: [],
      exceptions: [],
    });
  });
});

describe('random rules', () => {
  const random = new RandomNumbers(16);
  function randomRules(everything: readonly string[]): RuleLine[] {
    return Array.from({ length: random.below(7) }, () => ({
      effect: random.pick(['allow', 'deny'] as const),
      value: random.chance(0.2)
        ? random.pick(everything)
        : `${random.pick(['b', 'c'])} ${random.pick(['1', '2', '*'])}:${random.pick(['1', '2', '*'])} ${random.pick(['r', 'w', 'm', 'rw', 'rm', 'wm', 'rwm'])}`,
    }));
  }

  it('let the same opens pass on v2 as on v1, or say which rule cannot be said', () => {
    let exact = 0;
    for (let i = 0; i < 600; i++) {
      const lines = randomRules(['a', 'a *:* rwm']);
      const { written, unsayable } = translateRules(lines, 'v1');
      if (unsayable.length > 0) continue;
      exact++;
      expect([texts(lines), ...passing(written, passesV2)]).toEqual([
        texts(lines),
        ...passing(lines, passesV1),
      ]);
      expect(passing(written, passesEarlyV2)).toEqual(passing(lines, passesV1));
    }
    expect(exact).toBeGreaterThan(300);
  });

  it('say that a rule cannot be said only where no rules for v2 do the same', () => {
    for (let i = 0; i < 500; i++) {
      const lines = randomRules(['a']);
      const { unsayable, inForce } = translateRules(lines, 'v1');
      for (const { rule } of unsayable) {
        expect(inForce.otherwise).toBe('allow');
        expect(rule.rights.includes('r')).not.toBe(rule.rights.includes('w'));
      }
    }
  });

  it('let nothing pass on v1 that two rights apart do not let pass on v2', () => {
    for (let i = 0; i < 600; i++) {
      const lines = randomRules(['a', 'a *:* rwm', 'a 1:2 rw']);
      const { written, inForce } = translateRules(lines, 'v2');
      // A list without rules has no program, and the author asked for all to be denied.
      if (inForce.otherwise === 'deny' && inForce.exceptions.length === 0) {
        expect(passing(written, passesV1)).toEqual([]);
        continue;
      }
      for (const use of USES) {
        const [before, after] = [passesV2(lines, use), passesV1(written, use)];
        if (before === after) continue;
        expect(use.rights).toBe('rw');
        const apart = (['r', 'w'] as const).map((rights) => passesV2(lines, { ...use, rights }));
        // Both may be done, one after the other; or one of them is denied, and v1 denies it in every open.
        expect(after).toBe(apart.every((passes) => passes));
      }
    }
  });

  it('agrees with itself: there and back again nothing changes', () => {
    for (let i = 0; i < 300; i++) {
      const lines = randomRules(['a']);
      const there = translateRules(lines, 'v1');
      if (there.unsayable.length > 0 || there.written.length === 0) continue;
      const back = translateRules(there.written, 'v2').written;
      expect(passing(back, passesV1)).toEqual(passing(lines, passesV1));
    }
  });
});
