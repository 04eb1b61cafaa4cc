import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RemoteCache, RemoteFailure } from '../../../toolkit/results/remote-cache.ts';

const BYTES = Buffer.alloc(300_000, 'kernel');
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const { signal } = new AbortController();

let dir: string;
let file: string;
let server: Server | undefined;
let agent: Agent;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lxc-kit-remote-'));
  file = join(dir, 'blob');
  agent = new Agent();
});

afterEach(async () => {
  await agent.destroy();
  server?.closeAllConnections();
  server?.close();
  rmSync(dir, { recursive: true });
});

async function cacheThat(answers: RequestListener): Promise<RemoteCache> {
  const made = createServer(answers);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return new RemoteCache(new URL(`http://127.0.0.1:${(made.address() as AddressInfo).port}/kit/`), agent);
}

describe('a file from a remote cache', () => {
  test('is written as it comes', async () => {
    const cache = await cacheThat(({ url }, response) => {
      response.writeHead(url === `/kit/cas/${SHA256}` ? 200 : 404).end(BYTES);
    });
    expect(await cache.getFile(SHA256, BYTES.length, file, signal)).toBe(true);
    expect(readFileSync(file).equals(BYTES)).toBe(true);
  });

  test.each<[string, RequestListener]>([
    ['none', (_request, response) => void response.writeHead(404).end()],
    ['other bytes', (_request, response) => void response.end(Buffer.alloc(BYTES.length, 'x'))],
    ['fewer bytes', (_request, response) => void response.end(BYTES.subarray(1))],
    ['more bytes', (_request, response) => void response.end(Buffer.concat([BYTES, BYTES]))],
  ])('is not taken from a server that has %s', async (_what, answers) => {
    const cache = await cacheThat(answers);
    expect(await cache.getFile(SHA256, BYTES.length, file, signal)).toBe(false);
  });

  test.each<[string, RequestListener]>([
    ['refuses', (_request, response) => void response.writeHead(503).end('busy')],
    [
      'breaks off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': String(BYTES.length) });
        response.write(BYTES.subarray(0, 1000), () => response.destroy());
      },
    ],
  ])('is a failure of the cache when the server %s', async (_what, answers) => {
    const cache = await cacheThat(answers);
    await expect(cache.getFile(SHA256, BYTES.length, file, signal)).rejects.toThrow(RemoteFailure);
  });

  test('is no failure of the cache when it cannot be written', async () => {
    const cache = await cacheThat((_request, response) => void response.end(BYTES));
    const nowhere = cache.getFile(SHA256, BYTES.length, join(dir, 'none', 'blob'), signal);
    await expect(nowhere).rejects.toThrow(/ENOENT/);
  });
});

describe('an entry', () => {
  const entryFrom = async (answers: RequestListener): Promise<Uint8Array | undefined> =>
    (await cacheThat(answers)).getEntry('abc', signal);

  test('may have 16 MiB, and not one byte more', async () => {
    const most = Buffer.alloc(16 << 20, 'e');
    expect((await entryFrom((_request, response) => void response.end(most)))?.length).toBe(most.length);
    server?.close();
    const more = Buffer.concat([most, Buffer.from('e')]);
    expect(await entryFrom((_request, response) => void response.end(more))).toBeUndefined();
  });

  test('without an end is left when it is too long', async () => {
    const chunk = Buffer.alloc(1 << 20, 'e');
    const endless: RequestListener = (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    };
    expect(await entryFrom(endless)).toBeUndefined();
  });
});

test('the bytes of a blob are those of its hash, or none', async () => {
  const cache = await cacheThat(({ url }, response) => {
    response.end(url?.endsWith(SHA256) === true ? BYTES : BYTES.subarray(1));
  });
  expect((await cache.getBlob(SHA256, BYTES.length, signal))?.length).toBe(BYTES.length);
  const other = SHA256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  expect(await cache.getBlob(other, BYTES.length, signal)).toBeUndefined();
  expect(await cache.getBlob(SHA256, BYTES.length - 1, signal)).toBeUndefined();
});

test('user name and password of the address go into a header, and not into the path', async () => {
  const seen: (string | undefined)[] = [];
  const made = await cacheThat(({ url, headers }, response) => {
    seen.push(url, headers.authorization);
    response.writeHead(404).end();
  });
  expect(await made.getEntry('abc', signal)).toBeUndefined();
  const url = new URL(`http://me:p%40ss@127.0.0.1:${(server!.address() as AddressInfo).port}/kit`);
  expect(await new RemoteCache(url, agent).getEntry('abc', signal)).toBeUndefined();
  const login = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  expect(seen).toEqual(['/kit/ac/abc', undefined, '/kit/ac/abc', login]);
});
