import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CliResult } from '../rigs/cli-process.ts';
import type { TempProject } from '../rigs/temp-project.ts';
import { buildWell, leftovers, message, projectMaker, stampedSteps } from './rig.ts';

const NO_HASH = '0'.repeat(64);

const create = projectMaker();
let project: TempProject;
let server: Server;
let url: string;
/** Paths that were requested from the server. */
const asked: string[] = [];

beforeAll(async () => {
  project = await create();
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.endsWith('.tar.gz') === true) response.end('these are other bytes');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

const fetch = (...args: string[]): Promise<CliResult> => project.run(['fetch', '--board', 'bad', ...args]);

const shown = (result: CliResult): string =>
  message(project, result)
    .replaceAll(url, 'http://<server>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '<server>');

function writeBoard(...sources: object[]): void {
  project.writeBoard('bad', { busybox: { sources } });
}

test('a source that is not available anywhere: each attempt and why it failed', async () => {
  writeBoard(
    { path: '../none/busybox' },
    { version: '1.0', url: `${url}/busybox-1.0.tar.xz`, sha256: NO_HASH },
    // Port 1, tcpmux: nothing listens there.
    { version: '1.0', url: 'http://127.0.0.1:1/busybox-1.0.tar.xz', sha256: NO_HASH },
  );
  const failed = await fetch();
  expect(failed.exitCode).toBe(4);
  expect(failed.stdout).toBe('');
  await expect(shown(failed)).toMatchFileSnapshot('printed/source-unavailable.txt');
  expect(stampedSteps(project, 'bad')).not.toContain('fetch-busybox');
  expect(leftovers(project, 'bad')).toEqual([]);
});

test('with --offline nothing is asked of any server', async () => {
  writeBoard(
    { path: '../none/busybox' },
    { version: '1.0', url: `${url}/busybox-1.0.tar.xz`, sha256: NO_HASH },
    { debian: 'busybox-source' },
    { 'debian-pool': 'pool/main/b/busybox/busybox_1.0.orig.tar.bz2', sha256: NO_HASH },
  );
  asked.length = 0;
  const failed = await project.run(['build', '--board', 'bad', '--offline']);
  expect(failed.exitCode).toBe(4);
  await expect(shown(failed)).toMatchFileSnapshot('printed/source-offline.txt');
  expect(asked).toEqual([]);
});

test('a file with the wrong sha256 is refused, even when there are other sources, and kept for a look', async () => {
  writeBoard(
    { version: '1.0', url: `${url}/busybox-1.0.tar.gz`, sha256: NO_HASH },
    { path: '../sources/busybox' },
  );
  const failed = await fetch();
  expect(failed.exitCode).toBe(4);
  await expect(shown(failed)).toMatchFileSnapshot('printed/source-wrong-hash.txt');
  expect(project.read('store/rejected/busybox-1.0.tar.gz.rejected')).toBe('these are other bytes');
  expect(existsSync(join(project.storeDir, 'sources', NO_HASH))).toBe(false);
  expect(leftovers(project, 'bad')).toEqual([]);
});

test('--source with a path that is not there', async () => {
  project.writeBoard('bad', {});
  const failed = await fetch('--source', 'lxc=lxc-9.9.tar.gz');
  expect(failed.exitCode).toBe(4);
  await expect(shown(failed)).toMatchFileSnapshot('printed/source-path-missing.txt');
});

test('the next source is taken when the first is not available, and the output says so', async () => {
  writeBoard(
    { version: '1.0', url: `${url}/busybox-1.0.tar.xz`, sha256: NO_HASH },
    { path: '../sources/busybox' },
  );
  const taken = await fetch();
  expect(taken.exitCode, taken.stderr).toBe(0);
  expect(taken.stdout).toContain(`busybox 1.37.0 from ${project.sourceDir('busybox')}\n`);
  expect(taken.stderr).toContain(`busybox: not from ${url}/busybox-1.0.tar.xz: `);
});

test('tarballs are taken, verified and unpacked once', async () => {
  const pack = (component: string, name: string, ...options: string[]): void => {
    execFileSync('tar', [
      ...options,
      '-cf',
      join(project.dir, name),
      '-C',
      join(project.dir, 'sources'),
      component,
    ]);
  };
  pack('kernel', 'linux-6.1.999.tar.gz', '-z');
  pack('busybox', 'busybox-1.37.0.tar.bz2', '-j');
  pack('lxc', 'lxc-5.0.2.tar.xz', '-J');
  pack('libcap', 'libcap-2.66.tar');
  project.writeBoard('bad', {});
  const names = ['kernel=linux-6.1.999.tar.gz', 'busybox=busybox-1.37.0.tar.bz2', 'lxc=lxc-5.0.2.tar.xz'];
  const options = [...names, 'libcap=libcap-2.66.tar'].flatMap((name) => ['--source', name]);
  await buildWell(project, options, { board: 'bad' });
  const manifest = JSON.parse(project.read('out/bad/manifest.json')) as {
    sources: { component: string; kind: string; version: string; files: unknown[] }[];
  };
  expect(manifest.sources).toMatchObject([
    { component: 'kernel', kind: 'path', version: '6.1.999', files: [{ name: 'linux-6.1.999.tar.gz' }] },
    { component: 'busybox', kind: 'path', version: '1.37.0' },
    { component: 'lxc', kind: 'path', version: '5.0.2' },
    { component: 'libcap', kind: 'path', version: '2.66' },
  ]);
  expect(
    readdirSync(join(project.storeDir, 'trees'))
      .map((name) => name.replace(/-.*/, ''))
      .sort(),
    // BusyBox twice: as it came, and corrected.
  ).toEqual(['busybox', 'busybox', 'kernel', 'libcap', 'lxc']);
  expect(leftovers(project, 'bad')).toEqual([]);
});
