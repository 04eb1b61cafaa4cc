import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { tarOf, type TestEntry } from '../unit/sources/archives.ts';
import { buildWell, leftovers, message, projectMaker, stampedSteps } from './rig.ts';

const create = projectMaker();
let project: TempProject;

beforeAll(async () => {
  project = await create();
});

const top: TestEntry[] = [
  { path: 'busybox-1.37.0/', type: 'Directory' },
  { path: 'busybox-1.37.0/Makefile', body: 'VERSION = 1\nPATCHLEVEL = 37\nSUBLEVEL = 0\n' },
];

const link = (linkpath: string): TestEntry[] => [
  ...top,
  { path: 'busybox-1.37.0/link', type: 'SymbolicLink', linkpath },
];

const hostile: Readonly<Record<string, TestEntry[]>> = {
  'a path that leads out': [...top, { path: 'busybox-1.37.0/../../../evil', body: 'evil' }],
  'an absolute path': [...top, { path: '/tmp/lxc-kit-evil', body: 'evil' }],
  'a link that leads out': link('../../../../etc'),
  'an absolute link': link('/etc/passwd'),
  'a file through a link': [...link('..'), { path: 'busybox-1.37.0/link/evil', body: 'evil' }],
  'a hard link that leads out': [
    ...top,
    { path: 'busybox-1.37.0/link', type: 'Link', linkpath: '../../../etc/passwd' },
  ],
  'a device': [...top, { path: 'busybox-1.37.0/sda', type: 'BlockDevice' }],
};

async function refused(name: string, bytes: Buffer): Promise<void> {
  const file = `busybox-1.37.0.${name.replaceAll(' ', '-')}.tar.gz`;
  writeFileSync(join(project.dir, file), bytes);
  const failed = await project.run(['build', '--board', 'fake', '--source', `busybox=${file}`]);
  expect(failed.exitCode).toBe(4);
  expect(failed.stdout).toBe('');
  const text = message(project, failed).replace(/sources\/[0-9a-f]{64}\//g, 'sources/<sha256>/');
  await expect(text).toMatchFileSnapshot(`printed/archive/${name.replaceAll(' ', '-')}.txt`);
  expect(stampedSteps(project)).not.toContain('configure-busybox');
  // Nothing of it was unpacked, and nothing of it lies about.
  const trees = join(project.storeDir, 'trees');
  expect(existsSync(trees) ? readdirSync(trees) : []).toEqual([]);
  expect(leftovers(project)).toEqual([]);
  expect(existsSync('/tmp/lxc-kit-evil')).toBe(false);
  expect(existsSync(join(project.dir, 'evil'))).toBe(false);
}

test.each(Object.keys(hostile))('an archive with %s', async (name) => {
  await refused(name, gzipSync(tarOf(hostile[name] ?? [])));
});

function packed(compression: string): Buffer {
  const options = [`--${compression}`, '-c', '-C', join(project.dir, 'sources'), 'busybox'];
  return execFileSync('tar', options);
}

test.each(['gzip', 'bzip2', 'xz'])('an archive of %s that was cut off', async (compression) => {
  const whole = packed(compression);
  await refused(`cut off ${compression}`, whole.subarray(0, Math.floor(whole.length * 0.7)));
});

test.each([
  ['plain tar that was cut off', () => tarOf(top, Buffer.alloc(0))],
  ['an empty file', () => Buffer.alloc(0)],
  ['a web page', () => Buffer.from(`<html>${'<p>please log in</p>'.repeat(100)}</html>`)],
])('%s', async (name, make) => {
  await refused(name, make());
});

test('a good archive is taken after all this', async () => {
  const file = join(project.dir, 'busybox-1.37.0.tar.xz');
  writeFileSync(file, packed('xz'));
  await buildWell(project, ['--source', 'busybox=busybox-1.37.0.tar.xz']);
  expect(readFileSync(join(project.outDir(), 'config', 'busybox.config'), 'utf8')).toContain(
    'CONFIG_STATIC=y',
  );
});
