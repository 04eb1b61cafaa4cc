import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../../toolkit/base/diagnostic.ts';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import { closeLibraries, type LibraryRequest } from '../../../toolkit/programs/close-libraries.ts';
import { elfReader } from '../../../toolkit/programs/elf-reader.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { RootfsTree } from '../../../toolkit/rootfs/rootfs-tree.ts';
import { boardTraits } from '../../../toolkit/toolchain/board-traits.ts';
import { mipsTraits } from '../../../toolkit/toolchain/mips-traits.ts';
import { makeElf, makeForeignElf, type ElfOptions } from '../../rigs/make-elf.ts';
import { scratchDir } from '../scratch.ts';

let tree: RootfsTree;
let blobs: BlobStore;
let asked: string[];
/** Libraries of the toolchain. */
let toolchain: Map<string, Buffer>;

beforeEach(() => {
  tree = new RootfsTree();
  blobs = new BlobStore(join(scratchDir(), 'blobs'));
  asked = [];
  toolchain = new Map();
});

async function entry(path: string, bytes: Buffer): Promise<RootfsEntry> {
  return { path, type: 'file', mode: 0o755, uid: 0, gid: 0, ...(await blobs.addBytes(bytes)) };
}

async function put(path: string, content: ElfOptions | Buffer): Promise<void> {
  tree.put(await entry(path, Buffer.isBuffer(content) ? content : makeElf({ content: path, ...content })));
}

function link(path: string, target: string): void {
  tree.put({ path, type: 'symlink', mode: 0o777, uid: 0, gid: 0, target });
}

async function problems(changes: Partial<LibraryRequest> = {}): Promise<string[]> {
  const found = await closeLibraries({
    tree,
    elf: { bits: 32, littleEndian: true, machine: 8 },
    read: elfReader(),
    libraryDirs: ['/lib', '/usr/lib'],
    provide: async (name) => {
      asked.push(name);
      const bytes = toolchain.get(name);
      return bytes && (await entry(`/lib/${name}`, bytes));
    },
    containerRoots: [],
    ...changes,
  });
  return found.map(({ message }) => message);
}

const library = (soname: string, ...needed: string[]): Buffer => makeElf({ kind: 'shared', soname, needed });

test('takes missing libraries from the toolchain, with those that these need', async () => {
  await put('/usr/bin/lxc-start', { kind: 'exec', needed: ['liblxc.so.1', 'libc.so.6'] });
  await put('/usr/lib/liblxc.so.1.7.0', library('liblxc.so.1', 'libcap.so.2', 'libc.so.6'));
  link('/usr/lib/liblxc.so.1', 'liblxc.so.1.7.0');
  toolchain = new Map([
    ['libcap.so.2', library('libcap.so.2', 'libc.so.6')],
    ['libc.so.6', library('libc.so.6', 'ld.so.1')],
    ['ld.so.1', library('ld.so.1')],
  ]);
  expect(await problems()).toEqual([]);
  expect(tree.entries().map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/lib/ld.so.1', '/lib/libc.so.6', '/lib/libcap.so.2']),
  );
  expect(asked.sort()).toEqual(['ld.so.1', 'libc.so.6', 'libcap.so.2']);
  // Now everything is there.
  asked = [];
  expect(await problems()).toEqual([]);
  expect(asked).toEqual([]);
});

test('a library that is nowhere to be found is named with the program that needs it', async () => {
  await put('/usr/bin/tool', { kind: 'exec', interp: '/lib/ld-musl-mipsel.so.1', needed: ['libvendor.so'] });
  expect(await problems()).toEqual([
    '/usr/bin/tool needs the dynamic linker /lib/ld-musl-mipsel.so.1, which is not in the root filesystem',
    '/usr/bin/tool needs the library libvendor.so, which is not in the root filesystem',
  ]);
});

test('the dynamic linker is put where the program looks for it', async () => {
  await put('/usr/bin/tool', { kind: 'exec', interp: '/lib/mipsel/ld.so.1' });
  toolchain.set('ld.so.1', library('ld.so.1'));
  expect(await problems()).toEqual([]);
  expect(tree.get('/lib/mipsel/ld.so.1')?.type).toBe('file');
  expect(tree.get('/lib/ld.so.1')).toBeUndefined();
});

