import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { downloadFile, nameOfUrl } from '../../../toolkit/download/download.ts';
import type { SourceContext } from '../../../toolkit/download/source-context.ts';
import {
  forwardingProxy,
  misbehavingServer,
  breakAfterHalf,
  sendHalf,
  sendWhole,
  sha256Of,
  someBytes,
  whenHalfIsThere,
  type Answer,
} from '../sources/misbehaving-server.ts';
import { rejectionOf, sourceRig, type SourceRig } from '../sources/source-rig.ts';

const { bytes, sha256 } = someBytes();

type AnswerInRig = (...args: [...Parameters<Answer>, storeDir: string]) => void;

async function setUp(answer: AnswerInRig, changes: Partial<SourceContext> = {}) {
  const rig = sourceRig(changes);
  const server = await misbehavingServer((...args) => answer(...args, rig.storeDir));
  const url = `${server.origin}/some/file-1.0.tar.gz`;
  return {
    server,
    rig,
    url,
    download: () => downloadFile({ url, sha256, name: 'file-1.0.tar.gz' }, rig.context),
  };
}

function expectWhole(rig: SourceRig): void {
  expect(readFileSync(join(rig.storeDir, 'sources', sha256, 'file-1.0.tar.gz')).equals(bytes)).toBe(true);
  expect(rig.list('partial')).toEqual([]);
  expect(rig.list('rejected')).toEqual([]);
}

describe('a server that behaves', () => {
  test('gives a read-only file in the store, and progress in bytes', async () => {
    const { rig, download } = await setUp((response, seen) => sendWhole(response, seen, bytes));
    const stored = await download();
    expect(stored).toEqual({
      name: 'file-1.0.tar.gz',
      sha256,
      sizeBytes: bytes.length,
      file: join(rig.storeDir, 'sources', sha256, 'file-1.0.tar.gz'),
    });
    expectWhole(rig);
    expect(statSync(stored.file).mode & 0o777).toBe(0o444);
    expect(rig.events.at(-1)).toEqual({
      type: 'step-progress',
      step: 'fetch',
      done: bytes.length,
      total: bytes.length,
      unit: 'bytes',
      text: 'file-1.0.tar.gz',
    });
  });

  test('may serve two downloads of the same file at once', async () => {
    const { rig, download } = await setUp((response, seen) => sendWhole(response, seen, bytes));
    await Promise.all([download(), download(), download()]);
    expectWhole(rig);
  });

  test('may redirect', async () => {
    const { rig, server, download } = await setUp((response, seen) => {
      if (seen.url === '/mirror/x') return sendWhole(response, seen, bytes);
      response.writeHead(302, { location: '../mirror/x' }).end();
    });
    await download();
    expectWhole(rig);
    expect(server.requests.map(({ url }) => url)).toEqual(['/some/file-1.0.tar.gz', '/mirror/x']);
  });
});

