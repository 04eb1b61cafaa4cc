import { expect, test } from 'vitest';
import { DiagnosticsError, formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { KitError } from '../../../toolkit/base/errors.ts';
import { redactSecrets, redactValue, starSecrets } from '../../../toolkit/base/redact-secrets.ts';
import { formatError, jsonError } from '../../../toolkit/logging/format-error.ts';

/** `openssl passwd -6 -salt abcdefgh 'correct horse'` */
const DIGEST = 'yIZAF3gQPvtKZO/9qOJKffAKKbtS3ef3qmwyugk4uWVjX8YZf/GV3A8SkFxEPY0T56CcilGrHKLffBsp6dLMG.';
const HASH = `$6$abcdefgh$${DIGEST}`;

test('cuts hashes of passwords from a text, and no other dollars', () => {
  expect(redactSecrets(`a "${HASH}" b`)).toBe('a "$6$…" b');
  expect(redactSecrets(`$6$rounds=10000$abc$${DIGEST}`)).toBe('$6$…');
  expect(redactSecrets('$1$abcdefgh$kvpzGgQr9SZnfTuZjfFBG1')).toBe('$1$…');
  expect(redactSecrets('$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317')).toBe('$y$…');
  expect(redactSecrets('sh -c "echo $1$2" https://me:pw@host/')).toBe('sh -c "echo $1$2" https://host/');
});

test.each([
  ['    password: hunter2', '    password: *******'],
  ["- { name: a, password: 'hun, ter', uid: 5 }", '- { name: a, password: **********, uid: 5 }'],
  ['- { password: hunter2, name: a }', '- { password: *******, name: a }'],
  ['"password": "hun\\"ter" }', '"password": ********** }'],
  ['password: hunter 2 # mine', 'password: ***************'],
  [`    ${HASH}`, `    $6$${'*'.repeat(HASH.length - 3)}`],
])('a line keeps its columns: %s', (line, shown) => {
  const starred = starSecrets(line);
  expect(starred).toHaveLength(line.length);
  expect(starred).toBe(shown);
});

test('errors, diagnostics and JSON do not show it', () => {
  const location = { file: 'b.yaml', line: 1, column: 13, length: 7, sourceLine: '  password: hunter2' };
  const found = { location, message: `is "${HASH}"`, help: `not ${HASH}` };
  expect(formatDiagnostic(found)).toBe(
    'b.yaml:1:13 is "$6$…"\n      password: *******\n                ~~~~~~~\n  help: not $6$…',
  );
  for (const error of [
    new DiagnosticsError('PROFILE_INVALID', [found]),
    new KitError('USAGE', HASH),
    new Error(HASH),
  ]) {
    for (const text of [formatError(error, { colour: false }), jsonError(error)]) {
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain(DIGEST);
    }
  }
  expect(redactValue({ a: [HASH] })).toEqual({ a: ['$6$…'] });
});
