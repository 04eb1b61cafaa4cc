import { expect, test } from 'vitest';
import { deviceName, deviceRule } from '../../../toolkit/cgroups/device-names.ts';

test.each([
  ['c 1:3 rwm', 'null'],
  ['c 1:3 mwr', 'null'],
  ['c 136:* rwm', 'pts'],
  ['c 1:3 rw', 'c 1:3 rw'],
  ['c 1:3 rrw', 'c 1:3 rrw'],
  ['b 1:3 rwm', 'b 1:3 rwm'],
])('the rule %s is that of %s', (rule, name) => {
  expect(deviceName(rule)).toBe(name);
});

test('a device has all rights, and a rule stays as it is', () => {
  expect(['tun', 'c 30:0 r'].map(deviceRule)).toEqual(['c 10:200 rwm', 'c 30:0 r']);
});
