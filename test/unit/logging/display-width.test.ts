import { describe, expect, test } from 'vitest';
import { displayWidth, toPrintable, truncateToWidth } from '../../../toolkit/logging/display-width.ts';

describe('displayWidth', () => {
  test.each([
    ['', 0],
    ['plain', 5],
    ['größe', 5],
    ['e\u0301', 1],
    ['漢字', 4],
    ['한국', 4],
    ['ｆｕｌｌ', 8],
    ['🚀', 2],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['a\u200bb', 2],
    ['…', 1],
  ])('%j takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('truncateToWidth', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly', 7, 'exactly'],
    ['too long', 5, 'too…'],
    ['漢字漢字', 5, '漢字…'],
    ['漢字漢字', 4, '漢…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
    ['abc', -3, ''],
  ])('%j at %i columns is %j', (text, width, expected) => {
    expect(truncateToWidth(text, width)).toBe(expected);
    expect(displayWidth(truncateToWidth(text, width))).toBeLessThanOrEqual(Math.max(0, width));
  });
});

describe('toPrintable', () => {
  test.each([
    ['  CC      init/main.o', 'CC init/main.o'],
    ['\x1b[01;31merror:\x1b[0m x', 'error: x'],
    ['\x1b]8;;http://x\x07link\x1b]8;;\x07', 'link'],
    ['10 %\r20 %\r30 %\r', '30 %'],
    ['a\tb\x00c', 'a b c'],
    ['\u202egnp.exe', 'gnp.exe'],
  ])('%j becomes %j', (line, expected) => {
    expect(toPrintable(line)).toBe(expected);
  });
});