test('a library that is only a link to nothing, or a directory, is not there', async () => {
  await put('/bin/a', { kind: 'exec', needed: ['liba.so', 'libb.so'] });
  await put('/lib/ld.so.1', { kind: 'shared' });
  link('/lib/liba.so', 'liba.so.1');
  tree.put({ path: '/lib/libb.so', type: 'dir', mode: 0o755, uid: 0, gid: 0 });
  expect(await problems()).toHaveLength(2);
});

test.each([
  [
    '64-bit x86',
    makeForeignElf(),
    'it is 64-bit little-endian x86-64, the board is 32-bit little-endian MIPS',
  ],
  [
    'the other byte order',
    makeElf({ kind: 'exec', machine: 'mips' }),
    'it is 32-bit big-endian MIPS, the board is',
  ],
  ['Arm', makeElf({ kind: 'static', machine: 'arm' }), 'it is 32-bit little-endian Arm, the board is'],
])('a program for %s is found', async (_, bytes, message) => {
  await put('/bin/wrong', bytes);
  expect(await problems()).toEqual([
    expect.stringContaining(`/bin/wrong is for another machine: ${message}`),
  ]);
});

test('a library of the wrong machine from the toolchain is found too', async () => {
  await put('/bin/a', { kind: 'static', needed: [] });
  await put('/bin/b', { kind: 'shared', needed: ['libx.so'] });
  toolchain.set('libx.so', makeElf({ kind: 'shared', machine: 'arm' }));
  expect(await problems()).toEqual([expect.stringContaining('/lib/libx.so is for another machine')]);
});

test('the paths in a program are searched, $ORIGIN too', async () => {
  await put(
    '/opt/app/bin/tool',
    makeElf({
      kind: 'shared',
      runPath: '$ORIGIN/../lib:/opt/${ORIGIN}:/srv/lib',
      needed: ['liba.so', 'libb.so'],
    }),
  );
  await put('/opt/app/lib/liba.so', library('liba.so'));
  await put('/srv/lib/libb.so', library('libb.so'));
  expect(await problems()).toEqual([]);
  expect(asked).toEqual([]);
});

test('a name with a slash is a path', async () => {
  await put('/bin/tool', { kind: 'shared', needed: ['/opt/lib/liba.so'] });
  expect(await problems()).toHaveLength(1);
  await put('/opt/lib/liba.so', library('liba.so'));
  expect(await problems()).toEqual([]);
});

test('checks files that a container brings only for their machine', async () => {
  await put('/opt/lxc/c1/bin/app', { kind: 'exec', needed: ['libnone.so'] });
  await put('/opt/lxc/c1/bin/wrong', { kind: 'exec', machine: 'arm' });
  await put('/opt/lxc/c10/bin/app', { kind: 'shared', needed: ['libnone.so'] });
  expect(await problems({ containerRoots: ['/opt/lxc/c1'] })).toEqual([
    expect.stringContaining('/opt/lxc/c1/bin/wrong is for another machine'),
    expect.stringContaining('/opt/lxc/c10/bin/app needs the library libnone.so'),
  ]);
});

test('kernel modules and firmware are not for the dynamic linker', async () => {
  await put('/lib/modules/6.1/veth.ko', { kind: 'object', machine: 'arm' });
  await put('/lib/firmware/dsp.elf', { kind: 'static', machine: 'arm' });
  await put('/usr/lib/firmware/dsp.elf', { kind: 'static', machine: 'arm' });
  expect(await problems()).toEqual([]);
});

const board = boardTraits(
  mipsTraits,
  '#define _MIPS_SIM _ABIO32\n#define __mips 32\n#define __mips_isa_rev 2',
  ['-march=mips32r2'],
);

