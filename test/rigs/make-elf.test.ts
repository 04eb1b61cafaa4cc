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

/** Output of readelf, the judge here, for the file; its warnings make the test fail. */
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
    [
      'flags of its own',
      { kind: 'static', flags: 0x9000_1407, abiFlags: { level: 32, revision: 6, float: 6 } },
      [/nan2008.*mips32r6/, /ABIFLAGS/, /ISA: MIPS32r6/, /FP ABI: Hard float \(32-bit CPU, 64-bit FPU\)/],
    ],
    [
      'search paths and versions it needs',
      {
        kind: 'exec',
        needed: ['liba.so.1', 'libb.so.1'],
        rpath: '/srv/lib',
        runPath: '$ORIGIN/../lib',
        noDefaultDirs: true,
        needsVersions: { 'liba.so.1': ['A_1', 'A_2?'], 'libb.so.1': ['B_1'] },
      },
      [
        /\(RPATH\).*\[\/srv\/lib\]/,
        /\(RUNPATH\).*\[\$ORIGIN\/\.\.\/lib\]/,
        /NODEFLIB/,
        /File: liba\.so\.1 {2}Cnt: 2\n.*Name: A_1 {2}Flags: none.*\n.*Name: A_2 {2}Flags: WEAK[^]*File: libb\.so\.1[^]*Name: B_1/,
      ],
    ],
    [
      'versions it defines',
      { kind: 'shared', soname: 'liba.so.1', definesVersions: ['A_1', 'A_2'] },
      [/Flags: BASE {2}Index: 1 {2}Cnt: 1 {2}Name: liba\.so\.1/, /Name: A_1/, /Name: A_2/],
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
