import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeToolchain, installFakeTools } from './fake-tools.ts';

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fake-tools-'));
  for (const kind of ['mipsel', 'big-endian', 'x86_64', 'no-libc'] as const)
    await installFakeTools(join(dir, kind), kind);
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function run(toolchain: FakeToolchain, tool: string, ...args: string[]) {
  return spawnSync(join(dir, toolchain, 'bin', `mipsel-linux-gnu-${tool}`), args, { encoding: 'utf8' });
}
const ask = (...args: string[]): string => run('mipsel', 'gcc', ...args).stdout;

describe('the fake gcc', () => {
  test('says what it is', () => {
    expect(ask('-dumpmachine')).toBe('mipsel-linux-gnu\n');
    expect(ask('-dumpfullversion', '-dumpversion')).toBe('12.2.0\n');
    expect(ask('-dumpversion')).toBe('12\n');
    expect(ask('-Os', '--version')).toMatch(/^mipsel-linux-gnu-gcc .* 12\.2\.0\n/);
    expect(ask('-print-sysroot')).toBe(`${join(dir, 'mipsel', 'sysroot')}\n`);
    expect(ask('-Os', '-print-file-name=libc.so.6')).toBe(
      `${join(dir, 'mipsel', 'sysroot', 'lib', 'libc.so.6')}\n`,
    );
    expect(ask('-print-file-name=libnone.so')).toBe('libnone.so\n');
  });

  test('has the macros of its target, and those of the C library with a header of it', () => {
    expect(ask('-E', '-dM', '-x', 'c', '/dev/null')).toMatch(/__mips__ 1[^]*__ORDER_LITTLE_ENDIAN__/);
    expect(ask('-E', '-dM', '-x', 'c', '/dev/null')).not.toContain('__GLIBC__');
    expect(ask('-E', '-dM', '-include', 'stdlib.h', '-x', 'c', '/dev/null')).toContain('#define __GLIBC__ 2');
  });

  test.each([
    ['-c', /REL \(/],
    ['-shared', /DYN \(/],
    ['-static', /There is no dynamic section/],
    ['-Os', /interpreter: \/lib\/ld\.so\.1\]/],
  ])('%s makes an ELF file that depends on its input', (flag, expected) => {
    const [source, output] = [join(dir, 'a.c'), join(dir, 'a.out')];
    const compile = (text: string): Buffer => {
      writeFileSync(source, text);
      expect(run('mipsel', 'gcc', flag, '-o', output, source).status).toBe(0);
      return readFileSync(output);
    };
    const one = compile('int a;');
    expect(run('mipsel', 'readelf', '-hld', output).stdout).toMatch(expected);
    expect(compile('int a;')).toEqual(one);
    expect(compile('int b;')).not.toEqual(one);
  });

  test('fails like a compiler', () => {
    expect(run('mipsel', 'gcc').stderr).toContain('no input files');
    expect(run('mipsel', 'gcc', '-c', 'none.c').stderr).toContain('none.c: No such file');
  });

  test('wrong variants say so', () => {
    const macros = ['-E', '-dM', '-x', 'c', '/dev/null'];
    expect(run('big-endian', 'gcc', ...macros).stdout).toContain('__ORDER_BIG_ENDIAN__\n');
    expect(run('x86_64', 'gcc', ...macros).stdout).toContain('__x86_64__');
    expect(run('x86_64', 'gcc', '-march=mips32r2', ...macros).stderr).toContain("bad value ('mips32r2')");
    expect(run('no-libc', 'gcc', '-include', 'stdlib.h', ...macros).stderr).toContain(
      'stdlib.h: No such file',
    );
    expect(run('no-libc', 'gcc', ...macros).status).toBe(0);
  });
});

describe('the other fake tools', () => {
  test('strip takes ELF files of its machine only', () => {
    const library = join(dir, 'mipsel', 'sysroot', 'lib', 'libc.so.6');
    expect(run('mipsel', 'strip', '--strip-unneeded', library).status).toBe(0);
    expect(run('mipsel', 'strip', '-o', join(dir, 'copy'), library).status).toBe(0);
    expect(readFileSync(join(dir, 'copy'))).toEqual(readFileSync(library));
    const foreign = join(dir, 'big-endian', 'sysroot', 'lib', 'libc.so.6');
    expect(run('mipsel', 'strip', foreign).stderr).toContain('Unable to recognise the format');
    expect(run('mipsel', 'strip', join(dir, 'mipsel', 'triplet')).status).toBe(1);
  });

  test.each(['ld', 'ar', 'nm', 'objcopy', 'objdump', 'ranlib', 'as'])('%s has a version', (tool) => {
    expect(run('mipsel', tool, '--version').stdout).toMatch(new RegExp(`^GNU ${tool} .*2\\.40`));
  });
});
