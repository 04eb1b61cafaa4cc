import { expect, test } from 'vitest';
import { absolutePath, hostName, idNumber, kconfigValues } from '../../../toolkit/yaml/field-formats.ts';

test.each([
  ['/a/..', false],
  ['/a/../b', false],
  ['/a/./b', false],
  ['/.', false],
  ['/a/..b', true],
  ['/a/.b', true],
])('%s as a path on the device', (path, isTaken) => {
  expect(absolutePath.safeParse(path).success).toBe(isTaken);
});

test('the highest ID is the one before -1, which means "leave it"', () => {
  expect(idNumber.safeParse(4_294_967_294).success).toBe(true);
  expect(idNumber.safeParse(4_294_967_295).success).toBe(false);
});

test('a host name has 64 characters at most', () => {
  expect(hostName.safeParse('h'.repeat(64)).success).toBe(true);
  expect(hostName.safeParse('h'.repeat(65)).success).toBe(false);
});

test.each(['yes', 'No', 'on', 'OFF'])('%s is no value of a symbol', (value) => {
  expect(kconfigValues.safeParse({ VETH: value }).success).toBe(false);
});

test.each(['LOCALVERSION', 'CONFIG_LOCALVERSION'])('a command in %s is refused', (symbol) => {
  expect(kconfigValues.safeParse({ [symbol]: '-x;reboot' }).success).toBe(false);
  expect(kconfigValues.parse({ [symbol]: '-x' })).toEqual({ CONFIG_LOCALVERSION: '-x' });
});