test.each<[string, Omit<ElfOptions, 'kind'>, string]>([
  ['release 6', { flags: 0x9000_1407 }, "its instruction set is mips32r6, the board's is mips32r2"],
  ['a 64-bit CPU', { flags: 0x8000_1007 }, "its instruction set is mips64r2, the board's is mips32r2"],
  [
    'release 5, by .MIPS.abiflags alone',
    { abiFlags: { level: 32, revision: 5, float: 1 } },
    "its instruction set is mips32r5, the board's is mips32r2",
  ],
  ['n32', { flags: 0x7000_0027 }, "its ABI is n32, the board's is o32"],
  ['NaN of 2008', { flags: 0x7000_1407 }, "its NaN encoding is 2008, the board's is legacy"],
])('a program and a library for %s do not run, wherever they lie', async (_, options, why) => {
  await put('/usr/bin/tool', { kind: 'static', ...options });
  await put('/opt/lxc/c1/lib/libx.so', { kind: 'shared', ...options });
  expect(await problems({ traits: board, containerRoots: ['/opt/lxc/c1'] })).toEqual([
    `/opt/lxc/c1/lib/libx.so does not run on the board: ${why}`,
    `/usr/bin/tool does not run on the board: ${why}`,
  ]);
});

describe('a kernel that runs programs of another release', () => {
  const R6 =
    '#define _MIPS_SIM _ABIO32\n#define __mips 32\n#define __mips_isa_rev 6\n#define __mips_nan2008 1';
  const onR6 = (symbols: readonly string[], commandLine = '') =>
    boardTraits(mipsTraits, R6, ['-march=mips32r6'], {
      isSet: (symbol) => symbols.includes(symbol),
      commandLine,
    });
  const said = async (
    traits: LibraryRequest['traits'],
  ): Promise<{ errors: string[]; warnings: string[] }> => {
    const warnings: string[] = [];
    const warn: LibraryRequest['warn'] = (warning) => void warnings.push(formatDiagnostic(warning));
    return { errors: await problems({ ...(traits === undefined ? {} : { traits }), warn }), warnings };
  };
  const EMULATOR = 'CONFIG_MIPSR2_TO_R6_EMULATOR';

  test('runs earlier ones where it has the emulator, and the command line may come from the boot loader', async () => {
    await put('/usr/bin/one', { kind: 'static', flags: 0x7000_1007 });
    await put('/usr/bin/two', { kind: 'static', flags: 0x5000_1007 });
    await put('/usr/bin/own', { kind: 'static', flags: 0x9000_1407 });
    expect(await said(onR6([EMULATOR]))).toEqual({
      errors: [],
      warnings: [
        '/usr/bin/one (and 1 more) runs on this kernel only with mipsr2emu ieee754=relaxed on its command line, which CONFIG_CMDLINE does not have\n  help: let the boot loader pass mipsr2emu ieee754=relaxed, or add it to CONFIG_CMDLINE',
      ],
    });
    expect(await said(onR6([EMULATOR], 'console=ttyS0 mipsr2emu'))).toEqual({
      errors: [],
      warnings: [expect.stringContaining('only with ieee754=relaxed on its command line')],
    });
    expect(await said(onR6([EMULATOR], 'ieee754=relaxed mipsr2emu'))).toEqual({ errors: [], warnings: [] });
  });

  test('does not without it, whatever the command line says', async () => {
    await put('/usr/bin/one', { kind: 'static', flags: 0x7000_1007 });
    expect(await said(onR6([], 'mipsr2emu ieee754=relaxed'))).toEqual({
      errors: [
        "/usr/bin/one does not run on the board: its instruction set is mips32r2, the board's is mips32r6",
      ],
      warnings: [],
    });
  });

  test('is one of release 6, under programs compiled for release 2', async () => {
    await put('/usr/bin/six', { kind: 'static', flags: 0x9000_1407 });
    const onR2 = (...symbols: string[]) =>
      boardTraits(
        mipsTraits,
        R6.replace('rev 6', 'rev 2').replace(/#define __mips_nan.*/, ''),
        ['-march=mips32r2'],
        {
          isSet: (symbol) => symbols.includes(symbol),
          commandLine: '',
        },
      );
    expect(await said(onR2('CONFIG_CPU_MIPSR6', EMULATOR))).toEqual({ errors: [], warnings: [] });
    expect((await said(onR2())).errors).toEqual([
      "/usr/bin/six does not run on the board: its instruction set is mips32r6, the board's is mips32r2",
    ]);
  });

  test('takes either encoding of NaN with ieee754=relaxed in its own command line', async () => {
    await put('/usr/bin/nan', { kind: 'static', flags: 0x7000_1407 });
    const onR2 = (commandLine: string) =>
      boardTraits(mipsTraits, '#define __mips 32\n#define __mips_isa_rev 2', ['-march=mips32r2'], {
        isSet: () => false,
        commandLine,
      });
    expect(await said(onR2('quiet ieee754=relaxed'))).toEqual({ errors: [], warnings: [] });
    expect((await said(onR2('ieee754=strict'))).errors).toEqual([
      "/usr/bin/nan does not run on the board: its NaN encoding is 2008, the board's is legacy",
    ]);
  });
});

test('older programs run', async () => {
  for (const [name, flags] of Object.entries({
    one: 0x1007,
    two: 0x1000_1007,
    first: 0x5000_1007,
    plain: 0x7000_0007,
  }))
    await put(`/usr/bin/${name}`, { kind: 'static', flags });
  expect(await problems({ traits: board })).toEqual([]);
});

test("the compiler's own choice of an instruction set does not say that the CPU has no more", async () => {
  await put('/usr/bin/newer', { kind: 'static', flags: 0x7000_1007 });
  await put('/usr/bin/other', { kind: 'static', flags: 0x9000_1007 });
  const unstated = boardTraits(mipsTraits, '#define __mips 32\n#define __mips_isa_rev 1', ['-Os']);
  expect(await problems({ traits: unstated })).toEqual([
    "/usr/bin/other does not run on the board: its instruction set is mips32r6, the board's is mips32",
  ]);
});

test('accepts files for another machine that no CPU of the board runs', async () => {
  const foreign = makeElf({ kind: 'static', machine: 'arm' });
  const core = Buffer.from(foreign);
  core.writeUInt16LE(4, 16);
  const bpf = makeElf({ kind: 'shared', machine: 'arm' });
  bpf.writeUInt16LE(247, 18);
  await put('/usr/lib/bpf/trace', bpf);
  await put('/var/crash/core.12', core);
  await put('/usr/lib/vendor/part.o', { kind: 'object', machine: 'arm' });
  await put('/opt/modem/firmware/q6.elf', foreign);
  await put('/boot/vmlinux', makeForeignElf());
  await put('/usr/lib/debug/usr/bin/tool.debug', foreign.subarray(0, 100));
  tree.put({ ...(await entry('/opt/vendor/dsp.img', foreign)), mode: 0o644 });
  await put('/opt/vendor/dsp', foreign);
  tree.put({ ...(await entry('/usr/bin/lost-its-mode', foreign)), mode: 0o644 });
  tree.put({ ...(await entry('/opt/vendor/libdsp.so.2', foreign)), mode: 0o644 });
  expect(await problems()).toEqual([
    expect.stringContaining('/opt/vendor/dsp is for another machine'),
    expect.stringContaining('/opt/vendor/libdsp.so.2 is for another machine'),
    expect.stringContaining('/usr/bin/lost-its-mode is for another machine'),
  ]);
});

test('a damaged program is a problem like others, named as on the device', async () => {
  await put('/bin/cut', makeElf({ kind: 'exec' }).subarray(0, 100));
  await put('/bin/wrong', { kind: 'exec', machine: 'arm' });
  await put('/bin/tiny', Buffer.from('\x7fELF'));
  expect(await problems()).toEqual([
    expect.stringMatching(/^\/bin\/cut is a damaged ELF file: /),
    expect.stringContaining('/bin/wrong is for another machine'),
  ]);
});

test('a missing blob is no matter of the profile', async () => {
  await put('/bin/a', { kind: 'static' });
  const [file] = tree.entries().filter(({ path }) => path === '/bin/a');
  if (file?.type !== 'file') throw new Error('no file');
  tree.put({ ...file, source: '/no/such/blob', sha256: 'other' });
  await expect(problems()).rejects.toThrow('ENOENT');
});
