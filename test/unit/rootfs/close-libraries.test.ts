import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { BlobStore } from '../../../toolkit/rootfs/blob-store.ts';
import { closeLibraries, type LibraryRequest } from '../../../toolkit/rootfs/close-libraries.ts';
import type { RootfsEntry } from '../../../toolkit/rootfs/manifest.ts';
import { RootfsTree } from '../../../toolkit/rootfs/rootfs-tree.ts';
import { makeElf, makeForeignElf, type ElfOptions } from '../../rigs/make-elf.ts';
import { scratchDir } from '../scratch.ts';

let tree: RootfsTree;
let blobs: BlobStore;
let asked: string[];
/** What the toolchain has. */
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

test('what is missing comes from the toolchain, and what that needs too', async () => {
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

test('what nobody has is named with who needs it', async () => {
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
    withRunPath('$ORIGIN/../lib:/opt/${ORIGIN}:/srv/lib', ['liba.so', 'libb.so']),
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

test('what a container brings is looked at for its machine only', async () => {
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

test('a damaged program is a problem like others, named as on the device', async () => {
  await put('/bin/cut', makeElf({ kind: 'exec' }).subarray(0, 100));
  await put('/bin/wrong', { kind: 'exec', machine: 'arm' });
  await put('/bin/tiny', Buffer.from('\x7fELF'));
  expect(await problems()).toEqual([
    expect.stringMatching(/^\/bin\/cut is no sound ELF file: /),
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

/** A library with a DT_RUNPATH: in place of the soname, which has the same shape. */
function withRunPath(path: string, needed: readonly string[]): Buffer {
  const bytes = makeElf({ kind: 'shared', soname: path, needed });
  const [soname, runPath] = [Buffer.from([14, 0, 0, 0]), Buffer.from([29, 0, 0, 0])];
  const at = bytes.indexOf(soname, 52 + 64);
  runPath.copy(bytes, at);
  const file = join(scratchDir(), 'elf');
  writeFileSync(file, bytes);
  const shown = execFileSync('readelf', ['-d', file], { encoding: 'utf8' });
  if (!shown.includes('(RUNPATH)')) throw new Error(`no RUNPATH:\n${shown}`);
  return bytes;
}
