import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeElfMismatch } from '../../../toolkit/programs/elf-fit.ts';
import { ElfError, readElf, type Elf } from '../../../toolkit/programs/elf.ts';
import { makeElf, makeForeignElf, programWith } from '../../rigs/make-elf.ts';
import { scratchDir } from '../scratch.ts';
import { expectLinear } from '../../rigs/growth.ts';

async function read(bytes: Buffer): Promise<Elf | undefined> {
  const file = join(scratchDir(), 'file');
  writeFileSync(file, bytes);
  return readElf(file);
}

const mipsel = { bits: 32, littleEndian: true, machine: 8 } as const;

test('a program that needs libraries', async () => {
  const needed = ['liblxc.so.1', 'libc.so.6'];
  expect(await read(makeElf({ kind: 'exec', needed, interp: '/lib/ld.so.1' }))).toEqual({
    ...mipsel,
    interpreter: '/lib/ld.so.1',
    needed,
    type: 'program',
    flags: 0x7000_1007,
    soname: undefined,
    rpath: [],
    runPath: undefined,
    noDefaultDirs: false,
    neededVersions: [],
    definedVersions: undefined,
    mipsAbiFlags: undefined,
    variableBytes: 288,
    hardening: {
      // It says nothing of its stack.
      executableStack: true,
      relro: false,
      bindNow: false,
      pie: false,
      stackProtector: false,
      fortify: false,
    },
  });
});

test('the variables of a program: what its writable segments take in memory, in either width', async () => {
  expect(await read(programWith(0x180_0000))).toMatchObject({ variableBytes: 0x180_0000 });
  expect(await read(programWith(0x180_0000, 64))).toMatchObject({ variableBytes: 0x180_0000 });
});

test('a library, a static program and an object', async () => {
  expect(await read(makeElf({ kind: 'shared', soname: 'libcap.so.2' }))).toMatchObject({
    interpreter: undefined,
    needed: [],
    soname: 'libcap.so.2',
  });
  for (const kind of ['static', 'object'] as const) {
    expect(await read(makeElf({ kind }))).toMatchObject({ ...mipsel, interpreter: undefined, needed: [] });
  }
});

test('the other byte order, and 64 bits', async () => {
  expect(await read(makeElf({ machine: 'mips', kind: 'exec', needed: ['libc.so.6'] }))).toMatchObject({
    littleEndian: false,
    needed: ['libc.so.6'],
    interpreter: '/lib/ld.so.1',
  });
  expect(await read(makeForeignElf())).toMatchObject({
    bits: 64,
    littleEndian: true,
    machine: 62,
    needed: [],
  });
});

test('real programs of this host read as readelf reads them', async () => {
  for (const program of [process.execPath, '/bin/sh']) {
    const elf = await readElf(program);
    const dynamic = execFileSync('readelf', ['-dl', program], { encoding: 'utf8' });
    const needed = [...dynamic.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name);
    expect(elf?.needed).toEqual(needed);
    expect(elf?.interpreter).toBe(/interpreter: (.*)\]/.exec(dynamic)?.[1]);
  }
});

const libc = '/usr/mipsel-linux-gnu/lib/libc.so.6';
test('a real library of the board', async () => {
  expect(existsSync(libc), 'this test needs the Debian package libc6-mipsel-cross').toBe(true);
  const elf = await readElf(libc);
  expect(elf).toMatchObject({
    ...mipsel,
    type: 'shared',
    flags: 0x7000_1007,
    soname: 'libc.so.6',
    needed: ['ld.so.1'],
    mipsAbiFlags: { isaLevel: 32, isaRevision: 2 },
  });
  const shown = execFileSync('readelf', ['-VW', libc], { encoding: 'utf8' });
  const [definitions = '', needs = ''] = shown.split('Version needs section');
  const defined = [...definitions.matchAll(/Flags: none +Index: \d+ +Cnt: \d+ +Name: (\S+)/g)];
  expect(defined.length).toBeGreaterThan(10);
  expect(elf?.definedVersions).toEqual(defined.map(([, name]) => name));
  const needed = [...needs.matchAll(/^ +0x\w+: +Name: (\S+) +Flags: none/gm)];
  expect(elf?.neededVersions).toEqual([{ library: 'ld.so.1', versions: needed.map(([, name]) => name) }]);
});

test('reads nothing from a file that is not ELF, however short', async () => {
  for (const text of ['', '\x7f', '\x7fEL', '#!/bin/sh\n', 'ELF\x7f'])
    expect(await read(Buffer.from(text))).toBeUndefined();
});