describe('a connection that breaks', () => {
  test.each([
    ['break', undefined],
    // Long enough for the half to arrive on a busy machine; the next answer comes whole.
    ['hang', { baseDelayMs: 5, stallMs: 3_000 }],
  ] as const)('in the middle (%s) is taken up where it ended', async (then, pace) => {
    const { rig, server, download } = await setUp(
      (response, seen, count, storeDir) => {
        if (count > 0) sendWhole(response, seen, bytes);
        else if (then === 'break') breakAfterHalf(response, bytes, storeDir);
        else sendHalf(response, bytes);
      },
      pace === undefined ? {} : { pace },
    );
    await download();
    expectWhole(rig);
    expect(server.requests.length).toBeGreaterThanOrEqual(2);
    expect(server.requests[1]?.headers).toMatchObject({
      range: `bytes=${bytes.length / 2}-`,
      'if-range': '"v1"',
    });
  });

  test('is taken up by a later run', async () => {
    const stop = new AbortController();
    const rig = sourceRig();
    const server = await misbehavingServer((response, seen, count) => {
      if (count > 0) return sendWhole(response, seen, bytes);
      sendHalf(response, bytes);
      whenHalfIsThere(rig.storeDir, bytes, () => stop.abort(new Error('Ctrl-C')));
    });
    const download = { url: `${server.origin}/x`, sha256, name: 'file-1.0.tar.gz' };
    const error = await rejectionOf(downloadFile(download, { ...rig.context, signal: stop.signal }));
    expect(error.message).toBe('Ctrl-C');
    expect(rig.list('partial')).toEqual([`${sha256}.json`, `${sha256}.part`]);
    await downloadFile(download, rig.context);
    expectWhole(rig);
    expect(server.requests[1]?.headers).toMatchObject({
      range: `bytes=${bytes.length / 2}-`,
      'if-range': '"v1"',
    });
  });

  test('is taken up without If-Range when only a weak ETag names the bytes', async () => {
    const { rig, server, download } = await setUp((response, seen, count, storeDir) => {
      if (count === 0) breakAfterHalf(response, bytes, storeDir, 'W/"v1"');
      else sendWhole(response, seen, bytes);
    });
    await download();
    expectWhole(rig);
    expect(server.requests[1]?.headers.range).toBe(`bytes=${bytes.length / 2}-`);
    expect(server.requests[1]?.headers['if-range']).toBeUndefined();
  });

  test('starts over when the server ignores Range', async () => {
    const { rig, download } = await setUp((response, _seen, count, storeDir) => {
      if (count === 0) return breakAfterHalf(response, bytes, storeDir);
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    });
    await download();
    expectWhole(rig);
  });

  test('starts over when the file changed on the server', async () => {
    const { rig, server, download } = await setUp((response, seen, count, storeDir) => {
      if (count === 0) breakAfterHalf(response, Buffer.alloc(bytes.length), storeDir, '"old"');
      else sendWhole(response, seen, bytes, '"new"');
    });
    await download();
    expectWhole(rig);
    expect(server.requests[1]?.headers['if-range']).toBe('"old"');
  });

  test('starts over when the server sends another part than requested', async () => {
    const { rig, server, download } = await setUp((response, seen, count, storeDir) => {
      if (count === 0) return breakAfterHalf(response, bytes, storeDir);
      if (count > 1) return sendWhole(response, seen, bytes);
      response
        .writeHead(206, { 'content-range': `bytes 10-${bytes.length - 1}/${bytes.length}` })
        .end(bytes.subarray(10));
    });
    await download();
    expectWhole(rig);
    expect(server.requests[2]?.headers.range).toBeUndefined();
  });

  test('starts over when an earlier run left part of another file', async () => {
    const { rig, server, download } = await setUp((response, seen) => sendWhole(response, seen, bytes));
    mkdirSync(join(rig.storeDir, 'partial'), { recursive: true });
    writeFileSync(join(rig.storeDir, 'partial', `${sha256}.part`), Buffer.alloc(5000, 'x'));
    await download();
    expectWhole(rig);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual(['bytes=5000-', undefined]);
  });

  test('needs no server when an earlier run has left all of it', async () => {
    const { rig, server, download } = await setUp((response) => response.writeHead(500).end());
    mkdirSync(join(rig.storeDir, 'partial'), { recursive: true });
    // As a killed process leaves it: claimed, with the number of a process that is no more.
    const { hostname } = await import('node:os');
    writeFileSync(join(rig.storeDir, 'partial', `${sha256}.part.${hostname()}.99999999.abcd`), bytes);
    await download();
    expectWhole(rig);
    expect(server.requests).toEqual([]);
  });

  test('four times is given up, and what came is kept for the next run', async () => {
    const { rig, server, download } = await setUp((response, seen, _count, storeDir) => {
      if (seen.headers.range === undefined) return breakAfterHalf(response, bytes, storeDir);
      response.socket?.destroy();
    });
    const error = await rejectionOf(download());
    expect(error.name).toBe('Unavailable');
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ closed the connection \(\w+\)$/);
    expect(server.requests).toHaveLength(4);
    expect(statSync(join(rig.storeDir, 'partial', `${sha256}.part`)).size).toBe(bytes.length / 2);
  });
});

