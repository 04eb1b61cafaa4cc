import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeTree } from '../../../toolkit/host/remove-tree.ts';
import type { ResolvedSource } from '../../../toolkit/download/resolved-source.ts';
import type { StoredFile } from '../../../toolkit/download/store.ts';
import { unpackDebs, unpackTree } from '../../../toolkit/unpack/unpack.ts';
import {
  compressions,
  debOf,
  debWith,
  ENTRY_TIME,
  paxEntry,
  releaseTar,
  tarOf,
  type TestEntry,
} from '../sources/archives.ts';
import { sha256Of } from '../sources/misbehaving-server.ts';
import { rejectionOf, sourceRig, type SourceRig } from '../sources/source-rig.ts';

function sourceOf(rig: SourceRig, bytes: Buffer, form: 'tarball' | 'debs' = 'tarball'): ResolvedSource {
  const sha256 = sha256Of(bytes);
  const file = join(rig.dir, `demo-${sha256.slice(0, 8)}.tar`);
  writeFileSync(file, bytes);
  const files = [{ name: 'demo-1.0.tar', sha256, sizeBytes: bytes.length, file }];
  return { component: 'demo', kind: 'url', form, version: '1.0', origin: 'a test', sha256, files };
}

async function unpackBytes(rig: SourceRig, bytes: Buffer): Promise<string> {
  return unpackTree(sourceOf(rig, bytes), rig.context);
}

describe('a release tarball', () => {
  test.each(Object.entries(compressions))(
    'compressed with %s becomes a read-only tree',
    async (_name, compress) => {
      const rig = sourceRig();
      const source = sourceOf(rig, compress(releaseTar()));
      const dir = await unpackTree(source, rig.context);
      expect(dir).toBe(join(rig.storeDir, 'trees', `demo-${source.sha256.slice(0, 16)}`));
      expect(readdirSync(dir).sort()).toEqual(['Makefile', 'big', 'empty', 'nowhere', 'same', 'src']);
      expect(readFileSync(join(dir, 'big')).equals(Buffer.alloc(1_000_000, 'big '))).toBe(true);
      expect(readFileSync(join(dir, 'empty'), 'utf8')).toBe('');
      expect(readFileSync(join(dir, 'same'), 'utf8')).toBe('all:\n');
      expect(readlinkSync(join(dir, 'src/up'))).toBe('../Makefile');
      const modes = ['.', 'src', 'Makefile', 'src/tool.sh'].map(
        (path) => statSync(join(dir, path)).mode & 0o7777,
      );
      expect(modes).toEqual([0o555, 0o555, 0o444, 0o555]);
      expect(statSync(join(dir, 'Makefile')).mtimeMs).toBe(ENTRY_TIME * 1000);
      expect(rig.list('tmp')).toEqual([]);
      expect(rig.list('trees')).toHaveLength(1);
    },
  );

  test('is unpacked once, also when two ask at the same time', async () => {
    const rig = sourceRig();
    const source = sourceOf(rig, compressions.xz(releaseTar()));
    const dirs = await Promise.all([unpackTree(source, rig.context), unpackTree(source, rig.context)]);
    expect(new Set(dirs).size).toBe(1);
    expect(rig.list('trees')).toHaveLength(1);
    rmSync(source.files[0]?.file ?? '');
    expect(await unpackTree(source, rig.context)).toBe(dirs[0]);
  });

  test('with several things at its top keeps them all', async () => {
    const dir = await unpackBytes(
      sourceRig(),
      tarOf([{ path: './Makefile' }, { path: './src/', type: 'Directory' }]),
    );
    expect(readdirSync(dir).sort()).toEqual(['Makefile', 'src']);
  });

  test('reports the number of files', async () => {
    const rig = sourceRig();
    await unpackBytes(rig, releaseTar());
    expect(rig.events[0]).toMatchObject({ type: 'step-progress', unit: 'files', text: 'demo-1.0.tar' });
  });

  test('gives the later file when it names one twice', async () => {
    const entries = [
      { path: 'd/a', body: 'first' },
      { path: 'd/hard', type: 'Link', linkpath: 'd/a' },
      { path: 'd/a', body: 'second' },
    ];
    const dir = await unpackBytes(sourceRig(), tarOf(entries));
    expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('second');
    expect(readFileSync(join(dir, 'hard'), 'utf8')).toBe('first');
  });

  test('is gone with all its read-only directories after removeTree', async () => {
    const rig = sourceRig();
    const dir = await unpackBytes(rig, releaseTar());
    await removeTree(dir);
    expect(existsSync(dir)).toBe(false);
    await removeTree(dir);
  });

  test('leaves nothing when it is given up in the middle', async () => {
    const stop = new AbortController();
    const rig = sourceRig({ signal: stop.signal, emit: () => stop.abort(new Error('Ctrl-C')) });
    const many = Array.from({ length: 3000 }, (_, index) => ({ path: `d/file-${index}`, body: 'x' }));
    const error = await rejectionOf(unpackBytes(rig, compressions.xz(tarOf(many))));
    expect(error.message).toBe('Ctrl-C');
    expect([...rig.list('trees'), ...rig.list('tmp')]).toEqual([]);
  });

  test('makes room first of what killed runs left a day ago', async () => {
    const rig = sourceRig();
    const old = ['tmp/scratch-x', 'trees/.kernel-abc.1-2.tmp', 'trees/kernel-abc'].map((path) =>
      join(rig.storeDir, path),
    );
    const young = ['tmp/scratch-y', 'trees/.kernel-def.1-2.tmp'].map((path) => join(rig.storeDir, path));
    for (const dir of [...old, ...young]) mkdirSync(dir, { recursive: true });
    for (const dir of old) utimesSync(dir, 1, Date.now() / 1000 - 25 * 3600);
    await unpackBytes(rig, releaseTar());
    expect(rig.list('tmp')).toEqual(['scratch-y']);
    expect(rig.list('trees')).toEqual(['.kernel-def.1-2.tmp', expect.stringMatching(/^demo-/), 'kernel-abc']);
  });

  test('is left alone when it is a directory of the user', async () => {
    const rig = sourceRig();
    const source: ResolvedSource = {
      ...sourceOf(rig, Buffer.from('x')),
      form: 'tree',
      files: [],
      treeDir: '/some/where',
    };
    expect(await unpackTree(source, rig.context)).toBe('/some/where');
  });
});

