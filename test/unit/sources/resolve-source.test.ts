import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recordedSource, resolveSource } from '../../../toolkit/sources/resolve-source.ts';
import type { SourceRequest } from '../../../toolkit/sources/source-request.ts';
import { debWith, releaseTar } from './archives.ts';
import { misbehavingServer, sendWhole, sha256Of, someBytes } from './misbehaving-server.ts';
import { rejectionOf, scratchDir, sourceRig } from './source-rig.ts';

const { bytes, sha256 } = someBytes(20_000);

/** A server that has `/good/demo-1.2.tar.gz` only, while `isUp`. */
async function setUp() {
  const state = { isUp: true };
  const server = await misbehavingServer((response, seen) => {
    if (state.isUp && seen.url.startsWith('/good/')) sendWhole(response, seen, bytes);
    else response.writeHead(404).end();
  });
  const good = { url: `${server.origin}/good/demo-1.2.tar.gz`, sha256 };
  const missing = {
    url: `${server.origin}/missing/demo-1.3.tar.gz`,
    sha256: sha256Of(Buffer.from('missing')),
  };
  return { state, server, good, missing, rig: sourceRig() };
}

function requestFor(...candidates: SourceRequest['candidates']): SourceRequest {
  return { component: 'demo', candidates };
}

describe('candidates', () => {
  test('are tried in order, and the first available one is taken', async () => {
    const { good, missing, rig } = await setUp();
    const resolved = await resolveSource(requestFor(missing, good), rig.context);
    expect(resolved).toMatchObject({
      component: 'demo',
      kind: 'url',
      form: 'tarball',
      version: '1.2',
      origin: good.url,
      sha256,
      files: [{ name: 'demo-1.2.tar.gz', sha256, sizeBytes: bytes.length }],
    });
    expect(readFileSync(resolved.files[0]?.file ?? '').equals(bytes)).toBe(true);
    const notes = rig.events.filter(({ type }) => type === 'note');
    expect(notes).toMatchObject([
      { message: expect.stringMatching(/^demo: not from http:.*1\.3.*: .* \(404\)$/) as string },
    ]);
  });

  test('stay closed when they are devices', async () => {
    const { missing, rig } = await setUp();
    const error = await rejectionOf(resolveSource(requestFor(missing, { path: '/dev/zero' }), rig.context));
    expect((error as { lines: string[] }).lines.join('\n')).toContain(
      'it is a character device, not a regular file or a folder',
    );
  });

  test('appear with their reasons when all are missing', async () => {
    const { missing, rig } = await setUp();
    const error = await rejectionOf(
      resolveSource(requestFor(missing, { path: '/does/not/exist' }), rig.context),
    );
    expect(error).toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: 'demo: none of its 2 sources is available',
    });
    expect(error.lines).toEqual([
      expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:\d+\/missing\/demo-1\.3\.tar\.gz: 127\.0\.0\.1:\d+ does not have it \(404\)$/,
      ),
      '/does/not/exist: there is no such file or directory',
    ]);
    expect(error.hint).toMatch(
      /^give your own tarball or directory: --source demo=PATH \(for example demo-1\.3\.tar\.gz of http:\S+\)$/,
    );
    const only = await rejectionOf(resolveSource(requestFor(missing), rig.context));
    expect(only.message).toBe('demo: its only source is not available');
  });

  test('with a wrong sha256 end it: the next one is not taken silently', async () => {
    const { good, rig } = await setUp();
    const wrong = { ...good, sha256: sha256Of(Buffer.from('something else')) };
    const error = await rejectionOf(resolveSource(requestFor(wrong, good), rig.context));
    expect(error.code).toBe('SOURCE_HASH_MISMATCH');
    expect(rig.list('rejected')).toEqual(['demo-1.2.tar.gz.rejected']);
    expect(rig.list('resolved')).toEqual([]);
  });

  test('keep their turn when the store has them, and need no network', async () => {
    const { good, missing, server, rig } = await setUp();
    await resolveSource(requestFor(good), rig.context);
    const before = server.requests.length;
    const resolved = await resolveSource(requestFor(missing, { ...good, version: '9' }), rig.context);
    expect(resolved.version).toBe('9');
    expect(server.requests.slice(before).map(({ url }) => url)).toEqual(['/missing/demo-1.3.tar.gz']);
  });

  test('never show a password, nor leave it in the store', async () => {
    const { good, rig } = await setUp();
    const secret = { ...good, url: good.url.replace('http://', 'http://me:s3cret@') };
    const resolved = await resolveSource(requestFor(secret), rig.context);
    expect(resolved.origin).toBe(good.url);
    const records = rig
      .list('resolved')
      .map((name) => readFileSync(join(rig.storeDir, 'resolved', name), 'utf8'));
    expect(records).toHaveLength(1);
    expect(records[0]).not.toContain('s3cret');
  });
});

