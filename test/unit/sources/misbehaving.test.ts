import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createRawServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { resolveSource } from '../../../toolkit/sources/resolve-source.ts';
import type { SourceRequest } from '../../../toolkit/sources/source-request.ts';
import { misbehavingServer, sendHalf, sendWhole, sha256Of, someBytes } from './misbehaving-server.ts';
import { rejectionOf, sourceRig } from './source-rig.ts';

const { bytes, sha256 } = someBytes();
const NAME = 'demo-1.2.tar.gz';

/** Something that is asked for the file and does not give it: its address. */
type Trouble = () => Promise<string>;

/** A server that answers with these bytes, whatever it is asked, and then ends the connection. */
async function raw(...parts: readonly (string | Buffer)[]): Promise<string> {
  const server = createRawServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      for (const part of parts) socket.write(part);
      socket.end();
    });
  });
  return `http://127.0.0.1:${await listen(server)}`;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const whole = `HTTP/1.1 200 OK\r\ncontent-type: application/gzip\r\n`;

/** The troubles, and the message that reports each. */
const troubles: Readonly<Record<string, readonly [Trouble, RegExp, stallMs?: number]>> = {
  'refuses the connection': [() => Promise.resolve('http://127.0.0.1:1'), /refuses the connection/],
  'stays silent': [
    async () => (await misbehavingServer(() => undefined)).origin,
    /sent nothing for 1 s$/,
    1_000,
  ],
  'stalls in the middle': [
    async () => (await misbehavingServer((response) => sendHalf(response, bytes))).origin,
    /sent nothing for 1 s$/,
    1_000,
  ],
  'breaks off in the middle, each time it is asked': [
    async () =>
      (
        await misbehavingServer((response) => {
          response.writeHead(200, { 'content-length': bytes.length });
          response.write(bytes.subarray(0, 1000), () => response.socket?.destroy());
        })
      ).origin,
    /closed the connection|another number of bytes/,
  ],
  'resets the connection in the middle': [
    async () => {
      const answer = (response: { socket: { resetAndDestroy(): unknown } | null }): void => {
        setTimeout(() => response.socket?.resetAndDestroy(), 30);
      };
      const { origin } = await misbehavingServer((response) => {
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, 1000), () => answer(response));
      });
      return origin;
    },
    /closed the connection|another number of bytes/,
  ],
  'announces more than it sends': [
    () => raw(whole, `content-length: ${bytes.length + 5000}\r\n\r\n`, bytes),
    /closed the connection|another number of bytes|announced/,
  ],
  'goes round in a redirect loop': [
    async () =>
      (
        await misbehavingServer((response, { url }) => {
          response.writeHead(302, { location: url }).end();
        })
      ).origin,
    /go round in a loop/,
  ],
  'sends a web page': [
    () => raw(whole, '\r\n<!DOCTYPE html><html><body>Please log in</body></html>'),
    /the server sent a web page, not demo-1\.2\.tar\.gz/,
  ],
  'answers with no HTTP': [() => raw('220 ftp.example.com ready\r\n'), /127\.0\.0\.1:\d+: /],
  'has a self-signed certificate': [selfSigned, /self-signed certificate/],
  'speaks no TLS behind https': [
    async () => (await raw('HTTP/1.1 400 Bad Request\r\n\r\n')).replace('http:', 'https:'),
    /127\.0\.0\.1:\d+/,
  ],
};

let certificate: { readonly key: Buffer; readonly cert: Buffer };

beforeAll(() => {
  const dir = mkdtempSync(join(tmpdir(), 'lxc-kit-certificate-'));
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', join(dir, 'key'), '-out', join(dir, 'cert')];
  const argv = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files];
  execFileSync('openssl', argv, { stdio: 'pipe' });
  certificate = { key: readFileSync(join(dir, 'key')), cert: readFileSync(join(dir, 'cert')) };
  rmSync(dir, { recursive: true });
});

async function selfSigned(): Promise<string> {
  const server = createTlsServer(certificate, (_request, response) => void response.end(bytes));
  return `https://127.0.0.1:${await listen(server)}`;
}

const request = (...origins: readonly string[]): SourceRequest => ({
  component: 'demo',
  candidates: origins.map((origin) => ({ url: `${origin}/${NAME}`, sha256, version: '1.2' })),
});

describe.each(Object.entries(troubles))('a server that %s', (_what, [start, reason, stallMs = 60_000]) => {
  const pace = { baseDelayMs: 5, stallMs };

  test('is followed by the next source, whose bytes are in the store', async () => {
    const rig = sourceRig({ pace });
    const good = await misbehavingServer((response, seen) => sendWhole(response, seen, bytes));
    const resolved = await resolveSource(request(await start(), good.origin), rig.context);
    expect(resolved.origin).toBe(`${good.origin}/${NAME}`);
    const file = join(rig.storeDir, 'sources', sha256, NAME);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(rig.list('sources')).toEqual([sha256]);
    expect(rig.list('partial')).toEqual([]);
    expect(rig.list('rejected')).toEqual([]);
    const notes = rig.events.flatMap((event) => (event.type === 'note' ? [event.message] : []));
    expect(notes).toEqual([expect.stringMatching(/^demo: not from http/)]);
    expect(notes[0]).toMatch(reason);
  });

  test('is named with the reason when there is no other', async () => {
    const rig = sourceRig({ pace });
    const error = await rejectionOf(resolveSource(request(await start()), rig.context));
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    expect(error.lines).toEqual([expect.stringMatching(reason)]);
    expect(rig.list('sources')).toEqual([]);
    expect(existsSync(join(rig.storeDir, 'trees'))).toBe(false);
  });
});

test('a server that announces less than it sends has other bytes, which stops the search', async () => {
  const rig = sourceRig();
  const good = await misbehavingServer((response, seen) => sendWhole(response, seen, bytes));
  const short = await raw(whole, 'content-length: 1000\r\n\r\n', bytes);
  const error = await rejectionOf(resolveSource(request(short, good.origin), rig.context));
  expect(error.code).toBe('SOURCE_HASH_MISMATCH');
  expect(error.lines?.[1]).toBe(`found    ${sha256Of(bytes.subarray(0, 1000))}`);
  expect(rig.list('sources')).toEqual([]);
  expect(good.requests).toEqual([]);
});