const directory = { path: 'd/', type: 'Directory' };
const hostileArchives: Record<string, [entries: TestEntry[], named: string, reason: RegExp]> = {
  'a path that leads out': [[{ path: 'd/../../evil' }], 'd/../../evil', /leads out/],
  'a path that only passes through the outside': [[{ path: '../d/evil' }], '../d/evil', /leads out/],
  'an absolute path': [[{ path: '/tmp/evil' }], '/tmp/evil', /absolute/],
  'a link that leads out': [[{ path: 'd/l', type: 'SymbolicLink', linkpath: '../../x' }], 'd/l', /leads out/],
  'a link out of the single top directory': [
    [directory, { path: 'd/l', type: 'SymbolicLink', linkpath: '../x' }],
    'd/l',
    /leads out/,
  ],
  'an absolute link': [[{ path: 'd/l', type: 'SymbolicLink', linkpath: '/etc/passwd' }], 'd/l', /leads out/],
  'a link that leads out over another one': [
    [
      { path: 'd/a/b/up', type: 'SymbolicLink', linkpath: '../..' },
      { path: 'd/l', type: 'SymbolicLink', linkpath: 'a/b/up/../x' },
    ],
    'd/l',
    /leads out/,
  ],
  'a hard link that leads out': [
    [{ path: 'd/l', type: 'Link', linkpath: '../../etc/passwd' }],
    'd/l',
    /leads out/,
  ],
  'a hard link to an absolute path': [
    [{ path: 'd/l', type: 'Link', linkpath: '/etc/passwd' }],
    'd/l',
    /absolute/,
  ],
  'a hard link to a file that is not in it': [
    [{ path: 'd/l', type: 'Link', linkpath: 'd/x' }],
    'd/l',
    /not a file of the archive/,
  ],
  'a hard link to a symbolic link': [
    [
      { path: 'd/a', type: 'SymbolicLink', linkpath: 'x' },
      { path: 'd/l', type: 'Link', linkpath: 'd/a' },
    ],
    'd/l',
    /not a file of the archive/,
  ],
  'an entry written through a link': [
    [directory, { path: 'd/l', type: 'SymbolicLink', linkpath: '.' }, { path: 'd/l/x' }],
    'd/l/x',
    /through the link d\/l/,
  ],
  'an entry written below a file': [[{ path: 'd/f' }, { path: 'd/f/x' }], 'd/f/x', /d\/f is a file/],
  'a directory that becomes a link': [
    [directory, { path: 'd/s/', type: 'Directory' }, { path: 'd/s', type: 'SymbolicLink', linkpath: '.' }],
    'd/s',
    /twice, first as a dir, then as a symlink/,
  ],
  'a link that becomes a file': [
    [
      { path: 'd/s', type: 'SymbolicLink', linkpath: 'x' },
      { path: 'd/s', body: 'x' },
    ],
    'd/s',
    /twice, first as a symlink, then as a file/,
  ],
  'a link that comes twice': [
    [
      { path: 'd/s', type: 'SymbolicLink', linkpath: 'x' },
      { path: 'd/s', type: 'SymbolicLink', linkpath: 'y' },
    ],
    'd/s',
    /twice/,
  ],
  'a character device': [[{ path: 'd/mem', type: 'CharacterDevice' }], 'd/mem', /device/],
  'a block device': [[{ path: 'd/sda', type: 'BlockDevice' }], 'd/sda', /device/],
  'a named pipe': [[{ path: 'd/pipe', type: 'FIFO' }], 'd/pipe', /pipe/],
  'a file in the place of the root': [[{ path: './.' }], './.', /directory itself/],
  'a name with a NUL': [[paxEntry(['path=d/a\0b']), { path: 'd/a' }], 'd/a\0b', /NUL/],
  'a link target with a NUL': [
    [paxEntry(['linkpath=x\0y']), { path: 'd/a', type: 'SymbolicLink', linkpath: 'x' }],
    'x\0y',
    /NUL/,
  ],
};