describe('a source that an earlier run took', () => {
  test('is taken again without network, also when the store was moved', async () => {
    const { good, missing, state, server, rig } = await setUp();
    const request = requestFor(missing, good);
    const first = await resolveSource(request, rig.context);
    const asked = server.requests.length;
    state.isUp = false;
    expect(await resolveSource(request, rig.context)).toEqual(first);
    expect(await recordedSource(request, rig.storeDir)).toEqual(first);
    const moved = join(rig.dir, 'moved');
    renameSync(rig.storeDir, moved);
    const again = await recordedSource(request, moved);
    expect(existsSync(again?.files[0]?.file ?? '')).toBe(true);
    expect(server.requests).toHaveLength(asked);
  });

  test('counts only for the same request', async () => {
    const { good, missing, rig } = await setUp();
    await resolveSource(requestFor(good), rig.context);
    expect(await recordedSource(requestFor(missing, good), rig.storeDir)).toBeUndefined();
    expect(await recordedSource({ ...requestFor(good), component: 'other' }, rig.storeDir)).toBeUndefined();
    const prebuilt = { port: { arch: 'mipsel', lastRelease: 'Debian 12' }, packages: ['demo'] };
    expect(await recordedSource({ ...requestFor(good), prebuilt }, rig.storeDir)).toBeUndefined();
  });

  test('is looked for again with update', async () => {
    const { good, rig } = await setUp();
    const late = join(rig.dir, 'late');
    const request = requestFor(good, { path: late });
    await resolveSource(request, rig.context);
    const file = (await recordedSource(request, rig.storeDir))?.files[0]?.file ?? '';
    rmSync(file);
    mkdirSync(late);
    const gone = { ...rig.context, offline: true, update: true };
    expect((await resolveSource(request, gone)).kind).toBe('tree');
    expect((await resolveSource(request, { ...rig.context, update: true })).kind).toBe('url');
  });

  test.each([
    ['gone', (file: string) => rmSync(file)],
    ['cut short', (file: string) => truncateSync(file, 10)],
    ['written over with other bytes', (file: string) => writeFileSync(file, Buffer.alloc(bytes.length))],
  ])('does not count when its file is %s', async (_what, damage) => {
    const { good, rig } = await setUp();
    const resolved = await resolveSource(requestFor(good), rig.context);
    damage(resolved.files[0]?.file ?? '');
    expect(await recordedSource(requestFor(good), rig.storeDir)).toBeUndefined();
  });

  test('gives way to a path that goes first and has come to be', async () => {
    const { good, rig } = await setUp();
    const path = join(rig.dir, 'vendor');
    const request = requestFor({ path }, good);
    expect((await resolveSource(request, rig.context)).kind).toBe('url');
    mkdirSync(path);
    expect((await resolveSource(request, rig.context)).kind).toBe('tree');
  });

  test('does not count when its record is damaged', async () => {
    const { good, rig } = await setUp();
    await resolveSource(requestFor(good), rig.context);
    truncateSync(join(rig.storeDir, 'resolved', rig.list('resolved')[0] ?? ''), 20);
    expect(await recordedSource(requestFor(good), rig.storeDir)).toBeUndefined();
    expect((await resolveSource(requestFor(good), rig.context)).sha256).toBe(sha256);
  });
});

describe('offline', () => {
  test('names the missing file, and the command that fetches it', async () => {
    const { good, server, rig } = await setUp();
    const request = requestFor(good, { debian: 'linux-source-6.1' });
    const error = await rejectionOf(resolveSource(request, { ...rig.context, offline: true }));
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    expect(error.lines).toEqual([
      `${good.url}: demo-1.2.tar.gz is not in the store, and --offline was given`,
      'Debian package linux-source-6.1: it has not been fetched yet, and --offline was given',
    ]);
    expect(error.hint).toBe('run: npx lxc-kit fetch --board some-board');
    expect(server.requests).toEqual([]);
  });

  test('the store and paths are enough', async () => {
    const { good, missing, server, rig } = await setUp();
    await resolveSource(requestFor(good), rig.context);
    const asked = server.requests.length;
    const offline = { ...rig.context, offline: true };
    expect((await resolveSource(requestFor(missing, good), offline)).origin).toBe(good.url);
    expect((await resolveSource(requestFor(missing, { path: rig.dir }), offline)).kind).toBe('tree');
    expect(server.requests).toHaveLength(asked);
  });
});

