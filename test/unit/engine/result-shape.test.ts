import { expect, test } from 'vitest';
import { isFlag, isNumber, isText, listOf, mapOf, maybe } from '../../../toolkit/engine/result-shape.ts';

test('a result has the form of a step or it has not', () => {
  const shape = mapOf({
    dir: isText,
    count: isNumber,
    on: isFlag,
    list: listOf(isText),
    more: maybe(isText),
  });
  expect(shape({ dir: 'a', count: 1, on: false, list: ['b'], other: null })).toBe(true);
  for (const wrong of [null, undefined, [], 'a', { dir: 1, count: 1, on: true, list: [] }])
    expect(shape(wrong)).toBe(false);
  expect(shape({ dir: 'a', count: Infinity, on: true, list: [] })).toBe(false);
  expect(shape({ dir: 'a', count: 1, on: true, list: [1] })).toBe(false);
  expect(shape({ dir: 'a', count: 1, on: true, list: [], more: null })).toBe(false);
});
