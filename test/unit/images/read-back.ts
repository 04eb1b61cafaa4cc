import { readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { testEnvironment } from './sample-rootfs.ts';
import type { ImageFormat } from '../../../toolkit/images/formats.ts';
import type { RootfsEntry, RootfsManifest } from '../../../toolkit/rootfs/manifest.ts';

/**
 * An image as another program sees it, in one form for all of them: `-rwsr-xr-x 0:0 6 /bin/su`, with `5,1` for
 * a device's numbers and ` -> target` after a link, sorted.
 */
export function listImage(format: ImageFormat, file: string): string[] {
  const lines = readers[format](file);
  return lines.sort((a, b) => Buffer.compare(Buffer.from(pathIn(a)), Buffer.from(pathIn(b))));
}

/** The same lines, made from the manifest. */
export function listManifest(manifest: RootfsManifest): string[] {
  return manifest.entries.map((entry) => {
    const numbers =
      'major' in entry ? `${entry.major},${entry.minor}` : entry.type === 'file' ? entry.sizeBytes : '-';
    const arrow = entry.type === 'symlink' ? ` -> ${entry.target}` : '';
    return `${modeText(entry)} ${entry.uid}:${entry.gid} ${numbers} ${entry.path}${arrow}`;
  });
}

/** Runs a tool that is not ours and returns what it says; fails when it does. */
export function run(tool: string, args: readonly string[], input?: Buffer): Buffer {
  return execFileSync(tool, args, {
    env: testEnvironment,
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  });
}

const pathIn = (line: string): string => line.replace(/^\S+ \S+ \S+ /, '').replace(/ -> .*/, '');

const readers: Record<ImageFormat, (file: string) => string[]> = {
  'tar.gz': (file) =>
    textLines(run('tar', ['--numeric-owner', '--full-time', '--quoting-style=literal', '-tvzf', file])).map(
      (line) => common(line, /^(\S{10}) (\d+)\/(\d+) +(\d+|\d+,\d+) (2023-11-14 22:13:20) \.(\/.*)$/),
    ),
  'cpio.gz': (file) =>
    textLines(run('cpio', ['-itv', '--numeric-uid-gid', '--quiet'], gunzipSync(readFileSync(file)))).map(
      (line) => common(line, /^(\S{10}) +\d+ (\d+) +(\d+) +(\d+|\d+, *\d+) (Nov 14 {2}2023) (.*)$/),
    ),
  squashfs: (file) =>
    textLines(run('unsquashfs', ['-lln', '-d', '', file])).map((line) =>
      decodeDevice(common(line, /^(\S{10}) (\d+)\/(\d+) +(\d+|\d+, *\d+) (2023-11-14 22:13) (.*)$/)),
    ),
  ext4: listExt4,
};

function common(line: string, pattern: RegExp): string {
  const [, mode, uid, gid, numbers, , path] = pattern.exec(line) ?? [];
  if (mode === undefined || numbers === undefined || path === undefined)
    throw new Error(`cannot read back: ${line}`);
  const shown = 'dlp'.includes(mode.slice(0, 1)) ? '-' : numbers.replace(/, */, ',');
  const absolute =
    path === '.' || path === '' || path === '/' ? '/' : path.replace(/^\/?/, '/').replace(/^(.+)\/$/, '$1');
  return `${mode} ${uid}:${gid} ${shown} ${absolute}`;
}

/** unsquashfs prints device numbers cut after the lowest byte; the kernel's new_decode_dev() takes them apart so. */
function decodeDevice(line: string): string {
  return line.replace(/ (\d+),(\d+) /, (_, high: string, low: string) => {
    const device = (BigInt(high) << 8n) | BigInt(low);
    return ` ${(device >> 8n) & 0xfffn},${(device & 0xffn) | ((device >> 12n) & 0xfff00n)} `;
  });
}

const EXT4_TYPES = {
  '04': 'dir',
  '10': 'file',
  '12': 'symlink',
  '02': 'char',
  '06': 'block',
  '01': 'fifo',
} as const;

/** Walks the file system with debugfs; every inode's four times are checked on the way. */
function listExt4(file: string, dir = '/'): string[] {
  const own =
    dir === '/'
      ? [ext4Line(file, '/', /(?<=\/)\d+\/\d+\/\d+\/\d+\/\.\//.exec(list(file, '/'))?.[0] ?? '')]
      : [];
  const children = textLines(Buffer.from(list(file, dir))).map((line) => line.slice(1));
  return [
    ...own,
    ...children.flatMap((child) => {
      const name = child.split('/')[4] ?? '';
      if (name === '.' || name === '..' || (dir === '/' && name === 'lost+found')) return [];
      const path = `${dir === '/' ? '' : dir}/${name}`;
      const line = ext4Line(file, path, child);
      return line.startsWith('d') ? [line, ...listExt4(file, path)] : [line];
    }),
  ];
}

function list(file: string, dir: string): string {
  return debugfs(file, `ls -p "${dir.replaceAll('"', '""')}"`);
}

function ext4Line(file: string, path: string, listed: string): string {
  const [inode, mode = '', uid, gid, , size] = listed.split('/');
  const status = debugfs(file, `stat <${inode}>`);
  const times = [...status.matchAll(/[acm]r?time: (0x\w+:00000000)/g)].map((match) => match[1]);
  if (times.join() !== Array(4).fill('0x6553f100:00000000').join())
    throw new Error(`times of ${path}: ${times.join()}`);
  const type = EXT4_TYPES[mode.slice(0, 2) as keyof typeof EXT4_TYPES];
  const text = modeText({ type, mode: parseInt(mode.slice(2), 8) });
  const device = /major\/minor number: (\d+):(\d+)/.exec(status);
  const numbers =
    device === null ? (type === 'file' ? size : '-') : `${Number(device[1])},${Number(device[2])}`;
  const target =
    type === 'symlink'
      ? ` -> ${/Fast link dest: "(.*)"/.exec(status)?.[1] ?? debugfs(file, `cat <${inode}>`)}`
      : '';
  return `${text} ${uid}:${gid} ${numbers} ${path}${target}`;
}

function debugfs(file: string, command: string): string {
  return run('debugfs', ['-R', command, file]).toString();
}

/** A file's bytes, taken out of the image by another program. */
export function readFromImage(format: ImageFormat, file: string, path: string, scratch: string): Buffer {
  switch (format) {
    case 'tar.gz':
      return run('tar', ['-xzOf', file, '--no-wildcards', `.${path}`]);
    case 'cpio.gz': {
      const patterns = join(scratch, 'patterns');
      writeFileSync(patterns, `${path.slice(1).replace(/[\\*?[]/g, '\\$&')}\n`);
      return run('cpio', ['-i', '--to-stdout', '--quiet', '-E', patterns], gunzipSync(readFileSync(file)));
    }
    case 'squashfs':
      return run('unsquashfs', ['-cat', file, path.replace(/[\\*?[]/g, '\\$&')]);
    case 'ext4':
      return run('debugfs', ['-R', `cat "${path.replaceAll('"', '""')}"`, file]);
  }
}

function modeText({ type, mode }: Pick<RootfsEntry, 'type' | 'mode'>): string {
  const letter = { dir: 'd', file: '-', symlink: 'l', char: 'c', block: 'b', fifo: 'p' }[type];
  const bit = (mask: number, yes: string): string => ((mode & mask) === 0 ? '-' : yes);
  const run = (x: number, special: number, name: string): string =>
    (mode & special) === 0 ? bit(x, 'x') : (mode & x) === 0 ? name.toUpperCase() : name;
  return (
    letter +
    bit(0o400, 'r') +
    bit(0o200, 'w') +
    run(0o100, 0o4000, 's') +
    bit(0o040, 'r') +
    bit(0o020, 'w') +
    run(0o010, 0o2000, 's') +
    bit(0o004, 'r') +
    bit(0o002, 'w') +
    run(0o001, 0o1000, 't')
  );
}

function textLines(output: Buffer): string[] {
  return output
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}
