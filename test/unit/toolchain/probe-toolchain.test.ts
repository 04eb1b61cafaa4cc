import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../../toolkit/host/find-program.ts';
import { toolEnvironment } from '../../../toolkit/host/run-tool.ts';
import { architectures } from '../../../toolkit/toolchain/architectures.ts';
import { probeToolchain, type Toolchain } from '../../../toolkit/toolchain/probe-toolchain.ts';
import { installFakeTools, type FakeToolchain } from '../../rigs/fake-tools.ts';
import { scratchDir } from '../scratch.ts';

const env = toolEnvironment(process.env);
const never = new AbortController().signal;
const PREFIX = 'mipsel-linux-gnu-';

function probe(given: {
  prefix?: string;
  directory?: string;
  cflags?: readonly string[];
  path?: string;
}): Promise<Toolchain> {
  const { prefix = PREFIX, directory, cflags = ['-Os', '-march=mips32r2'], path } = given;
  return probeToolchain({
    prefix,
    directory,
    cflags,
    architecture: architectures.mipsel,
    env: path === undefined ? env : { ...env, PATH: path },
    signal: never,
  });
}

async function fakeTools(kind: FakeToolchain): Promise<string> {
  return installFakeTools(join(scratchDir(), 'tools'), kind);
}

/** A compiler that is a shell script. */
function scriptCompiler(script: string, prefix = PREFIX): string {
  const dir = scratchDir();
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, `${prefix}gcc`), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, `${prefix}gcc`), 0o755);
  return dir;
}

const wrong = (message: string) => ({
  code: 'TOOLCHAIN_WRONG',
  message: expect.stringContaining(message) as string,
  hint: expect.stringContaining('apt-get install gcc-mipsel-linux-gnu libc6-dev-mipsel-cross') as string,
});

test('a compiler that fits says what it is', async () => {
  const directory = await fakeTools('mipsel');
  expect(await probe({ directory })).toEqual({
    prefix: join(directory, PREFIX),
    cflags: ['-Os', '-march=mips32r2'],
    version: '12.2.0',
    machine: 'mipsel-linux-gnu',
    libc: 'glibc 2.36',
    sysroot: join(directory, '..', 'sysroot'),
    identity: 'gcc 12.2.0 mipsel-linux-gnu glibc 2.36 -Os -march=mips32r2',
  });
});

test('without a directory it is looked for in PATH', async () => {
  const directory = await fakeTools('mipsel');
  const toolchain = await probe({ path: `${directory}:${env['PATH'] ?? ''}` });
  expect(toolchain).toMatchObject({ prefix: PREFIX, version: '12.2.0' });
  // Where it lies does not change what it compiles.
  expect(toolchain.identity).toBe((await probe({ directory })).identity);
});

describe('one for another machine is named:', () => {
  test.each<[FakeToolchain, string]>([
    ['x86_64', 'mipsel-linux-gnu-gcc compiles for 64-bit little-endian x86_64'],
    ['big-endian', 'mipsel-linux-gnu-gcc compiles for 32-bit big-endian mips'],
  ])('%s', async (kind, message) => {
    const probing = probe({ directory: await fakeTools(kind) });
    await expect(probing).rejects.toMatchObject(wrong(message));
    await expect(probing).rejects.toThrow('the board needs 32-bit little-endian MIPS (o32)');
  });

  test('the compiler of this host', async () => {
    const host = findProgram('gcc', env['PATH'] ?? '');
    expect(host, 'this test needs gcc').toBeDefined();
    await expect(probe({ prefix: '' })).rejects.toMatchObject(wrong('gcc compiles for '));
  });
});

test('one without a C library is distinguished from one that does not work', async () => {
  await expect(probe({ directory: await fakeTools('no-libc') })).rejects.toMatchObject(
    wrong('mipsel-linux-gnu-gcc has no C library'),
  );
});

describe('one that does not work:', () => {
  test.each([
    ['fails without a word', 'exit 3', 'mipsel-linux-gnu-gcc does not work: it ended with exit code 3'],
    [
      'fails with one',
      'echo "libmpc.so.3: cannot open" >&2; exit 127',
      'does not work: libmpc.so.3: cannot open',
    ],
    ['crashes', 'kill -SEGV $$', 'does not work: it was killed by SIGSEGV'],
    ['says nothing', 'exit 0', 'compiles for 0-bit big-endian unknown machine'],
    [
      'prints more after the error',
      'echo "x: error: no cc1" >&2; echo "compilation terminated." >&2; exit 1',
      'does not work: x: error: no cc1',
    ],
  ])('%s', async (_, script, message) => {
    await expect(probe({ directory: scriptCompiler(script) })).rejects.toMatchObject(wrong(message));
  });

  test('a script without its interpreter', async () => {
    const directory = scriptCompiler('');
    writeFileSync(join(directory, `${PREFIX}gcc`), '#!/no/such/shell\n');
    await expect(probe({ directory })).rejects.toMatchObject(wrong('does not work: '));
  });
});

