import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashBytes } from '../../../toolkit/host/hash-file.ts';
import { describeHardening } from '../../../toolkit/programs/describe-hardening.ts';
import { elfReader } from '../../../toolkit/programs/elf-reader.ts';
import { readElf } from '../../../toolkit/programs/elf.ts';
import type { FileEntry } from '../../../toolkit/rootfs/manifest.ts';
import { scratchDir } from '../scratch.ts';

const SOURCE = `#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) { char text[16]; strcpy(text, argv[argc - 1]); return puts(text) < 0; }
`;

const FULL = [
  '-fstack-protector-strong',
  '-U_FORTIFY_SOURCE',
  '-D_FORTIFY_SOURCE=2',
  '-fPIE',
  '-pie',
  '-Wl,-z,noexecstack,-z,now,-z,relro',
];
const NONE = [
  '-fno-stack-protector',
  '-U_FORTIFY_SOURCE',
  '-fno-pie',
  '-no-pie',
  '-Wl,-z,execstack,-z,lazy,-z,norelro',
];

/** Compiles the program with the host's gcc. */
function compile(flags: readonly string[]): string {
  const dir = scratchDir();
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'sample.c'), SOURCE);
  execFileSync('gcc', ['-Os', ...flags, 'sample.c', '-o', 'sample'], { cwd: dir });
  return join(dir, 'sample');
}

test('reads how a program was compiled: with everything, with nothing, and static, without names', async () => {
  expect((await readElf(compile(FULL)))?.hardening).toEqual({
    executableStack: false,
    relro: true,
    bindNow: true,
    pie: true,
    stackProtector: true,
    fortify: true,
  });
  expect((await readElf(compile(NONE)))?.hardening).toEqual({
    executableStack: true,
    relro: false,
    bindNow: false,
    pie: false,
    stackProtector: false,
    fortify: false,
  });
  expect((await readElf(compile(['-static', '-fstack-protector-strong'])))?.hardening).toMatchObject({
    pie: false,
    stackProtector: undefined,
    fortify: undefined,
  });
});

test('describes programs and libraries of an image, and leaves out those of containers', async () => {
  const entry = (path: string, source: string): FileEntry => ({
    path,
    type: 'file',
    mode: 0o755,
    uid: 0,
    gid: 0,
    source,
    offset: 0,
    sizeBytes: readFileSync(source).length,
    sha256: hashBytes(readFileSync(source)),
  });
  const full = compile(FULL);
  const script = join(scratchDir(), 'script');
  mkdirSync(join(script, '..'), { recursive: true });
  writeFileSync(script, '#!/bin/sh\n');
  const described = await describeHardening(
    [
      entry('/bin/full', full),
      entry('/bin/lazy', compile(['-Wl,-z,lazy,-z,relro,-z,noexecstack'])),
      entry('/bin/script', script),
      entry('/bin/static', compile(['-static', '-no-pie'])),
      entry('/lib/libx.so', compile(['-shared', '-fPIC', '-Wl,-z,norelro'])),
      entry('/opt/lxc/web/bin/full', full),
    ],
    elfReader(),
    ['/opt/lxc/web'],
  );
  expect(described).toMatchObject([
    {
      path: '/bin/full',
      kind: 'program',
      pie: true,
      relro: 'full',
      'executable-stack': false,
      'stack-protector': true,
      fortify: true,
    },
    { path: '/bin/lazy', kind: 'program', relro: 'partial' },
    { path: '/bin/static', kind: 'static program', pie: false },
    { path: '/lib/libx.so', kind: 'library', pie: false, relro: 'no' },
  ]);
  expect(described[2]).not.toHaveProperty('stack-protector');
});
