import { describe, expect, test } from 'vitest';
import { decodeActionResult, encodeActionResult } from '../../../toolkit/results/action-result.ts';
import { parseStoredResult } from '../../../toolkit/results/stored-result.ts';

const sha256 = 'ab'.repeat(32);

const entries = [
  { type: 'dir', name: '', mode: 0o755 },
  { type: 'link', name: 'l', target: 'f' },
  { type: 'file', name: 'f', mode: 0o644, sha256, sizeBytes: 3 },
];

const whole = {
  schema: 1,
  fingerprint: { id: 'x' },
  result: null,
  digest: 'd',
  seconds: 1,
  warnings: ['w'],
  outputs: [{ path: '\0out/made', entries }],
};

const parse = (value: unknown): unknown => parseStoredResult(Buffer.from(JSON.stringify(value)));

describe('an entry that no file system could have is none', () => {
  test('the whole one is taken', () => {
    expect(parse(whole)).toEqual(whole);
  });

  test.each([
    ['a mode below 0', 2, { mode: -1 }],
    ['a mode with a type', 2, { mode: 0o100644 }],
    ['a mode that is no whole number', 0, { mode: 1.5 }],
    ['a size below 0', 2, { sizeBytes: -1 }],
    ['a size that is too large to count', 2, { sizeBytes: 1e300 }],
    ['a NUL in a link', 1, { target: 'a\0b' }],
    ['an empty link', 1, { target: '' }],
    ['a link that is too long', 1, { target: 'x'.repeat(5000) }],
    ['a name that is too long', 2, { name: 'x'.repeat(256) }],
    ['a name that is no text', 2, { name: '\ud800' }],
    ['a name with an empty part', 2, { name: 'l//f' }],
    ['the folder itself as a name', 2, { name: '.' }],
  ])('%s', (_, index, change) => {
    const changed = entries.map((entry, at) => (at === index ? { ...entry, ...change } : entry));
    expect(parse({ ...whole, outputs: [{ path: '\0out/made', entries: changed }] })).toBeUndefined();
  });

  test.each([{ seconds: -1 }, { seconds: null }, { warnings: [1] }, { outputs: null }, { digest: 7 }])(
    '%j',
    (change) => {
      expect(parse({ ...whole, ...change })).toBeUndefined();
    },
  );
});

test('parses or refuses any changed entry, and never throws', () => {
  const texts = [
    Buffer.from(JSON.stringify(whole)),
    encodeActionResult([{ path: 'f', sha256, sizeBytes: 3 }]),
  ];
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let run = 0; run < 4000; run++) {
    const bytes = Buffer.from(texts[run % 2] ?? []);
    for (let count = 1 + random(5); count > 0; count--) bytes[random(bytes.length)] = random(256);
    const cut = bytes.subarray(0, random(4) === 0 ? random(bytes.length) : undefined);
    parseStoredResult(cut);
    decodeActionResult(cut);
  }
  expect(parseStoredResult(Buffer.from('['.repeat(1 << 20)))).toBeUndefined();
  expect(decodeActionResult(Buffer.alloc(1 << 16, 0x12))).toBeUndefined();
});
