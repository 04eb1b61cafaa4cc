import { expect, test } from 'vitest';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { shortenWords } from '../../../toolkit/base/shorten-words.ts';

test('a word of more than 400 characters is cut, and its length stated', () => {
  const long = 'a'.repeat(401);
  expect(shortenWords(`is ${long}, not b`)).toBe(`is ${'a'.repeat(60)}… (402 characters) not b`);
  expect(shortenWords(`is ${'a'.repeat(400)} x`)).toBe(`is ${'a'.repeat(400)} x`);
});

test('message and help of a diagnostic are cut', () => {
  const long = 'b'.repeat(20_000);
  const cut = `${'b'.repeat(60)}… (20000 characters)`;
  expect(formatDiagnostic({ message: `found ${long}`, help: `write ./${long}` })).toBe(
    `found ${cut}\n  help: write ./${'b'.repeat(58)}… (20002 characters)`,
  );
});