describe('a hostile archive', () => {
  test.each(Object.entries(hostileArchives))(
    'with %s is refused',
    async (_what, [entries, named, reason]) => {
      const rig = sourceRig();
      const before = readdirSync(rig.dir);
      const archive = tarOf([
        { path: 'd/good', body: 'good' },
        ...entries,
        { path: 'd/after', body: 'after' },
      ]);
      const error = await rejectionOf(unpackBytes(rig, archive));
      expect(error.code).toBe('ARCHIVE_HOSTILE');
      expect(error.message).toContain(JSON.stringify(named));
      expect(error.message).toMatch(reason);
      expect([...rig.list('trees'), ...rig.list('tmp')]).toEqual([]);
      expect(readdirSync(rig.dir).filter((name) => !name.endsWith('.tar') && name !== 'store')).toEqual(
        before,
      );
    },
  );

  test('with links that would take ages to follow is read quickly', async () => {
    const links = Array.from({ length: 40 }, (_, index) => ({
      path: `d/l${index}`,
      type: 'SymbolicLink',
      linkpath: `l${index + 1}/l${index + 1}/l${index + 1}`,
    }));
    const loop = [{ path: 'd/loop', type: 'SymbolicLink', linkpath: 'loop' }];
    const dir = await unpackBytes(sourceRig(), tarOf([...links, ...loop]));
    expect(readdirSync(dir)).toHaveLength(41);
  });
});

