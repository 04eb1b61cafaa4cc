import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { hashBytes } from '../../../toolkit/host/hash-file.ts';
import { toolEnvironment } from '../../../toolkit/host/run-tool.ts';
import type { ImageRequest } from '../../../toolkit/images/image-request.ts';
import type { RootfsEntry, RootfsManifest } from '../../../toolkit/rootfs/manifest.ts';

export const EPOCH_SECONDS = 1_700_000_000; // 2023-11-14 22:13:20 UTC

/** A directory that is gone after the test. */
export function scratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-images-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A sorted manifest of `entries`, whose files' bytes are written into `dir`, with the host's mode `fileMode`. */
export function manifestOf(dir: string, entries: Record<string, Sample>, fileMode = 0o644): RootfsManifest {
  mkdirSync(dir, { recursive: true });
  const sorted = Object.entries(entries).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return {
    entries: sorted.map(([path, sample], index) =>
      entryOf(path, sample, join(dir, `source "${index}"`), fileMode),
    ),
  };
}

export type Sample =
  | { type: 'dir' | 'fifo'; mode?: number; uid?: number; gid?: number }
  | { type: 'char' | 'block'; major: number; minor: number; mode?: number; uid?: number; gid?: number }
  | { type: 'symlink'; target: string; mode?: number; uid?: number; gid?: number }
  | { type: 'file'; content: string | Buffer; mode?: number; uid?: number; gid?: number };

function entryOf(path: string, sample: Sample, source: string, fileMode: number): RootfsEntry {
  const mode =
    sample.mode ??
    { dir: 0o755, symlink: 0o777, file: 0o644, char: 0o600, block: 0o660, fifo: 0o600 }[sample.type];
  const base = { path, mode, uid: sample.uid ?? 0, gid: sample.gid ?? 0 };
  switch (sample.type) {
    case 'dir':
    case 'fifo':
      return { ...base, type: sample.type };
    case 'symlink':
      return { ...base, type: 'symlink', target: sample.target };
    case 'char':
    case 'block':
      return { ...base, type: sample.type, major: sample.major, minor: sample.minor };
    case 'file': {
      writeFileSync(source, sample.content, { mode: fileMode });
      const sizeBytes = Buffer.byteLength(sample.content);
      return { ...base, type: 'file', source, sizeBytes, sha256: hashBytes(sample.content) };
    }
  }
}

/** Pseudo-random bytes that no compressor shrinks, the same in every run. */
export function noise(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let state = 1;
  for (let offset = 0; offset < bytes; offset++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    buffer[offset] = state >>> 24;
  }
  return buffer;
}

const deepDirs = Array.from({ length: 9 }, (_, at) => '/deep-directory-name-of-27-b'.repeat(at + 1));

function pathOfLength(length: number): string {
  const parent = deepDirs.filter((dir) => dir.length < length - 1).at(-1) ?? '';
  return `${parent}/${'f'.repeat(length - parent.length - 1)}`;
}

/** One of everything that ever went wrong in an archive. */
export const samples: Record<string, Sample> = {
  '/': { type: 'dir', mode: 0o711 },
  '/bin': { type: 'dir' },
  '/bin/busybox': { type: 'file', mode: 0o755, content: noise(300_001) },
  '/bin/su': { type: 'file', mode: 0o4755, content: 'setuid' },
  '/bin/sh': { type: 'symlink', target: 'busybox' },
  '/bin-not-bin': { type: 'dir', mode: 0o2775, gid: 50 },
  '/dev': { type: 'dir' },
  '/dev/console': { type: 'char', major: 5, minor: 1 },
  '/dev/mmcblk0p1': { type: 'block', major: 179, minor: 1, gid: 6 },
  '/dev/far': { type: 'block', major: 300, minor: 1000 },
  '/dev/initctl': { type: 'fifo' },
  '/etc': { type: 'dir' },
  '/etc/empty': { type: 'file', content: '' },
  '/etc/passwd': { type: 'file', content: 'root:x:0:0:root:/:/bin/sh\n' },
  '/etc/shadow': { type: 'file', mode: 0o400, gid: 42, content: 'root::1::::::\n' },
  '/home': { type: 'dir', uid: 100_000, gid: 165_536, mode: 0o700 },
  '/home/far': { type: 'file', uid: 3_000_000, gid: 2_000_000_000, content: 'ids beyond seven octal digits' },
  '/names': { type: 'dir' },
  '/names/-p': { type: 'dir' },
  '/names/-p/inside': { type: 'file', content: 'inside' },
  '/names/!shell': { type: 'file', content: 'not a command' },
  '/names/#comment': { type: 'file', content: 'not a comment' },
  '/names/<5>': { type: 'file', content: 'not inode 5' },
  '/names/$HOME `id` \\': { type: 'file', content: 'no shell' },
  '/names/two words': { type: 'dir' },
  '/names/two words/a "quoted" name': { type: 'file', content: 'quotes' },
  "/names/it's": { type: 'symlink', target: 'two words/a "quoted" name' },
  '/names/grün-日本-🦔': { type: 'file', content: 'unicode' },
  '/names/link-grün': { type: 'symlink', target: '/names/grün-日本-🦔' },
  [`/names/${'n'.repeat(255)}`]: { type: 'file', content: 'longest name' },
  '/names/long-link': { type: 'symlink', target: `../${'target/'.repeat(40)}end` },
  ...Object.fromEntries(deepDirs.map((path): [string, Sample] => [path, { type: 'dir' }])),
  // Around the 100 bytes of a tar header's name (which starts with a dot here), and the 155 of its prefix.
  ...Object.fromEntries(
    [95, 96, 97, 98, 99, 100, 101, 154, 155, 156, 254, 255, 256, 257].map((length): [string, Sample] => [
      pathOfLength(length),
      { type: 'file', content: `path of ${length} bytes` },
    ]),
  ),
  [`${deepDirs.at(-1)}/link`]: { type: 'symlink', target: 'f' },
  '/link-of-100': { type: 'symlink', target: 't'.repeat(100) },
  '/link-of-101': { type: 'symlink', target: 't'.repeat(101) },
  '/tmp': { type: 'dir', mode: 0o1777 },
  '/zeros': {
    type: 'file',
    content: Buffer.concat([Buffer.alloc(100_000), Buffer.from('end'), Buffer.alloc(50_000)]),
  },
};

/** Host tools with sbin, in which e2fsprogs is. */
export const testEnvironment = toolEnvironment({
  ...process.env,
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
});

/** A request to write into `dir`, with everything a writer needs. */
export function requestFor(dir: string, manifest: RootfsManifest, fileName = 'image'): ImageRequest {
  return {
    manifest,
    file: join(dir, 'images', fileName),
    epochSeconds: EPOCH_SECONDS,
    workDir: join(dir, 'work'),
    logFile: join(dir, 'images.log'),
    env: toolEnvironment(process.env, { SOURCE_DATE_EPOCH: String(EPOCH_SECONDS) }),
    signal: new AbortController().signal,
  };
}
