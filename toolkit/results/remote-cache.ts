import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { hashBytes } from '../host/hash-file.ts';

/** How a shared cache may be used. */
export type RemoteMode = 'read-only' | 'read-write';

/** How long a server may be silent, in milliseconds. Waiting for a cache must not cost more than it saves. */
const STALL_MS = 10_000;

/** The limit for an entry, which is a list of files. */
const MAX_ENTRY_BYTES = 16 << 20;

/** A failed request: the server is unreachable, slow, full, or refuses. */
export class RemoteFailure extends Error {}

/**
 * A cache that speaks the HTTP protocol of Bazel's remote cache: GET and PUT of `/ac/HASH` and `/cas/SHA256`, as
 * bazel-remote does and nginx with WebDAV (https://bazel.build/remote/caching#http-caching).
 */
export class RemoteCache {
  readonly #base: URL;
  readonly #dispatcher: Dispatcher;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param url With user name and password if the server asks for them. */
  constructor(url: URL, dispatcher: Dispatcher) {
    this.#base = new URL(url);
    const { username, password } = url;
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#headers =
      username === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
    this.#base.username = '';
    this.#base.password = '';
    this.#dispatcher = dispatcher;
  }

  /** The bytes of an entry of the action cache, or undefined when there is none. Throws RemoteFailure. */
  async getEntry(hash: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#get(`ac/${hash}`, MAX_ENTRY_BYTES, signal);
  }

  /** The bytes with this hash; undefined when the server has none, or other bytes. Throws RemoteFailure. */
  async getBlob(sha256: string, sizeBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const bytes = await this.#get(`cas/${sha256}`, sizeBytes, signal);
    return bytes !== undefined && hashBytes(bytes) === sha256 ? bytes : undefined;
  }

  /**
   * Writes the bytes with this hash to a new file as they arrive: a kernel need not fit into memory. False when the
   * server has none, or other bytes; the file is then invalid. Throws RemoteFailure, and the system's errors for the
   * file.
   */
  async getFile(sha256: string, sizeBytes: number, file: string, signal: AbortSignal): Promise<boolean> {
    const handle = await open(file, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      const whole = await this.#read(`cas/${sha256}`, sizeBytes, signal, async (chunk) => {
        hash.update(chunk);
        await handle.writeFile(chunk);
      });
      return whole && hash.digest('hex') === sha256;
    } finally {
      await handle.close();
    }
  }

  async putEntry(hash: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#put(`ac/${hash}`, Buffer.from(bytes), bytes.length, signal);
  }

  async putBlob(sha256: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#put(`cas/${sha256}`, Buffer.from(bytes), bytes.length, signal);
  }

  /** Sends a file, unless the server already has it. */
  async putFile(sha256: string, file: string, signal: AbortSignal): Promise<void> {
    const known = await this.#request('HEAD', `cas/${sha256}`, signal);
    await known.body.dump();
    if (known.statusCode === 200) return;
    const { size } = await stat(file);
    await this.#put(`cas/${sha256}`, createReadStream(file), size, signal);
  }

  async #get(path: string, mostBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const chunks: Buffer[] = [];
    const whole = await this.#read(path, mostBytes, signal, (chunk) => void chunks.push(chunk));
    return whole ? Buffer.concat(chunks) : undefined;
  }

  /** Passes on the server's bytes, piece by piece; false when it has none, or more than `mostBytes`. */
  async #read(
    path: string,
    mostBytes: number,
    signal: AbortSignal,
    take: (chunk: Buffer) => void | Promise<void>,
  ): Promise<boolean> {
    const { statusCode, body } = await this.#request('GET', path, signal);
    if (statusCode !== 200) {
      await body.dump();
      if (statusCode === 404 || statusCode === 204) return false;
      throw new RemoteFailure(`it answers ${statusCode}`);
    }
    let bytes = 0;
    for await (const chunk of piecesOf(body, signal)) {
      bytes += chunk.length;
      // Anything longer than requested is something else, so the rest is not read.
      if (bytes > mostBytes) return false;
      await take(chunk);
    }
    return true;
  }

  async #put(
    path: string,
    body: Buffer | ReturnType<typeof createReadStream>,
    length: number,
    signal: AbortSignal,
  ): Promise<void> {
    const response = await this.#request('PUT', path, signal, {
      body,
      headers: { 'content-length': String(length), 'content-type': 'application/octet-stream' },
    });
    await response.body.dump();
    if (response.statusCode >= 300) throw new RemoteFailure(`it answers ${response.statusCode} to a PUT`);
  }

  async #request(
    method: 'GET' | 'HEAD' | 'PUT',
    path: string,
    signal: AbortSignal,
    more: { body?: Buffer | ReturnType<typeof createReadStream>; headers?: Record<string, string> } = {},
  ): Promise<Dispatcher.ResponseData> {
    const { request } = await import('undici');
    const url = new URL(this.#base);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
    try {
      return await request(url, {
        method,
        ...more,
        headers: { ...this.#headers, ...more.headers },
        headersTimeout: STALL_MS,
        bodyTimeout: STALL_MS,
        dispatcher: this.#dispatcher,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new RemoteFailure(describe(error));
    }
  }
}

/** The pieces of a body as they arrive. Its own errors become RemoteFailure; those of its reader do not. */
async function* piecesOf(body: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    signal.throwIfAborted();
    throw new RemoteFailure(describe(error));
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined
    ? error.message
    : `${error.message === '' ? 'no connection' : error.message} (${code})`;
}
