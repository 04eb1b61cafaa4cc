import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { systemErrorCode } from '../base/errors.ts';
import { DownloadFailure, explainNetworkError } from './download-failure.ts';
import { openResponse, type OpenResponse } from './open-response.ts';
import { readValidator, writeValidator } from './partial-file.ts';
import { progressReporter } from './report-progress.ts';
import type { SourceContext } from './source-context.ts';
import { redactUrls } from '../base/redact-urls.ts';

/** The transfer of one file from a server into a partial file. */
export interface Transfer {
  readonly receivedBytes: number;
  /** Hex sha256 of the received bytes. */
  digest(): string;
  /** Requests the missing bytes once. Throws DownloadFailure. */
  tryOnce(): Promise<void>;
  /** Discards the received bytes. */
  startOver(): Promise<void>;
  close(): Promise<void>;
}

export interface TransferSettings {
  readonly url: string;
  readonly sha256: string;
  readonly name: string;
  readonly partFile: string;
  readonly dispatcher: Dispatcher;
  readonly stallMs: number;
}

/** Opens a partial file, with the bytes of an earlier run. */
export async function openTransfer(settings: TransferSettings, context: SourceContext): Promise<Transfer> {
  const { url, sha256, dispatcher, stallMs } = settings;
  const { host } = new URL(url);
  const report = progressReporter(context);
  const handle = await open(settings.partFile, 'a+');
  let hash = createHash('sha256');
  let receivedBytes = 0;
  for await (const chunk of createReadStream(settings.partFile)) count(chunk as Buffer);

  function count(chunk: Buffer): void {
    hash.update(chunk);
    receivedBytes += chunk.length;
  }

  async function startOver(): Promise<void> {
    await handle.truncate(0);
    hash = createHash('sha256');
    receivedBytes = 0;
  }

  async function tryOnce(): Promise<void> {
    try {
      const headers = receivedBytes > 0 ? await rangeHeaders() : {};
      const response = await openResponse(url, { dispatcher, headers, signal: context.signal });
      try {
        await receive(response);
      } finally {
        // A body that is not read to its end emits an error event.
        response.body.on('error', () => undefined).destroy();
      }
    } catch (error) {
      if (error instanceof DownloadFailure || isOfDisk(error)) throw error;
      throw explainNetworkError(error, host, stallMs);
    }
  }

  async function rangeHeaders(): Promise<Record<string, string>> {
    const validator = await readValidator(context.storeDir, sha256);
    const ifRange = validator?.url === redactUrls(url) ? { 'if-range': validator.value } : {};
    return { range: `bytes=${receivedBytes}-`, ...ifRange };
  }

  async function receive(response: OpenResponse): Promise<void> {
    const totalBytes = await acceptAnswer(response);
    for await (const chunk of response.body) {
      await handle.appendFile(chunk as Buffer);
      count(chunk as Buffer);
      report({
        done: receivedBytes,
        ...(totalBytes === undefined ? {} : { total: totalBytes }),
        unit: 'bytes',
        text: settings.name,
      });
    }
    if (receivedBytes === 0) throw new DownloadFailure(`${host} sent an empty file`, 'no');
    if (totalBytes !== undefined && receivedBytes !== totalBytes) {
      throw new DownloadFailure(`${host} announced ${totalBytes} bytes and sent ${receivedBytes}`, 'later');
    }
  }

  /** Checks status and range, and prepares the partial file for the body; returns the size of the whole file. */
  async function acceptAnswer(response: OpenResponse): Promise<number | undefined> {
    if (response.status === 206) return acceptRange(response);
    if (response.status === 416) {
      await startOver();
      throw new DownloadFailure(`${host} has no more bytes than were already received (416)`, 'later');
    }
    if (response.status !== 200) throw failureOfStatus(response, host);
    // The whole file: it changed (If-Range), or the server does not support ranges.
    if (receivedBytes > 0) await startOver();
    const etag = response.header('etag');
    // Two files with different bytes may have the same weak ETag (RFC 9110, 13.1.5).
    const value = etag?.startsWith('"') === true ? etag : response.header('last-modified');
    if (value !== undefined) await writeValidator(context.storeDir, sha256, { url: redactUrls(url), value });
    const length = response.header('content-length');
    return length === undefined ? undefined : Number(length);
  }

  async function acceptRange(response: OpenResponse): Promise<number | undefined> {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.header('content-range') ?? '');
    if (Number(range?.[1]) !== receivedBytes) {
      await startOver();
      throw new DownloadFailure(`${host} sent a different part than requested`, 'later');
    }
    return range?.[2] === '*' ? undefined : Number(range?.[2]);
  }

  return {
    get receivedBytes() {
      return receivedBytes;
    },
    digest: () => hash.copy().digest('hex'),
    tryOnce,
    startOver,
    close: () => handle.close(),
  };
}

function isOfDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'].includes(systemErrorCode(error) ?? '');
}

function failureOfStatus(response: OpenResponse, host: string): DownloadFailure {
  const { status } = response;
  if (status === 404 || status === 410)
    return new DownloadFailure(`${host} does not have it (${status})`, 'no');
  if (status === 401 || status === 403)
    return new DownloadFailure(`${host} denies access to it (${status})`, 'no');
  if (status === 407) return new DownloadFailure('the proxy wants a user name and a password (407)', 'no');
  const passes = status >= 500 || status === 429 || status === 408;
  return new DownloadFailure(
    `${host} answers with status ${status}`,
    passes ? 'later' : 'no',
    retryAfterMs(response),
  );
}

/** Retry-After is a number of seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(response: OpenResponse): number | undefined {
  const value = response.header('retry-after');
  if (value === undefined) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}
