import { Header, list } from 'tar';
import { expect, test } from 'vitest';
import { tarArchive, writeTarGz } from '../../../toolkit/images/tar.ts';
import type { RootfsManifest } from '../../../toolkit/rootfs/manifest.ts';
import { expectLinear } from '../../rigs/growth.ts';
import { EPOCH_SECONDS, manifestOf, requestFor, samples, scratchDir } from './sample-rootfs.ts';
import type { Sample } from './sample-rootfs.ts';

/** The headers of an archive of these entries, in order, with the blocks after them skipped. */
async function headersOf(entries: Record<string, Sample>): Promise<Header[]> {
  const dir = scratchDir();
  const pieces: Buffer[] = [];
  for await (const piece of tarArchive(requestFor(dir, manifestOf(dir, entries))))
    pieces.push(Buffer.from(piece));
  const archive = Buffer.concat(pieces);
  const headers: Header[] = [];
  for (let at = 0; ;) {
    const header = new Header(archive, at);
    if (header.nullBlock) break;
    expect(header.cksumValid).toBe(true);
    headers.push(header);
    at += 512 + Math.ceil((header.size ?? 0) / 512) * 512;
  }
  return headers;
}

test('only root has a name', async () => {
  const [root, other] = await headersOf({ '/': { type: 'dir' }, '/other': { type: 'dir', uid: 5, gid: 0 } });
  expect(root).toMatchObject({
    path: './',
    uid: 0,
    gid: 0,
    uname: 'root',
    gname: 'root',
    mtime: new Date(EPOCH_SECONDS * 1000),
  });
  expect(other).toMatchObject({ path: './other/', uid: 5, gid: 0, uname: '', gname: 'root' });
});

test('only names of more than 100 bytes, not characters, get a header of their own', async () => {
  const types = async (entries: Record<string, Sample>): Promise<string[]> =>
    (await headersOf({ '/': { type: 'dir' }, ...entries })).slice(1).map((header) => header.type);
  const name = (bytes: number): string => `/${'é'.repeat(20)}${'n'.repeat(bytes - 42)}`;
  expect(await types({ [name(100)]: { type: 'fifo' } })).toEqual(['FIFO']);
  expect(await types({ [name(101)]: { type: 'fifo' } })).toEqual(['NextFileHasLongPath', 'FIFO']);
  expect(await types({ '/l': { type: 'symlink', target: `.${name(100)}` } })).toEqual(['SymbolicLink']);
  expect(await types({ '/l': { type: 'symlink', target: `.${name(101)}` } })).toEqual([
    'NextFileHasLongLinkpath',
    'SymbolicLink',
  ]);
});

test('the tar package finds the same entries', async () => {
  const dir = scratchDir();
  const manifest = manifestOf(dir, samples);
  const request = requestFor(dir, manifest);
  await writeTarGz(request);
  const found: string[] = [];
  await list({ file: request.file, strict: true, onReadEntry: (entry) => found.push(entry.path) });
  expect(found).toEqual(
    manifest.entries.map(({ path, type }) => (path === '/' ? './' : `.${path}${type === 'dir' ? '/' : ''}`)),
  );
});

test('a chain of folders costs as much as its names are long', async () => {
  const manifest = (count: number): RootfsManifest => ({
    entries: Array.from({ length: count }, (_, depth) => ({
      path: depth === 0 ? '/' : '/d'.repeat(depth),
      type: 'dir',
      mode: 0o755,
      uid: 0,
      gid: 0,
    })),
  });
  const signal = new AbortController().signal;
  // The names of eight times as deep a chain are 64 times as long together; beyond that nothing may grow.
  const bytesOf = async (count: number): Promise<number> => {
    let bytes = 0;
    for await (const piece of tarArchive({ manifest: manifest(count), epochSeconds: 0, signal }))
      bytes += piece.length;
    return bytes;
  };
  await expectLinear((folders) => bytesOf(Math.ceil(Math.sqrt(folders))), 40_000);
});