describe('a broken archive', () => {
  test.each(Object.entries(compressions))(
    'cut off in the middle (%s) is reported as such',
    async (name, compress) => {
      const rig = sourceRig();
      const whole = compress(
        tarOf([
          { path: 'd/noise', body: Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i) >> 3)) },
        ]),
      );
      const error = await rejectionOf(unpackBytes(rig, whole.subarray(0, whole.length / 2)));
      expect(error.code).toBe('ARCHIVE_BROKEN');
      const says = {
        none: /Truncated input/,
        gzip: /gzip: unexpected end/,
        bzip2: /bzip2: /,
        xz: /xz: Unexpected end/,
        zstd: /zstd: /,
      };
      expect(error.message).toMatch(says[name as keyof typeof says]);
      expect([...rig.list('trees'), ...rig.list('tmp')]).toEqual([]);
    },
  );

  test.each([
    ['cut off between two entries', tarOf([{ path: 'd/a' }], Buffer.alloc(0)), /ends in the middle/],
    ['of nothing', Buffer.alloc(0), /it is empty/],
    ['of text', Buffer.from('no archive at all\n'.repeat(100)), /checksum failure/],
    [
      'with a damaged header',
      Buffer.concat([tarOf([{ path: 'd/a' }], Buffer.alloc(0)), Buffer.alloc(512, 'x')]),
      /checksum/,
    ],
    [
      'with sparse files',
      tarOf([paxEntry(['GNU.sparse.major=1']), { path: 'd/GNUSparseFile.1/a' }]),
      /sparse/,
    ],
  ])('%s is reported as such', async (_what, bytes, message) => {
    const rig = sourceRig();
    const error = await rejectionOf(unpackBytes(rig, bytes));
    expect(error).toMatchObject({
      code: 'ARCHIVE_BROKEN',
      message: expect.stringMatching(message) as string,
    });
    expect(rig.list('trees')).toEqual([]);
  });

  test('reports damaged compressed bytes as such', async () => {
    const bytes = compressions.xz(releaseTar());
    bytes.fill(0x55, bytes.length / 2, bytes.length / 2 + 40);
    const error = await rejectionOf(unpackBytes(sourceRig(), bytes));
    expect(error).toMatchObject({
      code: 'ARCHIVE_BROKEN',
      message: expect.stringContaining('xz: ') as string,
    });
  });

  test('names the tool that the host lacks', async () => {
    const rig = sourceRig();
    const bin = join(rig.dir, 'bin');
    mkdirSync(bin);
    const { execFileSync } = await import('node:child_process');
    for (const tool of ['sh', 'tail', 'head']) {
      execFileSync('ln', ['-s', execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(bin, tool)]);
    }
    const source = sourceOf(rig, compressions.zstd(releaseTar()));
    const error = await rejectionOf(unpackTree(source, { ...rig.context, env: { PATH: bin, LC_ALL: 'C' } }));
    expect(error).toMatchObject({ code: 'TOOL_MISSING', message: 'zstd is not in PATH' });
  });
});

