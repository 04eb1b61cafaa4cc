import { createHash, randomBytes } from 'node:crypto';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** Sends half of the bytes, and then breaks the connection off, or hangs. */
export function sendHalf(
  response: ServerResponse,
  bytes: Buffer,
  then: 'break' | 'hang',
  etag = '"v1"',
): void {
  response.writeHead(200, { 'content-length': bytes.length, etag });
  response.write(bytes.subarray(0, bytes.length / 2), () => {
    // A moment for the bytes to arrive: a reset takes with it what is still on the way.
    if (then === 'break') setTimeout(() => response.socket?.destroy(), 30);
  });
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
