import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface SeenRequest {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

export interface TestServer {
  readonly origin: string;
  /** Every request so far. */
  readonly requests: SeenRequest[];
}

/** Answers one request; `count` says how many came before. */
export type Answer = (response: ServerResponse, seen: SeenRequest, count: number) => void;

/** An HTTP server on 127.0.0.1 that behaves as the test says, until the test is over. */
export async function misbehavingServer(answer: Answer): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const seen = { url: incoming.url ?? '', headers: incoming.headers };
    requests.push(seen);
    answer(response, seen, requests.length - 1);
  });
  const port = await listen(server);
  return { origin: `http://127.0.0.1:${port}`, requests };
}

/** A forwarding proxy for plain http, as squid is one: it gets the whole URL in the request line, and refuses CONNECT. */
export async function forwardingProxy(): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    requests.push({ url: incoming.url ?? '', headers: incoming.headers });
    const forwarded = request(incoming.url ?? '', { headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.end();
  });
  server.on('connect', (_incoming, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  const port = await listen(server);
  return { origin: `http://127.0.0.1:${port}`, requests };
}

/** Sends bytes as a good server does, ranges and all. */
export function sendWhole(response: ServerResponse, seen: SeenRequest, bytes: Buffer, etag = '"v1"'): void {
  const start = /^bytes=(\d+)-$/.exec(seen.headers.range ?? '')?.[1];
  const changed = seen.headers['if-range'] !== undefined && seen.headers['if-range'] !== etag;
  if (start === undefined || changed) {
    response.writeHead(200, { 'content-length': bytes.length, etag }).end(bytes);
    return;
  }
  const from = Number(start);
  const rest = bytes.subarray(from);
  response.writeHead(206, {
    'content-length': rest.length,
    'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
    etag,
  });
  response.end(rest);
}

/** Sends half of the bytes and then nothing. */
export function sendHalf(response: ServerResponse, bytes: Buffer, etag = '"v1"'): void {
  response.writeHead(200, { 'content-length': bytes.length, etag });
  response.write(bytes.subarray(0, bytes.length / 2));
}

/** The same, and breaks the connection off when the half is in the store: a reset takes with it what is on the way. */
export function breakAfterHalf(
  response: ServerResponse,
  bytes: Buffer,
  storeDir: string,
  etag = '"v1"',
): void {
  sendHalf(response, bytes, etag);
  whenHalfIsThere(storeDir, bytes, () => response.socket?.destroy());
}

/** Calls back when half of the bytes are in a partial file. */
export function whenHalfIsThere(storeDir: string, bytes: Buffer, then: () => void): void {
  const timer = setInterval(() => {
    if (!partialSizes(storeDir).some((size) => size >= bytes.length / 2)) return;
    clearInterval(timer);
    then();
  }, 5);
  onTestFinished(() => clearInterval(timer));
}

function partialSizes(storeDir: string): number[] {
  const dir = join(storeDir, 'partial');
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.includes('.part'))
    .map((name) => statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0);
}

/** A file to be downloaded. */
export function someBytes(sizeBytes = 200_000): { bytes: Buffer; sha256: string } {
  const bytes = randomBytes(sizeBytes);
  return { bytes, sha256: sha256Of(bytes) };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