describe('a server that says no', () => {
  test('with 500 twice is asked again', async () => {
    const { rig, server, download } = await setUp((response, seen, count) => {
      if (count < 2) response.writeHead(500).end('oops');
      else sendWhole(response, seen, bytes);
    });
    await download();
    expectWhole(rig);
    expect(server.requests).toHaveLength(3);
  });

  test('with 503 each time is given up after four tries', async () => {
    const { server, download } = await setUp((response) => response.writeHead(503).end());
    expect((await rejectionOf(download())).message).toMatch(/ answers with status 503$/);
    expect(server.requests).toHaveLength(4);
  });

  test('with 429 is asked again after the time it names', async () => {
    // With its own pause in its place the test would last for a day.
    const { rig, server, download } = await setUp(
      (response, seen, count) => {
        if (count === 0) response.writeHead(429, { 'retry-after': '1' }).end();
        else sendWhole(response, seen, bytes);
      },
      { pace: { baseDelayMs: 86_400_000, stallMs: 60_000 } },
    );
    await download();
    expectWhole(rig);
    expect(server.requests).toHaveLength(2);
  });

  test('with 429 for an hour is given up at once', async () => {
    const { server, download } = await setUp((response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    expect((await rejectionOf(download())).message).toMatch(/ answers with status 429$/);
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    [404, /^127\.0\.0\.1:\d+ does not have it \(404\)$/],
    [403, /^127\.0\.0\.1:\d+ denies access to it \(403\)$/],
  ])('with %i is not asked again', async (status, message) => {
    const { rig, server, download } = await setUp((response) =>
      response.writeHead(status).end('no such file'),
    );
    expect((await rejectionOf(download())).message).toMatch(message);
    expect(server.requests).toHaveLength(1);
    expect(rig.list('partial')).toEqual([]);
  });

  test('with redirects in a loop is left', async () => {
    const { server, download } = await setUp((response, seen) => {
      response.writeHead(301, { location: seen.url === '/b' ? '/some/file-1.0.tar.gz' : '/b' }).end();
    });
    expect((await rejectionOf(download())).message).toMatch(/go round in a loop/);
    expect(server.requests).toHaveLength(2);
  });

  test('with endless redirects is left after ten', async () => {
    const { server, download } = await setUp((response, _seen, count) => {
      response.writeHead(307, { location: `/next-${count}` }).end();
    });
    expect((await rejectionOf(download())).message).toBe('more than 10 redirects');
    expect(server.requests).toHaveLength(11);
  });

  test('with a redirect to another protocol is left', async () => {
    const { download } = await setUp((response) =>
      response.writeHead(302, { location: 'ftp://127.0.0.1/x' }).end(),
    );
    expect((await rejectionOf(download())).message).toBe(
      'it redirects to ftp://, which is neither http nor https',
    );
  });
});

describe('wrong bytes', () => {
  test('are kept in rejected/, and never get into the store', async () => {
    const wrong = Buffer.from('not what was asked for');
    const { rig, url, download } = await setUp((response, seen) => sendWhole(response, seen, wrong));
    const error = await rejectionOf(download());
    expect(error).toMatchObject({
      code: 'SOURCE_HASH_MISMATCH',
      message: 'file-1.0.tar.gz has the wrong sha256',
      lines: [
        `expected ${sha256}`,
        `found    ${sha256Of(wrong)}`,
        `from     ${url}`,
        `kept as  ${join(rig.storeDir, 'rejected', 'file-1.0.tar.gz.rejected')}`,
      ],
    });
    expect(error.hint).toBeTruthy();
    expect(readFileSync(join(rig.storeDir, 'rejected', 'file-1.0.tar.gz.rejected')).equals(wrong)).toBe(true);
    expect(existsSync(join(rig.storeDir, 'sources'))).toBe(false);
    expect(rig.list('partial')).toEqual([]);
  });

  test('give an error that names a web page', async () => {
    const { rig, download } = await setUp((response) => {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('\n<!DOCTYPE html><html>Log in to the Wi-Fi');
    });
    const error = await rejectionOf(download());
    expect(error.name).toBe('Unavailable');
    expect(error.message).toBe('the server sent a web page, not file-1.0.tar.gz');
    expect([...rig.list('partial'), ...rig.list('rejected'), ...rig.list('sources')]).toEqual([]);
  });

  test('give an error that names an empty file', async () => {
    const { download } = await setUp((response) => response.writeHead(200, { 'content-length': 0 }).end());
    expect((await rejectionOf(download())).message).toMatch(/ sent an empty file$/);
  });

  test('give no file when fewer come than announced', async () => {
    const { rig, server, download } = await setUp((response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write(bytes.subarray(0, 400), () => setTimeout(() => response.socket?.end(), 10));
    });
    const error = await rejectionOf(download());
    expect(error.name).toBe('Unavailable');
    expect(error.message).toMatch(/closed the connection|another number of bytes than it announced/);
    expect(server.requests).toHaveLength(4);
    expect(rig.list('sources')).toEqual([]);
  });
});

describe('a machine without internet', () => {
  test.each([
    [
      'a name without an address',
      'http://does-not-exist.invalid/x',
      /^does-not-exist\.invalid (has no address|cannot)|^the address/,
    ],
    [
      'a port without a listener',
      'http://127.0.0.1:1/x',
      /^127\.0\.0\.1:1 refuses the connection \(ECONNREFUSED\)$/,
    ],
  ])('asks %s again quickly, and then no more', async (_what, url, message) => {
    // The pause before the one other try is a fifth of this; before a third it would be the whole.
    const rig = sourceRig({ pace: { baseDelayMs: 500, stallMs: 60_000 } });
    const error = await rejectionOf(downloadFile({ url, sha256, name: 'x' }, rig.context));
    expect(error.name).toBe('Unavailable');
    expect(error.message).toMatch(message);
    expect(rig.list('partial')).toEqual([]);
  });
});

describe('a proxy', () => {
  test.each(['http_proxy', 'HTTP_PROXY'])('in %s is used', async (variable) => {
    const proxy = await forwardingProxy();
    const { rig, url, download } = await setUp((response, seen) => sendWhole(response, seen, bytes), {
      userEnv: { [variable]: proxy.origin.replace('http://', 'http://me:pass@') },
    });
    await download();
    expectWhole(rig);
    expect(proxy.requests.map((seen) => seen.url)).toEqual([url]);
    const password = Buffer.from('me:pass').toString('base64');
    expect(proxy.requests[0]?.headers['proxy-authorization']).toBe(`Basic ${password}`);
  });

  test('is left out for the hosts of no_proxy', async () => {
    const proxy = await forwardingProxy();
    const { rig, download } = await setUp((response, seen) => sendWhole(response, seen, bytes), {
      userEnv: { http_proxy: proxy.origin, no_proxy: 'localhost,127.0.0.1' },
    });
    await download();
    expectWhole(rig);
    expect(proxy.requests).toEqual([]);
  });

  test('has its name in the message when it refuses the connection', async () => {
    const { download } = await setUp((response) => response.end(), {
      userEnv: { http_proxy: '127.0.0.1:1' },
    });
    expect((await rejectionOf(download())).message).toBe('127.0.0.1:1 refuses the connection (ECONNREFUSED)');
  });
});

describe('a password in a URL', () => {
  test('is sent to its own server only, and never shown', async () => {
    const other = await misbehavingServer((response) => response.writeHead(200).end('something else'));
    const server = await misbehavingServer((response) =>
      response.writeHead(302, { location: other.origin }).end(),
    );
    const rig = sourceRig();
    const url = `${server.origin.replace('http://', 'http://me:s3cret@')}/x?token=s3cret`;
    const error = await rejectionOf(downloadFile({ url, sha256, name: 'x' }, rig.context));
    expect(server.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('me:s3cret').toString('base64')}`,
    );
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    expect(error.lines).toContain(`from     ${server.origin}/x?…`);
    expect(JSON.stringify([error, rig.events])).not.toContain('s3cret');
  });
});

test('the name of a file comes from its URL', () => {
  expect(nameOfUrl('https://example.org/a/lxc-5.0.2.tar.gz?x=1')).toBe('lxc-5.0.2.tar.gz');
  expect(nameOfUrl('https://example.org/a/%2e%2e')).toBe('download');
  expect(nameOfUrl('https://example.org/a%2F..%2Fb.tar')).toBe('b.tar');
  expect(nameOfUrl('https://example.org/')).toBe('download');
  expect(nameOfUrl('https://example.org/100%/x%zz.tar')).toBe('x%zz.tar');
  expect(() => nameOfUrl('ftp://example.org/x')).toThrow('it is not an http or https address');
  expect(() => nameOfUrl('https://')).toThrow('it is not an http or https address');
});