describe('a damaged file gives an error that says so:', () => {
  const whole = makeElf({ kind: 'exec', needed: ['libc.so.6'] });

  test('cut short anywhere', async () => {
    let errors = 0;
    for (let length = 4; length < whole.length; length += 3) {
      try {
        await read(whole.subarray(0, length));
      } catch (error) {
        errors++;
        expect(error).toBeInstanceOf(ElfError);
        expect((error as Error).message).toMatch(/file is a damaged ELF file: /);
      }
    }
    // From some length on all that is read is there; what is cut then is the table of sections.
    expect(errors).toBeGreaterThan(30);
  });

  /** Writes a number into a copy. */
  function patched(at: number, value: number, size: 2 | 4 = 4): Buffer {
    const copy = Buffer.from(whole);
    copy.writeUIntLE(value, at, size);
    return copy;
  }

  // The program headers begin at 52: PT_INTERP, PT_LOAD, PT_DYNAMIC, of 32 bytes each.
  test.each([
    ['the program headers beyond the end', patched(28, 0xffff_ff00)],
    ['65535 program headers', patched(44, 0xffff, 2)],
    ['the interpreter beyond the end', patched(52 + 4, 0x7fff_ffff)],
    ['the dynamic section beyond the end', patched(52 + 64 + 4, 0xffff_fff0)],
  ])('%s', async (_, bytes) => {
    await expect(read(bytes)).rejects.toThrow(ElfError);
  });

  test('a name that runs to the end of the file, or on for longer than any path', async () => {
    const endless = (name: string): Buffer =>
      Buffer.concat([patched(52 + 4, whole.length), Buffer.from(name)]);
    const message = `the name at byte ${whole.length} has no end`;
    await expect(read(endless('/lib/ld.so.1'))).rejects.toThrow(message);
    await expect(read(endless(`${'/long'.repeat(1_000)}\0`))).rejects.toThrow(message);
    expect(await read(endless('/lib/ld.so.1\0'))).toMatchObject({ interpreter: '/lib/ld.so.1' });
  });

  test('an offset of 64 bits that no file reaches', async () => {
    const bytes = programWith(0, 64);
    bytes.writeBigUInt64LE(2n ** 63n, 32);
    const error: unknown = await read(bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ElfError);
    expect((error as Error).message).toMatch(/it is truncated before byte \d+, or its headers are wrong$/);
  });

  test('headers of no size are all the same one', async () => {
    const bytes = patched(42, 0, 2);
    bytes.writeUInt16LE(0xffff, 44);
    expect(await read(bytes)).toMatchObject({ needed: [] });
  });

  test('random bytes in the headers are an error or an answer', async () => {
    let seed = 1;
    for (let round = 0; round < 500; round++) {
      const copy = Buffer.from(whole);
      for (let index = 0; index < 8; index++) {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        copy[4 + ((seed >> 8) % (whole.length - 4))] = seed & 0xff;
      }
      const outcome = await read(copy).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ElfError);
    }
  });

  test('millions of entries and names without an end do not keep us busy', async () => {
    const readBytes = async (size: number): Promise<void> => {
      const base = Buffer.alloc(size, 1);
      whole.copy(base, 0, 0, 52 + 96);
      // The dynamic section is the whole rest of the file: pairs of DT_NEEDED and an offset into ones without a zero.
      for (let at = 1_000; at + 8 <= size; at += 8) {
        base.writeUInt32LE(1, at);
        base.writeUInt32LE(0x0101_0101 & 0xffff, at + 4);
      }
      base.writeUInt32LE(1_000, 52 + 64 + 4);
      base.writeUInt32LE(size - 1_000, 52 + 64 + 16);
      await expect(read(base)).rejects.toThrow(ElfError);
    };
    await expectLinear(readBytes, 2_000_000);
  });
});

test('the name in a message can be the one on the device', async () => {
  const file = join(scratchDir(), 'blob');
  writeFileSync(file, makeElf({ kind: 'exec' }).subarray(0, 60));
  await expect(readElf(file, '/usr/bin/tool')).rejects.toThrow(
    /^\/usr\/bin\/tool is a damaged ELF file: it is truncated/,
  );
  expect(readFileSync(file)).toHaveLength(60);
});

test('describes in words how two machines differ', () => {
  expect(describeElfMismatch(mipsel, mipsel)).toBeUndefined();
  expect(describeElfMismatch({ bits: 64, littleEndian: true, machine: 62 }, mipsel)).toBe(
    'it is 64-bit little-endian x86-64, the board is 32-bit little-endian MIPS',
  );
  expect(describeElfMismatch({ ...mipsel, littleEndian: false }, mipsel)).toBe(
    'it is 32-bit big-endian MIPS, the board is 32-bit little-endian MIPS',
  );
  expect(describeElfMismatch({ ...mipsel, bits: 64 }, mipsel)).toBe(
    'it is 64-bit little-endian MIPS, the board is 32-bit little-endian MIPS',
  );
  expect(describeElfMismatch({ ...mipsel, machine: 4711 }, mipsel)).toContain(
    '32-bit little-endian machine 4711',
  );
});
