import { expect, test } from 'vitest';
import { describeWanted, editText } from '../../../toolkit/base/text-edit.ts';

test('a text is replaced each time, as it stands', () => {
  const edit = { from: 'x.y', to: '$1 $&' };
  expect(editText('x.y xzy x.y', edit)).toBe('$1 $& xzy $1 $&');
  expect(editText('xzy', edit)).toBeUndefined();
  expect(describeWanted(edit)).toBe('"x.y"');
});

test('a pattern is replaced on each line, with its groups', () => {
  const edit = { from: { pattern: '^(\\w+) = 1$' }, to: '$1 = 2' };
  expect(editText('a = 1\n b = 1\nc = 1\n', edit)).toBe('a = 2\n b = 1\nc = 2\n');
  expect(editText('a = 3\n', edit)).toBeUndefined();
  expect(describeWanted(edit)).toBe('line like ^(\\w+) = 1$');
});
