import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { Header, Pax } from 'tar';

export interface TestEntry {
  readonly path: string;
  /** A type of the tar package; `File` without. */
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly mode?: number;
  readonly linkpath?: string;
}

/** Modification time of every entry, in seconds. */
export const ENTRY_TIME = 1_600_000_000;

const BLOCK = 512;

/** A tar archive, byte for byte as asked for: nothing is checked or corrected. */
export function tarOf(entries: readonly TestEntry[], end: Buffer = Buffer.alloc(2 * BLOCK)): Buffer {
  return Buffer.concat([...entries.map(entryBytes), end]);
}

/** The extended header (pax) of the entry that follows; `records` as they stand, without their lengths. */
export function paxEntry(records: readonly string[]): TestEntry {
  const body = records.map((record) => `${recordLength(record)} ${record}\n`).join('');
  return { path: 'PaxHeader', type: 'ExtendedHeader', body };
}

/** A tarball such as upstream publishes: one directory with everything in it. */
export function releaseTar(): Buffer {
  return tarOf([
    {
      path: 'pax_global_header',
      type: 'GlobalExtendedHeader',
      body: new Pax({ comment: 'abc' }, true).encodeBody(),
    },
    { path: 'demo-1.0/', type: 'Directory', mode: 0o775 },
    { path: 'demo-1.0/Makefile', body: 'all:\n' },
    { path: 'demo-1.0/src/tool.sh', body: '#!/bin/sh\n', mode: 0o755 },
    { path: 'demo-1.0/big', body: Buffer.alloc(1_000_000, 'big ') },
    { path: 'demo-1.0/empty', body: '' },
    { path: 'demo-1.0/same', type: 'Link', linkpath: 'demo-1.0/Makefile' },
    { path: 'demo-1.0/src/up', type: 'SymbolicLink', linkpath: '../Makefile' },
    { path: 'demo-1.0/nowhere', type: 'SymbolicLink', linkpath: 'not/there' },
  ]);
}

/** The compressions that sources come in. */
export const compressions = {
  none: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  bzip2: (bytes: Buffer) => execFileSync('bzip2', ['-c'], { input: bytes }),
  xz: (bytes: Buffer) => execFileSync('xz', ['-c', '-0'], { input: bytes }),
  zstd: (bytes: Buffer) => execFileSync('zstd', ['-cq'], { input: bytes }),
};

/** A Debian package with these archive members, made as deb(5) and ar(5) describe. */
export function debOf(members: Readonly<Record<string, Buffer>>): Buffer {
  const parts: Buffer[] = [Buffer.from('!<arch>\n')];
  for (const [name, body] of Object.entries(members)) {
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}`;
    parts.push(Buffer.from(`${header}${String(body.length).padEnd(10)}\`\n`), body);
    if (body.length % 2 === 1) parts.push(Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

/** A Debian package that brings these files. */
export function debWith(entries: readonly TestEntry[]): Buffer {
  return debOf({
    'debian-binary': Buffer.from('2.0\n'),
    // It is not read here. Its length is odd, so that the next member begins behind a byte of padding.
    'control.tar.gz': Buffer.from('odd'),
    'data.tar.xz': compressions.xz(tarOf([{ path: './', type: 'Directory', mode: 0o755 }, ...entries])),
  });
}

function entryBytes({ path, type = 'File', body = '', mode, linkpath }: TestEntry): Buffer {
  const bytes = Buffer.from(body);
  const header = new Header({
    path,
    type: type as never,
    size: bytes.length,
    mode: mode ?? (type === 'Directory' ? 0o755 : 0o644),
    mtime: new Date(ENTRY_TIME * 1000),
    ...(linkpath === undefined ? {} : { linkpath }),
  });
  const block = Buffer.alloc(BLOCK);
  header.encode(block);
  const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
  return Buffer.concat([block, bytes, padding]);
}

/** A pax record begins with its own length, of which the digits are a part. */
function recordLength(record: string): number {
  const rest = Buffer.byteLength(record) + 2;
  return (
    [1, 2, 3, 4]
      .map((digits) => rest + digits)
      .find((length, index) => String(length).length === index + 1) ?? 0
  );
}