describe('a tarball of the user', () => {
  test('is copied into the store, and read again when it changes', async () => {
    const rig = sourceRig();
    const path = join(rig.dir, 'vendor-2.5.tar');
    writeFileSync(path, 'first');
    const first = await resolveSource(requestFor({ path }), rig.context);
    expect(first).toMatchObject({ kind: 'path', form: 'tarball', version: '2.5', origin: path });
    expect(first.sha256).toBe(sha256Of(Buffer.from('first')));
    appendFileSync(path, ' and second');
    expect(readFileSync(first.files[0]?.file ?? '', 'utf8')).toBe('first');
    const second = await resolveSource(requestFor({ path }), rig.context);
    expect(second.sha256).toBe(sha256Of(Buffer.from('first and second')));
    expect(rig.list('tmp')).toEqual([]);
  });

  test('with a wrong sha256 is refused', async () => {
    const rig = sourceRig();
    const path = join(rig.dir, 'vendor.tar');
    writeFileSync(path, '<html>');
    const error = await rejectionOf(
      resolveSource(requestFor({ path, sha256 }, { path: rig.dir }), rig.context),
    );
    expect(error.code).toBe('SOURCE_HASH_MISMATCH');
    expect(readFileSync(path, 'utf8')).toBe('<html>');
    expect(rig.list('rejected')).toEqual(['vendor.tar.rejected']);
  });

  test('may be a Debian package with one source tarball in it', async () => {
    const rig = sourceRig();
    const path = join(rig.dir, 'linux-source-6.1_6.1.192-2_all.deb');
    const tar = releaseTar();
    const others = [
      { path: './usr/src/patches/a.tar.gz', body: 'x' },
      { path: './usr/share/doc/b.tar.gz', body: 'x' },
    ];
    writeFileSync(path, debWith([{ path: './usr/src/linux-source-6.1.tar.xz', body: tar }, ...others]));
    const resolved = await resolveSource(requestFor({ path }), rig.context);
    expect(resolved).toMatchObject({
      version: '6.1.192',
      sha256: sha256Of(tar),
      files: [{ name: 'linux-source-6.1.tar.xz' }],
    });
    expect(readFileSync(resolved.files[0]?.file ?? '').equals(tar)).toBe(true);
    expect(rig.list('tmp')).toEqual([]);
  });

  test('may not be a Debian package with none or several', async () => {
    const rig = sourceRig();
    const path = join(rig.dir, 'two.deb');
    writeFileSync(path, debWith([{ path: './usr/src/a.tar.xz' }, { path: './usr/src/b.tar.xz' }]));
    const error = await rejectionOf(resolveSource(requestFor({ path }), rig.context));
    expect(error.lines).toEqual([
      `${path}: the package does not contain exactly one source tarball in /usr/src`,
    ]);
  });
});

describe('a directory of the user', () => {
  test('is taken as it is, with the version that it states itself', async () => {
    const rig = sourceRig();
    const path = scratchDir();
    writeFileSync(join(path, 'Make.Rules'), 'VERSION=2\nMINOR=66\n');
    const resolved = await resolveSource({ component: 'libcap', candidates: [{ path }] }, rig.context);
    expect(resolved).toMatchObject({
      kind: 'tree',
      form: 'tree',
      version: '2.66',
      origin: path,
      treeDir: path,
      files: [],
    });
    expect(await recordedSource({ component: 'libcap', candidates: [{ path }] }, rig.storeDir)).toEqual(
      resolved,
    );
    writeFileSync(join(path, 'Make.Rules'), 'VERSION=2\nMINOR=78\n');
    const changed = await resolveSource({ component: 'libcap', candidates: [{ path }] }, rig.context);
    expect(changed.version).toBe('2.78');
    expect(changed.sha256).not.toBe(resolved.sha256);
    expect(readdirSync(path)).toEqual(['Make.Rules']);
  });

  test('cannot have a sha256', async () => {
    const rig = sourceRig();
    const error = await rejectionOf(resolveSource(requestFor({ path: rig.dir, sha256 }), rig.context));
    expect(error.code).toBe('SOURCE_HASH_MISMATCH');
  });
});
