import { describe, expect, test } from 'vitest';
import { builtInDirs, linkerOf } from '../../../toolkit/programs/dynamic-linkers.ts';
import { elfReader } from '../../../toolkit/programs/elf-reader.ts';
import { loadProgram } from '../../../toolkit/programs/load-program.ts';
import type { LoadContext } from '../../../toolkit/programs/load-context.ts';
import { deviceView } from '../../../toolkit/programs/root-view.ts';
import { library, program, treeOf, type MadeEntry } from './rig.ts';

/** Everything that /usr/bin/app would miss, in short. */
async function missing(
  files: Readonly<Record<string, MadeEntry>>,
  changes: Partial<LoadContext> = {},
): Promise<string[]> {
  const tree = await treeOf(files);
  const read = elfReader();
  const entry = tree.lookup('/usr/bin/app');
  const elf = entry?.type === 'file' ? await read(entry) : undefined;
  if (elf === undefined) throw new Error('no program');
  const context = {
    view: deviceView(tree),
    read,
    linkTraits: [],
    libraryPath: [],
    hasProc: true,
    ...changes,
  };
  const problems = await loadProgram('/usr/bin/app', elf, context);
  return problems.map((problem) =>
    problem.kind === 'library' ? `${problem.library}: ${problem.searched.join(' ')}` : problem.kind,
  );
}

const glibc = { '/lib/ld.so.1': library('ld.so.1') };
const musl = '/lib/ld-musl-mipsel.so.1';

describe('glibc', () => {
  test('looks into the directories that it was built with', async () => {
    const debian = { '/lib/ld.so.1': library('ld.so.1', { content: '\0/lib/mipsel-linux-gnu/\0/lib/\0' }) };
    const files = { '/usr/bin/app': program('liba.so'), '/usr/lib/liba.so': library('liba.so') };
    expect(await missing({ ...files, ...glibc })).toEqual([]);
    expect(await missing({ ...files, ...debian })).toEqual(['liba.so: /lib/mipsel-linux-gnu /lib']);
    const there = {
      ...debian,
      '/usr/bin/app': program('liba.so'),
      '/lib/mipsel-linux-gnu/liba.so': library('liba.so'),
    };
    expect(await missing(there)).toEqual([]);
  });

  test('takes DT_RPATH, LD_LIBRARY_PATH, DT_RUNPATH and its own directories in this order', async () => {
    const app = { ...program('liba.so'), runPath: '/run-path' };
    expect(await missing({ ...glibc, '/usr/bin/app': app }, { libraryPath: ['/env'] })).toEqual([
      'liba.so: /env /run-path /lib /usr/lib',
    ]);
    const old = { ...program('liba.so'), rpath: '/r-path:/second' };
    expect(await missing({ ...glibc, '/usr/bin/app': old }, { libraryPath: ['/env'] })).toEqual([
      'liba.so: /r-path /second /env /lib /usr/lib',
    ]);
    const both = { ...app, rpath: '/r-path' };
    expect(await missing({ ...glibc, '/usr/bin/app': both })).toEqual(['liba.so: /run-path /lib /usr/lib']);
    const bare = { ...app, noDefaultDirs: true };
    expect(await missing({ ...glibc, '/usr/bin/app': bare })).toEqual(['liba.so: /run-path']);
  });

  test('takes a library that is loaded already by its soname, and a path as it stands', async () => {
    const files = {
      ...glibc,
      '/usr/bin/app': program('/opt/liba-1.so', 'liba.so.1', 'ld.so.1'),
      '/opt/liba-1.so': library('liba.so.1'),
    };
    expect(await missing(files)).toEqual([]);
    expect(await missing({ ...glibc, '/usr/bin/app': program('/opt/liba-1.so') })).toEqual([
      '/opt/liba-1.so: /opt',
    ]);
  });

  test('passes a library of another machine over', async () => {
    const files = {
      ...glibc,
      '/usr/bin/app': program('liba.so'),
      '/lib/liba.so': library('liba.so', { machine: 'arm' }),
    };
    expect(await missing(files)).toEqual(['liba.so: /lib /usr/lib']);
    expect(await missing({ ...files, '/usr/lib/liba.so': library('liba.so') })).toEqual([]);
  });

  test('knows /etc/ld.so.conf only by the cache', async () => {
    const files = {
      ...glibc,
      '/usr/bin/app': program('liba.so'),
      '/opt/lib/liba.so': library('liba.so'),
      '/etc/ld.so.conf': '# more\ninclude ld.so.conf.d/*.conf\n',
      '/etc/ld.so.conf.d/opt.conf': '/opt/lib\n',
    };
    const tree = await treeOf(files);
    const read = elfReader();
    const entry = tree.lookup('/usr/bin/app');
    const elf = entry?.type === 'file' ? await read(entry) : undefined;
    const context = { view: deviceView(tree), read, linkTraits: [], libraryPath: [], hasProc: true };
    expect(elf && (await loadProgram('/usr/bin/app', elf, context))).toMatchObject([
      { kind: 'library', onlyInCache: '/opt/lib' },
    ]);
    const cache = 'glibc-ld.so.cache1.1\0\0liba.so\0/opt/lib/liba.so\0';
    expect(await missing({ ...files, '/etc/ld.so.cache': cache })).toEqual([]);
  });

  test('two that want a third miss it once', async () => {
    const files = {
      ...glibc,
      '/usr/bin/app': program('liba.so', 'libb.so'),
      '/lib/liba.so': library('liba.so', { needed: ['libc.so.6'] }),
      '/lib/libb.so': library('libb.so', { needed: ['libc.so.6', 'liba.so'] }),
    };
    expect(await missing(files)).toEqual(['libc.so.6: /lib /usr/lib']);
  });
});

