import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TempProject } from '../rigs/temp-project.ts';
import { startWebDav, type WebDavServer } from '../rigs/webdav-server.ts';
import { buildWell, imageFile, projectMaker, type WatchedRun } from './rig.ts';

const create = projectMaker();
const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-webdav-'));
let project: TempProject;
let server: WebDavServer;
let before: Buffer[];
let stores = 0;

/** Builds from nothing: another out directory's work is gone, and the store is a new one. */
async function buildAfresh(env: Readonly<Record<string, string>>): Promise<WatchedRun> {
  await project.run(['clean', '--board', 'fake']);
  stores++;
  return buildWell(project, [], { env: { LXC_KIT_STORE: join(project.dir, `store-${stores}`), ...env } });
}

const restored = ({ outcomes }: WatchedRun): string[] =>
  Object.keys(outcomes).filter((step) => outcomes[step] === 'restored');
const images = (): Buffer[] =>
  ['rootfs.tar.gz', 'rootfs.cpio.gz', 'vmlinux'].map((name) => readFileSync(imageFile(project, name)));
const reading = (): Record<string, string> => ({ LXC_KIT_REMOTE_CACHE: server.url });

beforeAll(async () => {
  project = await create();
  server = await startWebDav(dir);
  const run = await buildAfresh({ ...reading(), LXC_KIT_REMOTE_CACHE_MODE: 'read-write' });
  expect(restored(run)).toEqual([]);
  before = images();
});

afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true });
});

test('another machine takes everything that was compiled from it', async () => {
  const run = await buildAfresh(reading());
  expect(restored(run)).toEqual(expect.arrayContaining(['build-busybox', 'build-kernel', 'build-lxc']));
  expect(images()).toEqual(before);
  expect(project.read('out/fake/logs/build-kernel.log')).toContain(`restored from ${server.url}/`);
});

test('it is only read, unless the mode says otherwise', async () => {
  const writes = (): number => server.requests().filter((line) => line.startsWith('PUT')).length;
  const earlier = writes();
  expect(earlier).toBeGreaterThan(10);
  project.writeBoard('fake2', { kernel: { config: { CONFIG_DUMMY: 'y' } } });
  await buildWell(project, [], { board: 'fake2', env: reading() });
  expect(writes()).toBe(earlier);
});

test('checks each file of the cache against its hash', async () => {
  const cas = join(server.root, 'cas');
  for (const name of readdirSync(cas)) {
    const file = join(cas, name);
    chmodSync(file, 0o644);
    // As long as it was.
    writeFileSync(file, Buffer.alloc(statSync(file).size, 'x'));
  }
  const run = await buildAfresh(reading());
  expect(restored(run)).toEqual([]);
  expect(images()).toEqual(before);
});

test('one that is not there, and one that never answers, are done without', async () => {
  const gone = await buildAfresh({ LXC_KIT_REMOTE_CACHE: 'http://127.0.0.1:1/cache' });
  expect(images()).toEqual(before);
  expect(warnings(gone)).toEqual([
    expect.stringMatching(
      /^continuing without the remote cache http:\/\/127\.0\.0\.1:1\/cache: .*ECONNREFUSED/,
    ),
  ]);

  const silent = await listen(() => undefined);
  const stalled = await buildAfresh({ LXC_KIT_REMOTE_CACHE: urlOf(silent) });
  silent.closeAllConnections();
  silent.close();
  expect(warnings(stalled)).toEqual([
    expect.stringMatching(/^continuing without the remote cache .*Timeout/),
  ]);
  expect(images()).toEqual(before);
});

test('one that answers with nonsense is done without', async () => {
  const confused = await listen((_request, response) => {
    response.writeHead(500).end('<html>no</html>');
  });
  const run = await buildAfresh({ LXC_KIT_REMOTE_CACHE: urlOf(confused) });
  expect(warnings(run)).toEqual([expect.stringMatching(/: it answers 500$/)]);
  confused.close();
  const page = await listen((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>please log in</html>');
  });
  expect(restored(await buildAfresh({ LXC_KIT_REMOTE_CACHE: urlOf(page) }))).toEqual([]);
  page.close();
  expect(images()).toEqual(before);
});

test.each([
  [{ LXC_KIT_REMOTE_CACHE: 'cache.example.com' }, 'LXC_KIT_REMOTE_CACHE is not an http or https address'],
  [
    { LXC_KIT_REMOTE_CACHE: 'http://127.0.0.1:1/', LXC_KIT_REMOTE_CACHE_MODE: 'write' },
    'LXC_KIT_REMOTE_CACHE_MODE is "write"',
  ],
])('%j is refused', async (env, message) => {
  const { exitCode, stderr } = await project.run(['build', '--board', 'fake'], { env });
  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});

function warnings({ events }: WatchedRun): string[] {
  return events.filter(({ type }) => type === 'warning').map(({ message }) => String(message));
}

async function listen(answer: Parameters<typeof createServer>[1]): Promise<Server> {
  const made = createServer(answer ?? (() => undefined));
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return made;
}

function urlOf(made: Server): string {
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}/`;
}
