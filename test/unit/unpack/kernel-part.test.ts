import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kernelPart } from '../../../toolkit/unpack/kernel-part.ts';
import type { ResolvedSource } from '../../../toolkit/download/resolved-source.ts';
import { unpackTree } from '../../../toolkit/unpack/unpack.ts';
import { tarOf, type TestEntry } from '../sources/archives.ts';
import { sha256Of } from '../sources/misbehaving-server.ts';
import { rejectionOf, sourceRig, type SourceRig } from '../sources/source-rig.ts';

function kernelOf(rig: SourceRig, entries: readonly TestEntry[]): ResolvedSource {
  const bytes = tarOf(entries);
  const sha256 = sha256Of(bytes);
  const file = join(rig.dir, `linux-${sha256.slice(0, 8)}.tar`);
  writeFileSync(file, bytes);
  const files = [{ name: 'linux-1.0.tar', sha256, sizeBytes: bytes.length, file }];
  return {
    component: 'kernel',
    kind: 'url',
    form: 'tarball',
    version: '1.0',
    origin: 'a test',
    sha256,
    files,
  };
}

const FILES = [
  'Makefile',
  'Documentation/Kconfig',
  'Documentation/Makefile',
  'Documentation/admin-guide/README.rst',
  'arch/Kconfig',
  'arch/arm/Kconfig',
  'arch/arm/kernel/setup.c',
  'arch/mips/Kconfig',
  'arch/mips/kernel/setup.c',
  'arch/um/os-Linux/Makefile',
  'arch/um/scripts/Makefile.rules',
  'arch/x86/Kconfig.debug',
  'arch/x86/entry/syscalls/syscall_32.tbl',
  'arch/x86/kernel/setup.c',
  'drivers/arch/x86/setup.c',
  'tools/arch/x86/include/asm/orc_types.h',
];

const FOR_MIPS = FILES.filter(
  (path) =>
    !['Documentation/admin-guide/README.rst', 'arch/arm/kernel/setup.c', 'arch/x86/kernel/setup.c'].includes(
      path,
    ),
);

function entriesIn(prefix: string, more: readonly TestEntry[] = []): TestEntry[] {
  const top: TestEntry[] = prefix === '' ? [] : [{ path: prefix, type: 'Directory' }];
  return [...top, ...FILES.map((path) => ({ path: `${prefix}${path}`, body: path })), ...more];
}

function filesBelow(dir: string): string[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

describe('the part of a kernel tree for an architecture', () => {
  test.each(['linux-1.0/', './'])(
    'leaves out what its build cannot use, of a tarball with %s',
    async (prefix) => {
      const rig = sourceRig();
      const source = kernelOf(rig, entriesIn(prefix));
      const dir = await unpackTree(source, rig.context, kernelPart('mips'));
      expect(dir).toBe(
        join(rig.storeDir, 'trees', `kernel-${source.sha256.slice(0, 16)}-${kernelPart('mips')?.name ?? ''}`),
      );
      expect(filesBelow(dir)).toEqual(FOR_MIPS.sort());
      expect(existsSync(join(dir, 'Documentation/admin-guide'))).toBe(false);
    },
  );

  test('lies beside that of another architecture and the whole tree', async () => {
    const rig = sourceRig();
    const source = kernelOf(rig, entriesIn('linux-1.0/'));
    const mips = await unpackTree(source, rig.context, kernelPart('mips'));
    const arm = await unpackTree(source, rig.context, kernelPart('arm'));
    expect(existsSync(join(mips, 'arch/mips/kernel/setup.c'))).toBe(true);
    expect(existsSync(join(arm, 'arch/mips/kernel/setup.c'))).toBe(false);
    expect(existsSync(join(arm, 'arch/arm/kernel/setup.c'))).toBe(true);
    expect(filesBelow(await unpackTree(source, rig.context))).toEqual([...FILES].sort());
    expect(rig.list('trees')).toHaveLength(3);
  });

  test('is not unpacked where the whole tree already is', async () => {
    const rig = sourceRig();
    const source = kernelOf(rig, entriesIn('linux-1.0/'));
    const whole = join(rig.storeDir, 'trees', `kernel-${source.sha256.slice(0, 16)}`);
    mkdirSync(whole, { recursive: true });
    expect(await unpackTree(source, rig.context, kernelPart('mips'))).toBe(whole);
  });

  test('has the device trees of both ARM architectures for either', () => {
    const paths = ['arch/arm/boot/dts/a.dts', 'arch/arm64/boot/dts/b.dts', 'arch/x86/kernel/c.c'];
    for (const arch of ['arm', 'arm64'])
      expect(paths.filter((path) => kernelPart(arch)?.has(path))).toEqual(paths.slice(0, 2));
  });

  test('is the whole tree for an architecture that the table does not have', () => {
    expect(kernelPart('score')).toBeUndefined();
    expect(kernelPart('constructor')).toBeUndefined();
  });

  test.each([
    ['a path that leads out', { path: 'linux-1.0/arch/x86/../../../out', body: 'x' }],
    [
      'a link that leads out',
      { path: 'linux-1.0/arch/x86/out', type: 'SymbolicLink', linkpath: '../../../out' },
    ],
    ['a device', { path: 'linux-1.0/Documentation/null', type: 'CharacterDevice' }],
  ])('is refused for %s among what is left out', async (_what, entry) => {
    const rig = sourceRig();
    const source = kernelOf(rig, entriesIn('linux-1.0/', [entry]));
    const error = await rejectionOf(unpackTree(source, rig.context, kernelPart('mips')));
    expect(error.code).toBe('ARCHIVE_HOSTILE');
    expect(rig.list('trees')).toEqual([]);
  });
});

describe('the whole tree is unpacked', () => {
  test('when a file that is needed is a hard link to one that is not', async () => {
    const rig = sourceRig();
    const link = {
      path: 'linux-1.0/drivers/same.c',
      type: 'Link',
      linkpath: 'linux-1.0/arch/x86/kernel/setup.c',
    };
    const dir = await unpackTree(
      kernelOf(rig, entriesIn('linux-1.0/', [link])),
      rig.context,
      kernelPart('mips'),
    );
    expect(filesBelow(dir)).toEqual([...FILES, 'drivers/same.c'].sort());
    expect(rig.list('trees')).toHaveLength(1);
  });

  test.each([
    ['its first entry is no directory', entriesIn('')],
    ['its first directory is not its only one', [{ path: 'tools/', type: 'Directory' }, ...entriesIn('')]],
    ['it has something beside its directory', entriesIn('linux-1.0/', [{ path: 'pax_notes', body: 'x' }])],
  ])('when it may not be what it seems: %s', async (_why, entries) => {
    const rig = sourceRig();
    const dir = await unpackTree(kernelOf(rig, entries), rig.context, kernelPart('mips'));
    expect(filesBelow(dir)).toHaveLength(entries.filter(({ type }) => type === undefined).length);
  });
});
