import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprintHash, type Fingerprint } from '../../../toolkit/engine/fingerprint.ts';
import { PortablePaths } from '../../../toolkit/engine/portable-paths.ts';
import type { SharedResults, SharingContext } from '../../../toolkit/engine/shared-results.ts';
import { LocalResults } from '../../../toolkit/results/local-results.ts';
import { RemoteCache } from '../../../toolkit/results/remote-cache.ts';
import { shareResults } from '../../../toolkit/results/share-results.ts';
import { scratchDir } from '../scratch.ts';

const fingerprint: Fingerprint = { id: 'one', revision: 1, settings: {}, files: {}, needs: {} };

const unchanged = (): Promise<boolean> => Promise.resolve(true);

let server: Server;
let agent: Agent;
let dir: string;
let warnings: string[];
/** Bodies on the server, by the path they were sent to. */
let kept: Map<string, Buffer>;
const context: SharingContext = {
  step: 'one',
  get places() {
    return new PortablePaths({ out: join(dir, 'out') });
  },
  signal: new AbortController().signal,
  warn: (message) => warnings.push(message),
  note: () => undefined,
};

/** Keeps in memory what is sent to it. */
function memoryServer(): Server {
  kept = new Map();
  return createServer((request, response) => {
    const { method, url = '' } = request;
    const found = kept.get(url);
    if (method !== 'PUT') {
      response.writeHead(found === undefined ? 404 : 200).end(method === 'HEAD' ? undefined : found);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      kept.set(url, Buffer.concat(chunks));
      response.writeHead(201).end();
    });
  });
}

/** Results in a store of that name, with the server behind it; the out directory has the same one. */
function resultsIn(store: string, mode: 'read-only' | 'read-write'): SharedResults {
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const local = new LocalResults(join(dir, store));
  return shareResults(local, join(dir, 'locks'), {
    cache: new RemoteCache(url, agent),
    mode,
    shownAs: 'the cache',
  });
}

beforeEach(async () => {
  dir = scratchDir();
  warnings = [];
  agent = new Agent();
  server = memoryServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const made = join(dir, 'out', 'made');
  mkdirSync(made, { recursive: true });
  for (let index = 0; index < 20; index++) writeFileSync(join(made, `file${index}`), `bytes ${index % 15}`);
  await resultsIn('first', 'read-write').keep(
    fingerprint,
    { outputs: [{ path: made }], result: null, digest: 'd', seconds: 1, warnings: [], unchanged },
    context,
  );
});

afterEach(async () => {
  await agent.destroy();
  server.close();
});

test('gives a second store what the first one sent', async () => {
  const results = resultsIn('second', 'read-only');
  const found = await results.find(fingerprint, context);
  expect(found).toMatchObject({ digest: 'd', from: 'the cache' });
  expect(await found?.place()).toBe(true);
  // Now without the server.
  server.close();
  server.closeAllConnections();
  expect(await results.find(fingerprint, context)).toMatchObject({ from: 'the store' });
  expect(warnings).toEqual([]);
});

test('a store that cannot be written to takes nothing, and does not stop a build', async () => {
  writeFileSync(join(dir, 'file'), '');
  expect(await resultsIn('file', 'read-only').find(fingerprint, context)).toBeUndefined();
  expect(warnings).toEqual([
    expect.stringMatching(/^the remote cache's result of one could not be written to the store: ENOTDIR/),
  ]);
});

test('an entry that is of another step is not taken, whatever it is kept under', async () => {
  const asked: Fingerprint = { ...fingerprint, id: 'two', settings: { image: 'vmlinux' } };
  // As a server does that mixes its entries up, or wants to.
  kept.set(`/ac/${fingerprintHash(asked)}`, kept.get(`/ac/${fingerprintHash(fingerprint)}`)!);
  expect(await resultsIn('third', 'read-only').find(asked, context)).toBeUndefined();
  expect(await resultsIn('third', 'read-only').find(fingerprint, context)).toMatchObject({ digest: 'd' });
  expect(warnings).toEqual([]);
});

test('a cache that may only be read gets nothing', async () => {
  const before = kept.size;
  const made = join(dir, 'out', 'made');
  writeFileSync(join(made, 'more'), 'more');
  await resultsIn('fourth', 'read-only').keep(
    { ...fingerprint, revision: 2 },
    { outputs: [{ path: made }], result: null, digest: 'e', seconds: 1, warnings: [], unchanged },
    context,
  );
  expect(kept.size).toBe(before);
});
