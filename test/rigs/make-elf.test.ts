import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ElfOptions, makeElf, makeForeignElf } from './make-elf.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'make-elf-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** What readelf, the judge here, says about the file; its warnings make the test fail. */
function readelf(bytes: Buffer): string {
  const file = join(dir, 'file');
  writeFileSync(file, bytes);
  const text = execFileSync('sh', ['-c', 'exec readelf -aW "$1" 2>&1', 'sh', file], { encoding: 'utf8' });
  expect(text).not.toMatch(/warning|error/i);
  return text;
}

describe('makeElf', () => {
  test.each<[string, ElfOptions, RegExp[]]>([
    [
      'a static program',
      { kind: 'static' },
      [/EXEC/, /no dynamic section/, /R3000/, /little endian/, /o32, mips32r2/],
    ],
    [
      'a dynamic program',
      { kind: 'exec', needed: ['liblxc.so.1', 'libc.so.6'] },
      [
        /EXEC/,
        /interpreter: \/lib\/ld\.so\.1\]/,
        /\(NEEDED\).*\[liblxc\.so\.1\]\n.*\(NEEDED\).*\[libc\.so\.6\]/,
      ],
    ],
    [
      'a library',
      { kind: 'shared', soname: 'liblxc.so.1', needed: ['libc.so.6'], content: 'x' },
      [/DYN/, /\(SONAME\).*\[liblxc\.so\.1\]/, /\(NEEDED\).*\[libc\.so\.6\]/],
    ],
    ['an object', { kind: 'object', content: 'int x;' }, [/REL \(/, /no program headers/]],
    [
      'big endian',
      { kind: 'exec', machine: 'mips', needed: ['libc.so.6'] },
      [/big endian/, /\[libc\.so\.6\]/],
    ],
    ['another machine', { kind: 'shared', machine: 'arm', soname: 'x' }, [/ARM/, /\[x\]/]],
  ])('%s', (_name, options, expected) => {
    const text = readelf(makeElf(options));
    for (const pattern of expected) expect(text).toMatch(pattern);
  });

  test('same options, same bytes; other content, other bytes', () => {
    const one = makeElf({ kind: 'static', content: 'a' });
    expect(makeElf({ kind: 'static', content: 'a' })).toEqual(one);
    expect(makeElf({ kind: 'static', content: 'b' })).not.toEqual(one);
  });

  test('makeForeignElf is an x86-64 header', () => {
    expect(readelf(makeForeignElf())).toMatch(/ELF64[^]*X86-64/);
  });
});
