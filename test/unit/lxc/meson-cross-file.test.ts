import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mesonCrossFile, type CrossFileRequest } from '../../../toolkit/lxc/meson-cross-file.ts';
import { findProgram } from '../../../toolkit/host/find-program.ts';
import { architectures } from '../../../toolkit/toolchain/architectures.ts';
import { scratchDir, writeFiles } from '../scratch.ts';

function request(changes: Partial<CrossFileRequest> = {}): CrossFileRequest {
  return {
    toolchain: {
      prefix: 'mipsel-linux-gnu-',
      cflags: ['-Os', '-march=mips32r2'],
      version: '12.2.0',
      machine: 'mipsel-linux-gnu',
      libc: 'glibc 2.36',
      sysroot: '/',
      identity: '',
    },
    architecture: architectures.mipsel,
    stagingDir: '/out/work/staging',
    cflags: ['-D__hidden='],
    ldflags: ['-Wl,-z,norelro'],
    launcher: [],
    ...changes,
  };
}

test('says everything that meson asks for', () => {
  expect(mesonCrossFile(request())).toBe(`[binaries]
c = ['mipsel-linux-gnu-gcc', '-B/out/work/staging/usr/lib']
ar = ['mipsel-linux-gnu-ar']
strip = ['mipsel-linux-gnu-strip']
pkgconfig = 'pkg-config'
pkg-config = 'pkg-config'

[properties]
sys_root = '/out/work/staging'
pkg_config_libdir = ['/out/work/staging/usr/lib/pkgconfig']

[built-in options]
c_args = ['-Os', '-march=mips32r2', '-D__hidden=', '-I/out/work/staging/usr/include']
c_link_args = ['-L/out/work/staging/usr/lib', '-Wl,-z,norelro']

[host_machine]
system = 'linux'
cpu_family = 'mips'
cpu = 'mips32r2'
endian = 'little'
`);
});

test('ccache goes before the compiler', () => {
  expect(mesonCrossFile(request({ launcher: ['/usr/bin/ccache'] }))).toContain(
    "c = ['/usr/bin/ccache', 'mipsel-linux-gnu-gcc', ",
  );
});

test('refuses a value that a machine file cannot hold', () => {
  for (const stagingDir of ["/it's/a\\b", "'/a", "/a'", "/a'''b"]) {
    expect(() => mesonCrossFile(request({ stagingDir }))).toThrow(
      expect.objectContaining({ code: 'STEP_FAILED' }),
    );
  }
});

test('meson reads it as it was meant', () => {
  expect(
    findProgram('meson', process.env['PATH'] ?? ''),
    'this test needs the Debian package meson',
  ).toBeDefined();
  const scratch = scratchDir();
  for (const [index, name] of ["it's a folder", 'back\\slash\\n', 'a "b" $c #d'].entries()) {
    const dir = join(scratch, name);
    writeFiles(dir, {
      'cross.ini': mesonCrossFile(request({ stagingDir: dir })),
      'meson.build': "project('a')\nmessage('got ' + meson.get_external_property('sys_root'))\n",
    });
    const argv = ['setup', '--cross-file', join(dir, 'cross.ini'), join(scratch, String(index)), dir];
    const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' };
    const printed = execFileSync('meson', argv, { encoding: 'utf8', env });
    expect(printed).toContain(`got ${dir}\n`);
  }
});
