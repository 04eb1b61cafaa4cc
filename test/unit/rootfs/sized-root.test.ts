import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { shippedPath } from '../../../toolkit/base/package-root.ts';
import { scratchDir } from '../scratch.ts';

/** The shipped script on a device whose file system and failing mounts are chosen; `run` returns the calls of mount. */
function device({ fileSystem = 'ext2/ext3', fails = 'nothing', writable = true } = {}) {
  const dir = scratchDir();
  const [bin, log, path] = ['bin', 'mounts', 'lxc/web'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [bin, path]) mkdirSync(folder, { recursive: true });
  const program = (name: string, text: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  for (const name of ['mkdir', 'chown', 'chmod', 'zcat', 'sync', 'mv', 'rm', 'tr', 'gzip'])
    symlinkSync(`/bin/${name}`, join(bin, name));
  if (writable) symlinkSync('/bin/touch', join(bin, 'touch'));
  program('stat', `[ "$1" = -f ] && echo '${fileSystem}' || exec /usr/bin/stat "$@"`);
  program('mount', `echo "$*" >> ${log}\ncase "$*" in *${fails}*) exit 1;; esac`);
  writeFileSync(`${path}.changes.gz`, gzipSync('a file system'));
  const script = join(dir, 'sized-root');
  const shipped = readFileSync(shippedPath('rootfs-skeleton', 'base', 'etc', 'init.d', 'sized-root'), 'utf8');
  const place = `${dir}/roots/${path.slice(1).replaceAll('/', '-')}`;
  writeFileSync(script, shipped.replaceAll('/run/lxc-roots', `${dir}/roots`));
  return {
    path,
    run: (...more: string[]) => {
      writeFileSync(log, '');
      const argv = [script, path, '16777216', '1024', 'nosuid,nodev', ...more];
      const { status, stdout } = spawnSync('/bin/sh', argv, { env: { PATH: bin }, encoding: 'utf8' });
      const mounts = readFileSync(log, 'utf8').replaceAll(place, 'PLACE').replaceAll(path, 'PATH');
      return { status, stdout: stdout.replaceAll(path, 'PATH'), mounts: mounts.split('\n').slice(0, -1) };
    },
  };
}

const TMPFS = '-t tmpfs -o size=16777216,nr_inodes=1024,mode=0700,nosuid,nodev tmpfs PLACE';
const CHANGES = '-t ext4 -o loop,nosuid,nodev PATH.changes PLACE';
const OVERLAY =
  '-t overlay -o nosuid,nodev,lowerdir=PATH,upperdir=PLACE/upper,workdir=PLACE/work overlay PATH';
const READ_ONLY = ['--bind PATH PATH', '-o remount,bind,ro PATH'];

test('on a disk that is written, changes are in a file that is made once', () => {
  const { path, run } = device();
  expect(run()).toEqual({ status: 0, stdout: '', mounts: [CHANGES, OVERLAY] });
  expect(readFileSync(`${path}.changes`, 'utf8')).toBe('a file system');
  expect(statSync(`${path}.changes`).mode & 0o777).toBe(0o600);
  expect(existsSync(`${path}.changes.new`)).toBe(false);
  writeFileSync(`${path}.changes`, 'with changes');
  expect(run().mounts).toEqual([CHANGES, OVERLAY]);
  expect(readFileSync(`${path}.changes`, 'utf8')).toBe('with changes');
});

test.each([
  ['the root is in memory', { fileSystem: 'tmpfs' }, []],
  ['the root is in an initramfs', { fileSystem: 'ramfs' }, []],
  ['the root is read-only', { writable: false }, []],
  ['changes shall be forgotten', {}, ['memory']],
])('they are in memory where %s', (_, of, more) => {
  const { path, run } = device(of);
  expect(run(...more)).toEqual({ status: 0, stdout: '', mounts: [TMPFS, OVERLAY] });
  expect(existsSync(`${path}.changes`)).toBe(false);
});

test('the overlay has the owner and mode of the root', () => {
  const { path, run } = device({ fileSystem: 'tmpfs' });
  spawnSync('chmod', ['0711', path]);
  run();
  const upper = join(path, '..', '..', 'roots', path.slice(1).replaceAll('/', '-'), 'upper');
  expect(statSync(upper).mode & 0o7777).toBe(0o711);
  expect(statSync(upper).uid).toBe(statSync(path).uid);
});

test.each([
  ['no tmpfs', { fileSystem: 'tmpfs', fails: 'tmpfs' }, [TMPFS]],
  ['no overlay', { fails: 'overlay' }, [CHANGES, OVERLAY]],
  ['PATH.changes cannot be mounted', { fails: 'ext4' }, [CHANGES]],
])('what cannot be limited is read-only: %s', (why, of, first) => {
  expect(device(of).run()).toEqual({
    status: 1,
    stdout: `sized-root: PATH: ${why}; it is read-only\n`,
    mounts: [...first, ...READ_ONLY],
  });
});

test('half a file of changes is not used', () => {
  const { path, run } = device();
  writeFileSync(`${path}.changes.gz`, gzipSync('a file system').subarray(0, 15));
  expect(run()).toMatchObject({ status: 1, mounts: READ_ONLY });
  expect(existsSync(`${path}.changes`)).toBe(false);
  expect(existsSync(`${path}.changes.new`)).toBe(false);
});
