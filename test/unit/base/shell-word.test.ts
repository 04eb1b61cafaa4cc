import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { codeInValue } from '../../../toolkit/base/config-code.ts';
import { shellActive, shellWord, shellWords } from '../../../toolkit/base/shell-word.ts';

test('a shell reads a quoted word as it was', () => {
  const words = ['plain', 'a b', "it's", '$(exit 3)', '`exit 3`', '', '#x', '\\', '*', '"', 'a\nb', "''"];
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${shellWords(words)}`], { encoding: 'utf8' });
  expect(printed.split('\0').slice(0, -1)).toEqual(words);
  expect(shellWord('/usr/lib:x=1,2@3%+-_.')).toBe('/usr/lib:x=1,2@3%+-_.');
});

test.each(Array.from('`$;&|<>()*?[]#\'"\\ \n\t'))('%j does something to a shell or to make', (character) => {
  expect(shellActive(`/opt/a${character}b`)).toBe(character);
});

test('accepts the characters of ordinary paths', () => {
  expect(shellActive('/opt/vendor-1.2_r3+b/~x@y,z=é/bin')).toBeUndefined();
});

describe('a value of a .config', () => {
  test.each([
    ['CONFIG_CMDLINE', '"console=ttyS0,115200 root=/dev/mtdblock2 mtdparts=a:1m(x)ro;b:-(y) $1$salt"'],
    ['CONFIG_DEFAULT_HOSTNAME', '"(none)"'],
    ['CONFIG_LOCALVERSION', '"-stb-1.2+"'],
    ['CONFIG_MODULE_SIG_KEY', '"pkcs11:token=a;object=b"'],
    ['CONFIG_INITRAMFS_SOURCE', '"usr/list ../rootfs"'],
    ['CONFIG_CC_VERSION_TEXT', '"mipsel-linux-gnu-gcc (Debian 12.2.0-14) 12.2.0"'],
    ['CONFIG_X', 'y'],
  ])('%s=%s is text', (symbol, value) => {
    expect(codeInValue(symbol, value)).toBeUndefined();
  });

  test.each([
    ['CONFIG_CMDLINE', '"`x`"', '`'],
    ['CONFIG_CMDLINE', '"a\\`x"', '`'],
    ['CONFIG_ANY', '"$\\(x)"', '$('],
    ['CONFIG_ANY', '"$${shell x}"', '${'],
    ['CONFIG_LOCALVERSION', '"-x;y"', ';'],
    ['CONFIG_EXTRA_CFLAGS', '"-Os | x"', '|'],
    ['CONFIG_SYSROOT', '"/a && x"', '&'],
    ['CONFIG_EXTRA_FIRMWARE_DIR', '"(x)"', '('],
  ])('%s=%s has code in it', (symbol, value, code) => {
    expect(codeInValue(symbol, value)?.code).toBe(code);
  });
});