describe('musl', () => {
  const app = (...needed: string[]): MadeEntry => ({ kind: 'exec', interp: musl, needed });
  const base = { '/lib/libc.so': library('libc.so'), [musl]: { link: 'libc.so' } };

  test('answers for its own names, and does not compare versions', async () => {
    const needs = { kind: 'exec', interp: musl, needed: ['libc.so', 'libpthread.so.0', 'liba.so'] } as const;
    const files = {
      ...base,
      '/usr/bin/app': { ...needs, needsVersions: { 'liba.so': ['A_2'] } },
      '/usr/lib/liba.so': library('liba.so', { definesVersions: ['A_1'] }),
    };
    expect(await missing(files)).toEqual([]);
  });

  test('answers for seven names, and not for those that begin like them', async () => {
    const own = ['libc', 'libpthread', 'librt', 'libm', 'libdl', 'libutil', 'libxnet'];
    const soname = own.map((name) => `${name}.so.1`);
    expect(await missing({ ...base, '/usr/bin/app': app(...soname) })).toEqual([]);
    const others = ['libmnl.so.0', 'libcrypt.so.1', 'librtmp.so.1'];
    expect(await missing({ ...base, '/usr/bin/app': app(...others) })).toEqual(
      others.map((name) => `${name}: /lib /usr/local/lib /usr/lib`),
    );
  });

  test('looks where /etc/ld-musl-mipsel.path says, else into three directories', async () => {
    const files = { ...base, '/usr/bin/app': app('liba.so'), '/opt/lib/liba.so': library('liba.so') };
    expect(await missing(files)).toEqual(['liba.so: /lib /usr/local/lib /usr/lib']);
    expect(await missing({ ...files, '/etc/ld-musl-mipsel.path': '/lib\n/opt/lib\n' })).toEqual([]);
  });

  test('takes the run path of those that want a library too', async () => {
    const files = {
      ...base,
      '/usr/bin/app': { kind: 'exec', interp: musl, needed: ['liba.so'], runPath: '/opt' } as const,
      '/opt/liba.so': library('liba.so', { needed: ['libb.so'] }),
      '/opt/libb.so': library('libb.so'),
    };
    expect(await missing(files)).toEqual([]);
  });
});

test('looks only for the file of another dynamic linker', async () => {
  const app = { kind: 'exec', interp: '/system/bin/linker', needed: ['libnone.so'] } as const;
  expect(await missing({ '/usr/bin/app': app })).toEqual(['linker']);
  expect(await missing({ '/usr/bin/app': app, '/system/bin/linker': library('linker') })).toEqual([]);
});

test('a dynamic linker is known by the file itself before the link that leads to it', () => {
  expect([
    linkerOf('/lib/ld-musl-mipsel.so.1', '/lib/ld.so.1')?.libc,
    linkerOf('/lib/ld-2.36.so', '/lib/ld.so.1')?.libc,
    linkerOf('/lib/libc.so', musl)?.libc,
    linkerOf('/lib/ld-uClibc-1.0.48.so', '/lib/ld-uClibc.so.0')?.libc,
    linkerOf('/lib/ld-linux-mipsn8.so.1')?.libc,
    linkerOf('/system/bin/linker'),
  ]).toEqual(['musl', 'glibc', 'musl', 'uClibc', 'glibc', undefined]);
});

test('the directories in a dynamic linker', () => {
  const bytes = Buffer.from(
    'x\0/lib/arch/\0/usr/lib/arch/\0/lib/\0/proc/self/exe\0/usr/lib/\0/lib/\0libx/\0',
  );
  expect(builtInDirs(bytes)).toEqual(['/lib/arch', '/usr/lib/arch', '/lib', '/usr/lib']);
});