test('one for bare metal is refused though everything else fits', async () => {
  const script = [
    'case "$*" in',
    '  *-dM*) printf "#define __mips__ 1\\n#define __SIZEOF_POINTER__ 4\\n#define __BYTE_ORDER__ __ORDER_LITTLE_ENDIAN__\\n"',
    '    case "$*" in *stdlib.h*) echo "#define EXIT_FAILURE 1" ;; esac ;;',
    '  *) echo mipsel-elf ;;',
    'esac',
  ].join('\n');
  await expect(probe({ directory: scriptCompiler(script) })).rejects.toMatchObject(
    wrong('compiles for bare metal (mipsel-elf)'),
  );
});

test('one that is not there', async () => {
  const missing = (message: string) => ({
    code: 'TOOL_MISSING',
    message,
    hint: expect.stringContaining('toolchain.prefix') as string,
  });
  await expect(probe({ directory: '/opt/vendor/bin' })).rejects.toMatchObject(
    missing('the cross compiler mipsel-linux-gnu-gcc is not in /opt/vendor/bin'),
  );
  await expect(probe({ prefix: 'no-such-', path: '/usr/bin' })).rejects.toMatchObject(
    missing('the cross compiler no-such-gcc is not in PATH'),
  );
  await expect(probe({ prefix: '/opt/vendor/mipsel-' })).rejects.toMatchObject(
    missing('the cross compiler /opt/vendor/mipsel-gcc is missing'),
  );
  const directory = scriptCompiler('');
  chmodSync(join(directory, `${PREFIX}gcc`), 0o644);
  await expect(probe({ directory })).rejects.toMatchObject({ code: 'TOOL_MISSING' });
});

test('the C libraries are distinguished', async () => {
  const answering = (macros: string): string =>
    scriptCompiler(
      [
        'case "$*" in',
        `  *-dM*) printf "#define __mips__ 1\\n#define __linux__ 1\\n#define __SIZEOF_POINTER__ 4\\n#define __BYTE_ORDER__ __ORDER_LITTLE_ENDIAN__\\n${macros}" ;;`,
        '  *) echo x ;;',
        'esac',
      ].join('\n'),
    );
  const libcOf = async (macros: string): Promise<string> =>
    (await probe({ directory: answering(macros) })).libc;
  expect(await libcOf('#define __GLIBC__ 2\\n#define __GLIBC_MINOR__ 31\\n')).toBe('glibc 2.31');
  expect(await libcOf('#define __GLIBC__ 2\\n#define __GLIBC_MINOR__ 2\\n#define __UCLIBC__ 1\\n')).toBe(
    'uClibc',
  );
  expect(await libcOf('#define EXIT_FAILURE 1\\n')).toBe('musl');
  await expect(libcOf('')).rejects.toMatchObject(wrong('has no C library: it finds no stdlib.h'));
});

describe("Debian's real cross compiler", () => {
  beforeAll(() => {
    const compiler = findProgram(`${PREFIX}gcc`, env['PATH'] ?? '');
    expect(compiler, 'these tests need the Debian package gcc-mipsel-linux-gnu').toBeDefined();
  });

  test('fits', async () => {
    const { machine, libc, version } = await probe({});
    expect([machine, libc, version]).toEqual([
      'mipsel-linux-gnu',
      expect.stringMatching(/^glibc 2\.\d+$/),
      expect.stringMatching(/^\d+\.\d+\.\d+$/),
    ]);
  });

  test('does not with flags for another machine, or without its headers', async () => {
    await expect(probe({ cflags: ['-EB'] })).rejects.toMatchObject(wrong('32-bit big-endian mips'));
    await expect(probe({ cflags: ['-march=nonsense'] })).rejects.toMatchObject(wrong('does not work: '));
    await expect(probe({ cflags: ['-march=nonsense'] })).rejects.toThrow('nonsense');
    await expect(probe({ cflags: ['-nostdinc'] })).rejects.toMatchObject(
      wrong('has no C library for the board'),
    );
  });
});