describe('Debian packages', () => {
  function debs(rig: SourceRig, ...packages: Buffer[]): ResolvedSource {
    const files = packages.flatMap((bytes) => sourceOf(rig, bytes).files);
    return { ...sourceOf(rig, Buffer.from('x'), 'debs'), files };
  }

  test('are laid out over one another', async () => {
    const rig = sourceRig();
    const dir = join(rig.dir, 'laid-out');
    const library = debWith([
      { path: './usr/lib/libdemo.so.1.2', body: 'library', mode: 0o644 },
      { path: './usr/lib/libdemo.so.1', type: 'SymbolicLink', linkpath: 'libdemo.so.1.2' },
      { path: './etc/alternatives', type: 'SymbolicLink', linkpath: '/usr/share/alternatives' },
    ]);
    const tools = debWith([
      { path: './usr/lib/', type: 'Directory', mode: 0o755 },
      { path: './usr/bin/demo', body: 'tool', mode: 0o755 },
      { path: './usr/bin/su', body: 'root', mode: 0o4755 },
      { path: './usr/bin/wall', body: 'group', mode: 0o2755 },
    ]);
    const special = await unpackDebs(debs(rig, library, tools), dir, rig.context);
    expect(special).toEqual([
      { path: '/usr/bin/su', mode: 0o4755 },
      { path: '/usr/bin/wall', mode: 0o2755 },
    ]);
    expect(readFileSync(join(dir, 'usr/lib/libdemo.so.1'), 'utf8')).toBe('library');
    expect(readlinkSync(join(dir, 'etc/alternatives'))).toBe('/usr/share/alternatives');
    expect(lstatSync(join(dir, 'usr/bin/demo')).mode & 0o7777).toBe(0o755);
    expect(lstatSync(join(dir, 'usr/bin/su')).mode & 0o7777).toBe(0o755);
    expect(readdirSync(rig.dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('must not write through a link of one another', async () => {
    const rig = sourceRig();
    const link = debWith([{ path: './usr/lib', type: 'SymbolicLink', linkpath: '/home' }]);
    const file = debWith([{ path: './usr/lib/evil', body: 'evil' }]);
    const error = await rejectionOf(
      unpackDebs(debs(rig, link, file), join(rig.dir, 'laid-out'), rig.context),
    );
    expect(error.code).toBe('ARCHIVE_HOSTILE');
    expect(existsSync(join(rig.dir, 'laid-out'))).toBe(false);
  });

  test.each([
    ['without data', debOf({ 'debian-binary': Buffer.from('2.0\n') }), /has no data\.tar/],
    ['cut off', debWith([{ path: './a', body: 'a' }]).subarray(0, -40), /ends in the middle/],
    ['that are something else', Buffer.from(`!<arch>\n${'?'.repeat(60)}`), /it is not a Debian package/],
  ])('%s are reported as such', async (_what, bytes, message) => {
    const rig = sourceRig();
    const error = await rejectionOf(unpackDebs(debs(rig, bytes), join(rig.dir, 'laid-out'), rig.context));
    expect(error).toMatchObject({
      code: 'ARCHIVE_BROKEN',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a source that has rotted in the store', () => {
  /** Overwrites the file as a failing disk does: size and time stay. */
  function rot(file: string): Buffer {
    const { atime, mtime } = statSync(file);
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.alloc(bytes.length, 'rot '));
    utimesSync(file, atime, mtime);
    return bytes;
  }

  test('is removed and taken again', async () => {
    const rig = sourceRig();
    const source = sourceOf(rig, releaseTar());
    const [{ file }] = source.files as [StoredFile];
    const bytes = rot(file);
    const retake = (): Promise<ResolvedSource> => {
      expect(existsSync(file)).toBe(false);
      writeFileSync(file, bytes);
      return Promise.resolve(source);
    };
    const dir = await unpackTree(source, { ...rig.context, retake });
    expect(readFileSync(join(dir, 'same'), 'utf8')).toBe('all:\n');
    const message =
      'demo-1.0.tar has changed in the store and is taken again; if this happens repeatedly, the disk is failing';
    expect(rig.events).toContainEqual({ type: 'note', step: 'fetch', message });
  });

  test('is not replaced by another', async () => {
    const rig = sourceRig();
    const source = sourceOf(rig, releaseTar());
    const [{ file }] = source.files as [StoredFile];
    rot(file);
    const other = sourceOf(rig, tarOf([{ path: 'other-1.0/Makefile', body: 'other:\n' }]));
    const retake = (): Promise<ResolvedSource> => Promise.resolve({ ...other, origin: 'another place' });
    const error = await rejectionOf(unpackTree(source, { ...rig.context, retake }));
    expect(error).toMatchObject({
      code: 'SOURCE_HASH_MISMATCH',
      message: 'the original source of demo is no longer available',
      lines: [`expected ${source.sha256} from a test`, `found    ${other.sha256} from another place`],
    });
    expect(rig.list('trees')).toEqual([]);
  });

  test('is not unpacked when it cannot be taken again', async () => {
    const rig = sourceRig();
    const source = sourceOf(rig, Buffer.from('!'), 'debs');
    const [{ file }] = source.files as [StoredFile];
    rot(file);
    const error = await rejectionOf(unpackDebs(source, join(rig.dir, 'laid-out'), rig.context));
    expect(error.message).toBe('it was taken again');
    expect(existsSync(join(rig.dir, 'laid-out'))).toBe(false);
  });
});
